#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "protocol/pb.hpp"

namespace tallystick::import {

/// How far an identifier can be relied on.
enum class IdentifierKind {
    register_number,  ///< of a public register (org-id list), the same wherever it is quoted
    publisher,  ///< a publisher's own (360G, a portal's id): may change, may differ for one body
};

struct OrganisationId {
    pb::Identifier identifier;
    IdentifierKind kind = IdentifierKind::publisher;
};

/// Reads an id as published, such as `GB-CHC- 1153055 ` or `360G-ptc-ORG:some-slug`: spaces
/// dropped, letters of register numbers in upper case, leading zeros of company numbers put back.
/// Ids that the ledger cannot hold (other than printable ASCII, or too long) are kept under the
/// scheme with `-SHA256` as their hash. Nothing where no identifier is there: `GB-COH-n/a`,
/// `GB-CHC-`, a word where a number should be.
[[nodiscard]] std::optional<OrganisationId> organisation_id(std::string_view published);

/// A company number of Great Britain or Northern Ireland as Companies House writes it: eight
/// characters.
[[nodiscard]] std::optional<OrganisationId> company_number(std::string_view published);

/// A charity number: plain digits are England and Wales, SC… Scotland, NIC… Northern Ireland.
[[nodiscard]] std::optional<OrganisationId> charity_number(std::string_view published);

/// `GB-COH-01234567`: scheme, `-`, id.
[[nodiscard]] std::string text_of(const pb::Identifier& identifier);

}  // namespace tallystick::import
