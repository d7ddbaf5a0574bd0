#include "ledger/authorities.hpp"

#include <algorithm>

#include "protocol/ensure.hpp"

namespace tallystick::ledger {

std::shared_ptr<const pb::Authorities> authorities_of(const StateView& view) {
    auto found = view.get(authorities_key());
    ensure(found != nullptr, "a ledger has authorities");
    return found;
}

bool is_listed(const pb::Authorities& authorities, std::string_view handle) {
    return std::ranges::binary_search(
        authorities.handles(), handle, std::ranges::less{},
        [](const std::string& each) -> std::string_view { return each; });
}

bool is_authority(const StateView& view, std::string_view handle) {
    const auto authorities = view.get(authorities_key());
    return authorities != nullptr && is_listed(*authorities, handle);
}

std::string current_authority(const StateView& view, std::string_view handle) {
    // Ends: a successor was an authority when it was named, and who was removed never comes back.
    std::string current{handle};
    for (auto account = view.get(account_key(current)); account && !account->successor().empty();
         account = view.get(account_key(current)))
        current = account->successor();
    return current;
}

bool acts_for(std::string_view named, const Context& context, const StateView& view) {
    return context.account == named || current_authority(view, named) == context.account;
}

bool has_signed_for(std::string_view named, const Context& context, const StateView& view) {
    return context.has_signed(named) || context.has_signed(current_authority(view, named));
}

}  // namespace tallystick::ledger
