#include "bench/world.hpp"

#include <algorithm>
#include <cstdio>
#include <thread>

#include "ledger/state_machine.hpp"
#include "protocol/canonical.hpp"
#include "protocol/ensure.hpp"
#include "protocol/envelope.hpp"

namespace tallystick::bench {

namespace {

constexpr std::string_view authority_handle = "bench";
constexpr std::string_view supplier_handle = "bench/supplier";
constexpr std::uint64_t day = 86400;
constexpr std::size_t lines_per_award = 256;
constexpr std::uint64_t units_per_line = 10000;
constexpr std::uint64_t bidding_seconds = 5;

pb::Policy policy_of(const SigningKey& key) {
    pb::Policy policy;
    policy.add_keys(key.public_key().str());
    policy.set_routine_threshold(1);
    policy.set_amount_limit(Amount::hundredths_max);
    policy.set_above_threshold(1);
    policy.set_policy_threshold(1);
    return policy;
}

pb::KeyProof proof_of(const SigningKey& key, const LedgerId& ledger_id, std::string_view account) {
    pb::KeyProof proof;
    proof.set_public_key(key.public_key().str());
    const auto message = key_proof_message(ledger_id, account, key.public_key().text());
    proof.set_signature(key.sign(bytes_of(message)).str());
    return proof;
}

pb::Identifier identifier(std::string_view id) {
    pb::Identifier made;
    made.set_scheme("BENCH");
    made.set_id(std::string{id});
    return made;
}

pb::DisplayName english(std::string_view text) {
    pb::DisplayName name;
    name.set_language("en");
    name.set_text(std::string{text});
    return name;
}

std::vector<SigningKey> generate(std::size_t count) {
    std::vector<SigningKey> keys;
    keys.reserve(count);
    for (std::size_t i = 0; i < count; ++i) keys.push_back(SigningKey::generate());
    return keys;
}

/// `bench`, `bench-02`, `bench-03`: in this order they ascend.
std::string authority_name(std::size_t number) {
    if (number == 0) return std::string{authority_handle};
    const auto digits = std::to_string(number + 1);
    return std::string{authority_handle} + '-' + std::string(2 - digits.size(), '0') + digits;
}

pb::GenesisFile make_genesis(const SigningKey& authority, const std::vector<SigningKey>& others,
                             const std::vector<SigningKey>& nodes, std::uint64_t now,
                             pb::Engine engine) {
    const auto signer = [&](std::size_t number) -> const SigningKey& {
        return number == 0 ? authority : others[number - 1];
    };
    pb::Genesis genesis;
    genesis.set_name("bench");
    genesis.set_time(now);
    genesis.set_engine(engine);
    *genesis.mutable_parameters() = ledger::default_parameters();
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        auto& founder = *genesis.add_authorities();
        founder.set_handle(authority_name(i));
        *founder.add_identifiers() = identifier("authority-" + std::to_string(i + 1));
        *founder.add_names() = english("Benchmark authority (fictional)");
        *founder.mutable_policy() = policy_of(signer(i));
        founder.mutable_node()->set_public_key(nodes[i].public_key().str());
        founder.mutable_node()->set_power(10);
    }
    pb::GenesisFile file;
    file.set_genesis(canonical_bytes(genesis));
    const LedgerId ledger_id{sha256(file.genesis()).bytes};
    for (std::size_t i = 0; i < nodes.size(); ++i)
        *file.add_proofs()->add_proofs() = proof_of(signer(i), ledger_id, authority_name(i));
    return file;
}

}  // namespace

World::World(std::size_t projects, std::uint64_t now, std::size_t authorities, pb::Engine engine)
    : authority_(SigningKey::generate()),
      supplier_(SigningKey::generate()),
      others_(generate(authorities - 1)),
      node_keys_(generate(authorities)),
      projects_(generate(projects)),
      genesis_file_(make_genesis(authority_, others_, node_keys_, now, engine)),
      ledger_id_{sha256(genesis_file_.genesis()).bytes} {}

std::string World::project(std::size_t number) const {
    return "bench/project-" + std::to_string(100000 + number);
}

pb::Body World::body(std::string_view account, std::uint64_t now) const {
    pb::Body made;
    made.set_ledger_id(ledger_id_.str());
    made.set_account(std::string{account});
    made.set_nonce(random_string(nonce_bytes));
    made.set_valid_until(now + day);
    return made;
}

pb::Claim World::claim() const {
    pb::Claim made;
    made.mutable_contract()->set_authority(std::string{authority_handle});
    made.mutable_contract()->set_ocid("ocds-bench-000001");
    made.set_supplier(std::string{supplier_handle});
    return made;
}

pb::Body World::registration(std::string_view handle, pb::Role role, const SigningKey& key,
                             std::uint64_t now) const {
    auto made = body(authority_handle, now);
    auto& action = *made.mutable_register_();
    action.set_handle(std::string{handle});
    action.add_roles(role);
    *action.add_identifiers() = identifier(handle);
    *action.add_names() = english(handle);
    *action.mutable_policy() = policy_of(key);
    *action.add_proofs() = proof_of(key, ledger_id_, handle);
    return made;
}

std::vector<std::vector<std::string>> World::founding(std::uint64_t now) {
    bids_close_ = now + bidding_seconds;
    std::vector<std::string> first, registrations, applications, accreditations;
    const std::vector<const SigningKey*> authority{&authority_};
    first.push_back(
        sign_envelope(registration(supplier_handle, pb::ROLE_SUPPLIER, supplier_, now), authority));
    auto open = body(authority_handle, now);
    auto& contract = *open.mutable_open_contract();
    *contract.mutable_contract() = claim().contract();
    contract.set_allocation_fixed(Amount::hundredths_max);
    auto& price = *contract.add_prices();
    price.set_resource("hour");
    price.set_kind(pb::RESOURCE_KIND_TIME);
    price.set_unit(pb::RESOURCE_UNIT_HOUR);
    price.set_hundredths_per_unit(100);
    contract.add_outcomes("skills");
    contract.add_wards("ward");
    contract.set_bids_close(bids_close_);
    contract.set_redemption_deadline(now + 400 * day);
    first.push_back(sign_envelope(open, authority));
    for (std::size_t i = 0; i < projects_.size(); ++i) {
        registrations.push_back(sign_envelope(
            registration(project(i), pb::ROLE_PROJECT, projects_[i], now), authority));
        auto apply = body(project(i), now);
        auto& application = *apply.mutable_apply_for_accreditation();
        *application.mutable_contract() = claim().contract();
        application.add_outcomes("skills");
        application.add_wards("ward");
        applications.push_back(sign_envelope(apply, {&projects_[i]}));
        auto accredit = body(authority_handle, now);
        auto& grant = *accredit.mutable_accredit();
        *grant.mutable_contract() = claim().contract();
        grant.set_project(project(i));
        grant.add_outcomes("skills");
        grant.add_wards("ward");
        grant.set_expires(now + 300 * day);
        grant.mutable_relevance()->set_code(pb::REASON_CODE_RELEVANT_TO_OUTCOMES);
        accreditations.push_back(sign_envelope(accredit, authority));
    }
    return {std::move(first), std::move(registrations), std::move(applications),
            std::move(accreditations)};
}

std::vector<std::string> World::awards(std::uint64_t now, std::vector<std::string>& ids) const {
    std::vector<std::string> made;
    for (std::size_t from = 0; from < projects_.size(); from += lines_per_award) {
        auto one = body(authority_handle, now);
        one.add_co_signers(std::string{supplier_handle});
        auto& award = *one.mutable_award();
        *award.mutable_contract() = claim().contract();
        award.set_supplier(std::string{supplier_handle});
        award.set_standstill_ends(now + 1);
        for (std::size_t i = from; i < std::min(from + lines_per_award, projects_.size()); ++i) {
            auto& line = *award.add_lines();
            line.set_project(project(i));
            line.set_resource("hour");
            line.set_quantity(units_per_line);
            line.set_outcome("skills");
            line.set_ward("ward");
            line.set_due(now + 200 * day);
        }
        ids.push_back(envelope_id(canonical_bytes(one)).str());
        made.push_back(sign_envelope(one, {&authority_, &supplier_}));
    }
    return made;
}

std::vector<std::string> World::passes(std::uint64_t now,
                                       const std::vector<std::string>& awards) const {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < projects_.size(); ++i) {
        auto one = body(supplier_handle, now);
        auto& pass = *one.mutable_transfer_awarded();
        pass.set_award(awards[i / lines_per_award]);
        pass.set_line(static_cast<std::uint32_t>(i % lines_per_award));
        pass.set_quantity(units_per_line);
        pass.set_to(project(i));
        made.push_back(sign_envelope(one, {&supplier_}));
    }
    return made;
}

std::vector<std::string> World::transfers(std::size_t count, std::uint64_t now,
                                          std::uint64_t seed) const {
    std::vector<std::string> made(count);
    const auto sign_some = [&](std::size_t first, std::size_t step) {
        for (std::size_t i = first; i < count; i += step) {
            // A fixed stride through the accounts: every account sends and receives, no two runs
            // are alike by luck.
            const auto from = (i * 7919 + seed) % projects_.size();
            const auto to = (from + 1 + i % (projects_.size() - 1)) % projects_.size();
            auto one = body(project(from), now);
            auto& transfer = *one.mutable_transfer();
            *transfer.mutable_claim() = claim();
            transfer.set_amount(1);
            transfer.set_to(project(to));
            made[i] = sign_envelope(one, {&projects_[from]});
        }
    };
    const auto threads = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::jthread> workers;
    for (unsigned t = 0; t < threads; ++t) workers.emplace_back(sign_some, t, threads);
    return made;
}

}  // namespace tallystick::bench
