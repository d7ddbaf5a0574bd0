#include "simulation/traitor/false_bundles.hpp"

#include <chrono>

#include "node/engine/bundle.hpp"
#include "node/engine/cometbft/application.hpp"
#include "protocol/canonical.hpp"
#include "protocol/pb.hpp"

namespace tallystick::traitor {
namespace {

std::string signed_bundle(const std::string& body, const SigningKey& key) {
    pb::Bundle bundle;
    bundle.set_body(body);
    bundle.set_signature(key.sign(bytes_of(tagged_message(domain::bundle, {body}))).str());
    return canonical_bytes(bundle);
}

std::uint64_t now_ms() {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                          std::chrono::system_clock::now().time_since_epoch())
                                          .count());
}

}  // namespace

void FalseBundles::saw_ordered(std::string_view bundle) {
    const auto parts = node::parse_bundle(bundle);
    if (!parts) return;
    const std::lock_guard lock{mutex_};
    chain_id_ = parts->chain_id;
    if (parts->envelopes.empty()) return;
    ordered_ = bundle;
    envelopes_.assign(parts->envelopes.begin(), parts->envelopes.end());
}

std::string FalseBundles::bundle(const Made& made) {
    const auto& key = made.own_key ? key_ : stranger_;
    pb::BundleBody body;
    body.set_node_key(key.public_key().str());
    body.set_chain_id(made.chain_id);
    body.set_time_ms(now_ms());
    // Beyond what the honest part of this node counts to.
    body.set_counter((std::uint64_t{1} << 48) + ++counter_);
    for (const auto& envelope : made.envelopes) body.add_envelopes(envelope);
    return signed_bundle(canonical_bytes(body), key);
}

std::optional<std::string> FalseBundles::tick() {
    const std::lock_guard lock{mutex_};
    if (chain_id_.empty()) return std::nullopt;
    return bundle({chain_id_, {}, true});
}

std::optional<std::vector<std::string>> FalseBundles::for_lie(Lie lie) {
    const std::lock_guard lock{mutex_};
    if (chain_id_.empty()) return std::nullopt;
    std::vector<std::string> made;
    if (lie == Lie::too_many_bundles) {
        while (made.size() <= node::proposal_bundles_max)
            made.push_back(bundle({chain_id_, {}, true}));
        return made;
    }
    auto one = one_for(lie);
    if (!one) return std::nullopt;
    made.push_back(std::move(*one));
    if (lie == Lie::twice) made.push_back(made.front());
    return made;
}

std::optional<std::string> FalseBundles::one_for(Lie lie) {
    if (lie == Lie::twice) return bundle({chain_id_, {}, true});
    if (lie == Lie::strangers_bundle) return bundle({chain_id_, envelopes_, false});
    if (lie == Lie::wrong_chain) return bundle({chain_id_ + "-other", {}, true});
    if (lie == Lie::malformed_bundle) return "no bundle at all";
    if (lie == Lie::bad_bundle_signature) {
        auto bytes = bundle({chain_id_, {}, true});
        bytes.back() = static_cast<char>(bytes.back() ^ 1);
        return bytes;
    }
    if (lie == Lie::oversize_bundle)
        return bundle({chain_id_, {std::string(node::bundle_bytes_max, 'x')}, true});
    if (lie == Lie::overfull_bundle)
        return bundle(
            {chain_id_, std::vector<std::string>(node::bundle_envelopes_max + 1, "x"), true});
    if (lie == Lie::unordered_bundle) {
        pb::Bundle honest;
        if (!honest.ParseFromString(bundle({chain_id_, {}, true}))) return std::nullopt;
        // The key after the chain's name: the same message, not the same bytes.
        pb::BundleBody body;
        pb::BundleBody key;
        if (!body.ParseFromString(honest.body())) return std::nullopt;
        key.set_node_key(body.node_key());
        body.clear_node_key();
        return signed_bundle(canonical_bytes(body) + canonical_bytes(key), key_);
    }
    if (envelopes_.empty()) return std::nullopt;
    if (lie == Lie::replayed_bundle) return ordered_;
    if (lie == Lie::replayed_envelopes) return bundle({chain_id_, envelopes_, true});
    if (lie == Lie::bad_envelope_signature) {
        auto false_ones = envelopes_;
        false_ones.back().back() = static_cast<char>(false_ones.back().back() ^ 1);
        return bundle({chain_id_, false_ones, true});
    }
    return std::nullopt;
}

}  // namespace tallystick::traitor
