#include "ledger/actions/action.hpp"

namespace tallystick::ledger {

namespace {

/// A name for machines and a sentence for people.
struct Words {
    std::string_view name;
    std::string_view sentence;
};

Words words_of(Malformed malformed) noexcept {
    switch (malformed) {
        case Malformed::bad_handle:
            return {"bad_handle",
                    "A handle is not written as it must be: parts of 3 to 40 lower-case letters, "
                    "digits and hyphens, such as suffolk/food-bank."};
        case Malformed::bad_identifier:
            return {"bad_identifier",
                    "An identifier needs a scheme such as GB-CHC and an id of 1 to 80 characters "
                    "without spaces."};
        case Malformed::bad_name:
            return {"bad_name",
                    "A name to show needs a language such as en and a text of 1 to 200 bytes "
                    "without control characters."};
        case Malformed::bad_policy:
            return {"bad_policy",
                    "The policy needs 1 to 16 different keys, and no rule may ask for more signers "
                    "than it has keys."};
        case Malformed::bad_key_proof:
            return {"bad_key_proof",
                    "A key's proof is missing, of another key, or false. Let each signer make the "
                    "proof for this account on this ledger."};
        case Malformed::bad_contract_id:
            return {"bad_contract_id",
                    "A contract is named by its authority, its ocid and its lot (which may be "
                    "empty). One of them is not written as it must be."};
        case Malformed::bad_code:
            return {"bad_code",
                    "A code of a resource, outcome or ward is 1 to 40 letters, digits, hyphens, "
                    "underscores and dots."};
        case Malformed::bad_amount:
            return {"bad_amount",
                    "An amount is zero or out of bounds. Give at least one hundredth and at most "
                    "90,071,992,547,409.91."};
        case Malformed::bad_quantity:
            return {"bad_quantity", "A quantity must be a whole number of units, at least 1."};
        case Malformed::bad_time:
            return {"bad_time", "A time is missing or lies after the year 9999."};
        case Malformed::bad_hash:
            return {"bad_hash", "A hash, a salt or the id of an entry is not 32 bytes long."};
        case Malformed::bad_reason:
            return {"bad_reason", "Choose a reason from the published list."};
        case Malformed::bad_order:
            return {"bad_order",
                    "A list is not in ascending order, or names the same thing twice."};
        case Malformed::bad_size:
            return {"bad_size",
                    "A list is empty, too long, or given where another stands already."};
        case Malformed::bad_enum:
            return {"bad_enum", "A choice is missing or not one of those listed."};
        case Malformed::bad_role:
            return {"bad_role",
                    "An organisation is registered as supplier, as project, or as both."};
        case Malformed::to_oneself:
            return {"to_oneself", "An account cannot do this to itself. Name the other account."};
        case Malformed::bad_claim:
            return {"bad_claim",
                    "Name the supplier whose credits these are by its full handle, such as "
                    "suffolk/builders."};
        case Malformed::missing_field: return {"missing_field", "Something required is missing."};
        case Malformed::bad_node:
            return {"bad_node",
                    "A node needs a public key that can sign blocks, not one of the authority's "
                    "signers, and a power of 1 to 1,000,000."};
        case Malformed::bad_parameter:
            return {"bad_parameter",
                    "The value is out of bounds: a time is at least one second, a limit at least "
                    "1 and at most 4,294,967,295."};
    }
    return {"unknown", "The form is wrong in a way that this program does not know."};
}

}  // namespace

std::string_view malformed_name(Malformed malformed) noexcept {
    return words_of(malformed).name;
}

std::string_view malformed_sentence(Malformed malformed) noexcept {
    return words_of(malformed).sentence;
}

}  // namespace tallystick::ledger
