#include "ledger/attempt.hpp"

#include <algorithm>
#include <ranges>

#include "ledger/actions/action.hpp"
#include "ledger/recording_view.hpp"

namespace tallystick::ledger {

namespace {

/// May it be taken by this ledger at this time? Cheapest first; needs no state.
std::optional<Skip> out_of_place_or_time(const DecodedEnvelope& envelope,
                                         const AttemptContext& context) {
    const auto& body = envelope.body;
    if (body.ledger_id() != context.ledger_id.text()) return Skip::wrong_ledger;
    if (body.valid_until() < context.now) return Skip::expired;
    if (body.valid_until() > context.now + validity_seconds_max) return Skip::too_distant;
    return std::nullopt;
}

/// What the accounts' policies say to the signatures.
enum class Say : std::uint8_t { not_authorised, authorised, of_a_removed_authority };

/// Has every account that the envelope names satisfied its policy, in the class that the value
/// moved calls for? A copy stripped of signatures fails here and burns nobody's id.
Say say_of_policies(const DecodedEnvelope& envelope, const Context& context,
                    const AttemptContext& attempt_context) {
    const auto& view = attempt_context.view;
    const auto acting = view.get(account_key(context.account));
    if (!acting) return Say::not_authorised;
    bool removed = !acting->successor().empty();
    std::vector<std::shared_ptr<const pb::Account>> others;
    others.reserve(envelope.co_signers.size());
    for (const auto& co_signer : envelope.co_signers) {
        others.push_back(view.get(account_key(co_signer)));
        if (!others.back()) return Say::not_authorised;
        removed = removed || !others.back()->successor().empty();
    }
    const auto authorised = removed ? Say::of_a_removed_authority : Say::authorised;
    if (!attempt_context.signatures_matter) return authorised;

    const auto moved = value_moved(envelope.body, view, context);
    const auto satisfied = [&](const pb::Account& account, bool policy_changes) {
        return is_satisfied(account.policy(), class_of(account.policy(), moved, policy_changes),
                            envelope.signers);
    };
    const bool agreed =
        satisfied(*acting, changes_policy(envelope.body)) &&
        std::ranges::all_of(others, [&](const auto& other) { return satisfied(*other, false); });
    return agreed ? authorised : Say::not_authorised;
}

/// Does the key stand for something that the ledger still has to do? Judging an envelope first
/// would let it overtake a deadline.
bool is_overdue(const std::string& key, const DueIndex& due, std::uint64_t now) {
    const auto earliest = key[0] == static_cast<char>(Kind::contract_totals)
                              ? due.earliest_of_contract(key)
                              : due.earliest_of(key);
    return earliest && *earliest <= now;
}

bool touches_overdue(const RecordingView& read, const Changes& written, const DueIndex& due,
                     std::uint64_t now) {
    return std::ranges::any_of(read.keys(),
                               [&](const auto& key) { return is_overdue(key, due, now); }) ||
           std::ranges::any_of(written | std::views::keys,
                               [&](const auto& key) { return is_overdue(key, due, now); });
}

Attempt execute_on(const StateView& view, const DecodedEnvelope& envelope, const Context& context) {
    Draft draft{view};
    Attempt made;
    made.refusal = execute_action(envelope.body, context, draft);
    if (!made.refusal) made.movements = draft.take_movements();
    made.changes = draft.take_changes();
    return made;
}

}  // namespace

Attempt attempt(const DecodedEnvelope& envelope, const AttemptContext& context) {
    Attempt skipped;
    skipped.skip = out_of_place_or_time(envelope, context);
    if (skipped.skip) return skipped;

    const Context rules{context.ledger_id, envelope.id.text(), envelope.body.account(),
                        envelope.co_signers, context.now};
    const auto say = say_of_policies(envelope, rules, context);
    if (say == Say::not_authorised) {
        skipped.skip = Skip::not_authorised;
        return skipped;
    }

    // Who left signs nothing, so its envelope touches nothing.
    const bool removed = say == Say::of_a_removed_authority;
    Attempt made;
    if (removed) made.refusal = Refusal::authority_removed;
    if (context.overdue_remain && !removed) {
        const RecordingView recording{context.view};
        made = execute_on(recording, envelope, rules);
        if (touches_overdue(recording, made.changes, context.due, context.now)) {
            skipped.skip = Skip::deadline_pending;
            return skipped;
        }
    }
    // Else one account could fill the log with refusals for nothing.
    if (context.at_refusal_limit) {
        skipped.skip = Skip::refusal_limit;
        return skipped;
    }
    if (!context.overdue_remain && !removed) made = execute_on(context.view, envelope, rules);
    if (made.refusal) made.changes.clear();
    return made;
}

}  // namespace tallystick::ledger
