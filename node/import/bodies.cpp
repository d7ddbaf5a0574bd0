#include "node/import/bodies.hpp"

#include <algorithm>
#include <map>

#include "node/import/ocds.hpp"
#include "node/import/text.hpp"
#include "protocol/canonical.hpp"
#include "protocol/types.hpp"

namespace tallystick::import {

namespace {

bool is_chosen(const ContractRow& row, const ContractTemplate& chosen) {
    const auto same_buyer = [&](const std::string& buyer) {
        return lower_ascii(clean_line(buyer)) == lower_ascii(row.buyer);
    };
    if (!chosen.buyers.empty() && !std::ranges::any_of(chosen.buyers, same_buyer)) return false;
    return chosen.ocids.empty() || std::ranges::find(chosen.ocids, row.ocid) != chosen.ocids.end();
}

void add(pb::PreparedBodies& bodies, const pb::Body& body, std::uint64_t row,
         std::string_view source) {
    auto& prepared = *bodies.add_bodies();
    prepared.set_body(canonical_bytes(body));
    prepared.set_row(row);
    prepared.set_source(std::string{source});
}

/// Handles' parts that are taken, each with the number that was last put behind it: a list of one
/// name a thousand times is not tried from 2 on for each.
using TakenParts = std::map<std::string, std::size_t>;

/// `wanted`, or with a number behind it if it is taken; still at most 40 characters.
std::string free_part(const std::string& wanted, TakenParts& taken) {
    constexpr std::size_t part_bytes_max = 40;
    auto part = wanted;
    auto [place, is_free] = taken.try_emplace(wanted, 1);
    while (!is_free) {
        const auto suffix = "-" + std::to_string(++place->second);
        part = wanted.substr(0, part_bytes_max - suffix.size());
        while (part.ends_with('-')) part.pop_back();
        part += suffix;
        is_free = taken.try_emplace(part, 1).second;
    }
    return part;
}

}  // namespace

pb::PreparedBodies contract_bodies(Preview& preview, const ContractTemplate& chosen,
                                   std::string_view source) {
    pb::PreparedBodies bodies;
    for (const auto& row : latest_by_ocid(preview.contracts)) {
        if (!is_chosen(row, chosen)) continue;
        if (row.value_pence == 0 && !chosen.terms.has_allocation_fixed()) {
            preview.note(row.row, "left_out_without_value");
            continue;
        }
        pb::Body body;
        body.set_account(chosen.authority);
        auto& open = *body.mutable_open_contract();
        open = chosen.terms;
        open.mutable_contract()->set_authority(chosen.authority);
        open.mutable_contract()->set_ocid(row.ocid);
        open.mutable_contract()->set_lot(chosen.lot);
        open.set_value_pence(row.value_pence);
        add(bodies, body, row.row, source);
    }
    return bodies;
}

pb::PreparedBodies organisation_bodies(const Preview& preview, std::string_view authority,
                                       pb::Role role, std::string_view source) {
    pb::PreparedBodies bodies;
    TakenParts taken;
    for (const auto& row : preview.organisations) {
        pb::Body body;
        body.set_account(std::string{authority});
        auto& registration = *body.mutable_register_();
        const auto wanted = row.person ? "sole-trader-" + row.identifiers.front().id().substr(0, 8)
                                       : slug_of(row.name);
        registration.set_handle(std::string{authority} + "/" + free_part(wanted, taken));
        registration.add_roles(role);
        for (const auto& identifier : row.identifiers) *registration.add_identifiers() = identifier;
        auto& name = *registration.add_names();
        name.set_language("en");
        name.set_text(row.person ? "Sole trader" : row.name);
        add(bodies, body, row.row, source);
    }
    return bodies;
}

std::string prepared_bodies_file(const pb::PreparedBodies& bodies) {
    return std::string{prepared_bodies_magic} + canonical_bytes(bodies);
}

}  // namespace tallystick::import
