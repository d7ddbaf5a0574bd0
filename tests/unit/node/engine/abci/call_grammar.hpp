#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// The published grammar of the calls that a correct engine makes (CometBFT's "expected behavior",
/// ABCI 2.0, without vote extensions), as something that reads them one by one.
namespace tallystick::node::abci::test {

/// The calls that the grammar orders. The others may come at any time.
enum class Call {
    info,
    init_chain,
    offer_snapshot,
    apply_chunk,
    prepare_proposal,
    process_proposal,
    finalize_block,
    commit
};

[[nodiscard]] constexpr std::string_view name_of(Call call) {
    switch (call) {
        case Call::info: return "info";
        case Call::init_chain: return "init_chain";
        case Call::offer_snapshot: return "offer_snapshot";
        case Call::apply_chunk: return "apply_chunk";
        case Call::prepare_proposal: return "prepare_proposal";
        case Call::process_proposal: return "process_proposal";
        case Call::finalize_block: return "finalize_block";
        case Call::commit: return "commit";
    }
    return "";
}

/// Says of each call whether a correct engine may make it now. Info may come at any time besides
/// (somebody asks the engine over its RPC), so it is never wrong.
class CallGrammar {
  public:
    /// How the process of the engine begins.
    enum class Start {
        clean,    ///< neither engine nor application holds anything
        recovery  ///< one of them does
    };

    explicit CallGrammar(Start start) : start_(start) {}

    /// The engine was stopped or killed and begins again.
    void restart() {
        start_ = Start::recovery;
        stage_ = Stage::nothing;
        height_.reset();
    }

    /// `height` for proposals and blocks, which must be those of the height at hand. After a false
    /// answer the grammar must not be asked again.
    [[nodiscard]] bool take(Call call, std::optional<std::uint64_t> height = std::nullopt) {
        switch (call) {
            case Call::info: return take_info();
            case Call::init_chain: return move(stage_ == Stage::greeted, Stage::deciding);
            case Call::offer_snapshot:
                return move((stage_ == Stage::nothing && start_ == Start::clean) ||
                                stage_ == Stage::offered || stage_ == Stage::applying ||
                                stage_ == Stage::synced ||
                                (stage_ == Stage::greeted && start_ == Start::clean),
                            Stage::offered);
            case Call::apply_chunk:
                return move(stage_ == Stage::offered || stage_ == Stage::applying ||
                                stage_ == Stage::synced,
                            Stage::applying);
            case Call::prepare_proposal:
            case Call::process_proposal:
                return may_decide() && is_of(height) && move(true, Stage::deciding);
            case Call::finalize_block:
                return may_decide() && is_of(height) && move(true, Stage::finalized);
            case Call::commit:
                if (height_) ++*height_;
                return move(stage_ == Stage::finalized, Stage::deciding);
        }
        return false;
    }

  private:
    /// What has come of the grammar's rules.
    enum class Stage {
        nothing,
        greeted,   ///< app-handshake or recovery: info
        offered,   ///< state-sync: offer-snapshot without a chunk
        applying,  ///< state-sync: at least one chunk
        synced,    ///< state-sync: info after it; what follows shows whether it was the last one
        deciding,  ///< consensus-height, before finalize-block
        finalized  ///< consensus-height, before commit
    };

    bool take_info() {
        if (stage_ == Stage::nothing) stage_ = Stage::greeted;
        if (stage_ == Stage::applying) stage_ = Stage::synced;
        return true;
    }

    [[nodiscard]] bool may_decide() const {
        return stage_ == Stage::deciding || stage_ == Stage::synced ||
               (stage_ == Stage::greeted && start_ == Start::recovery);
    }

    [[nodiscard]] bool is_of(std::optional<std::uint64_t> height) {
        if (!height_) height_ = height;
        return !height || height_ == height;
    }

    bool move(bool allowed, Stage next) {
        if (allowed) stage_ = next;
        return allowed;
    }

    Start start_;
    Stage stage_ = Stage::nothing;
    std::optional<std::uint64_t> height_;
};

}  // namespace tallystick::node::abci::test
