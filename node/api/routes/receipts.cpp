#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "node/trail.hpp"
#include "protocol/canonical.hpp"
#include "protocol/receipt.hpp"

/// GET /v1/receipts/...: statements with their proofs; GET /v1/trail: the way to the newest header.
namespace tallystick::node::api {

namespace {

enum class Form : std::uint8_t { file, message };

Form form_of(const Request& request) {
    return names(request.accept, content::protobuf) ? Form::message : Form::file;
}

Response receipt_response(const pb::Receipt& receipt, Form form) {
    Response response;
    response.content_type = form == Form::file ? content::receipt : content::protobuf;
    response.body = form == Form::file ? receipt_file(receipt) : canonical_bytes(receipt);
    response.caching = Caching::revalidate;
    const auto& header = receipt.block().header();
    // The header proves the state after the block before it.
    response.as_of = AsOf{static_cast<std::uint64_t>(header.height() - 1),
                          static_cast<std::uint64_t>(header.time().seconds())};
    return response;
}

/// What every receipt is made with, and how it is asked for.
struct Wanted {
    const NodeService& node;
    std::shared_ptr<const Trails> trails;
    Form form = Form::file;
    std::uint64_t from = 1;  ///< height of a block that the reader trusts
    Trails::Show show = Trails::Show::needed;
};

/// The answer around what is proved; `fill` makes the statement.
template <class Proved>
Response receipt_around(const Wanted& wanted, const Result<Proved, ReadError>& proved, Code missing,
                        const std::function<void(const Proved&, pb::Receipt&)>& fill) {
    if (!proved) return problem_of(proved.error(), missing, "");
    pb::Receipt receipt;
    receipt.set_ledger_id(wanted.node.ledger_id().str());
    *receipt.mutable_app_state() = proved->app_state;
    *receipt.mutable_block() = proved->block;
    if (const auto led = wanted.trails->lead(wanted.from, wanted.show, receipt); !led)
        return problem_of(led.error(), Code::unknown_block,
                          "The node has no block of the height `from`, or lacks one behind it.");
    fill(*proved, receipt);
    return receipt_response(receipt, wanted.form);
}

Late refuse(const Reply& reply, Response response) {
    reply([response = std::move(response)] { return response; });
    return {};
}

std::uint64_t from_of(Parameters& parameters) {
    return parameters.number("from", 1, INT64_MAX, 1);
}

/// What is done with the proved state entries to make the statement.
using Fill = std::function<void(const ProvedState&, pb::Receipt&)>;

Late prove(const Wanted& wanted, std::vector<std::string> keys, Fill fill, const Reply& reply) {
    wanted.node.prove_state(std::move(keys), [wanted, fill = std::move(fill),
                                              reply](Result<ProvedState, ReadError> proved) {
        auto shared = std::make_shared<Result<ProvedState, ReadError>>(std::move(proved));
        reply([wanted, fill, shared] {
            return receipt_around<ProvedState>(wanted, *shared, Code::internal_error, fill);
        });
    });
    return {};
}

Late outcome(Wanted wanted, const Request& request, const Reply& reply) {
    const auto& node = wanted.node;
    Parameters parameters{request};
    wanted.from = from_of(parameters);
    const auto id = parameters.id_at(0);
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    const auto logged = node.lookup(id);
    if (!logged)
        return refuse(reply, problem_of(logged.error(), Code::unknown_envelope,
                                        "Only what is in the log has an outcome to prove."));
    node.prove_entry(logged->log_index, [wanted, reply](Result<ProvedEntry, ReadError> proved) {
        auto shared = std::make_shared<Result<ProvedEntry, ReadError>>(std::move(proved));
        reply([wanted, shared] {
            return receipt_around<ProvedEntry>(wanted, *shared, Code::unknown_envelope,
                                               [](const ProvedEntry& entry, pb::Receipt& receipt) {
                                                   *receipt.mutable_outcome() = entry.item;
                                                   receipt.set_envelope(entry.envelope);
                                               });
        });
    });
    return {};
}

Late redemption(Wanted wanted, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    wanted.from = from_of(parameters);
    const auto id = parameters.id_at(0).str();
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    std::vector<std::string> keys{redemption_key(id).bytes};
    const auto missing = with_snapshot(wanted.node, [&](const Snapshot& snapshot) {
        const auto found = snapshot.state().get(redemption_key(id));
        if (!found)
            return problem(Code::unknown_redemption,
                           "A redemption is named by the id of the envelope that asked for it.");
        for (std::uint32_t number = 0; number < found->lines(); ++number)
            keys.push_back(redemption_line_key(id, number).bytes);
        return Response{};
    });
    if (missing.status != 200) return refuse(reply, missing);
    return prove(
        wanted, std::move(keys),
        [](const ProvedState& proved, pb::Receipt& receipt) {
            for (const auto& item : proved.items) *receipt.mutable_redemption()->add_items() = item;
        },
        reply);
}

Late balance(Wanted wanted, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    wanted.from = from_of(parameters);
    pb::Claim claim;
    const auto account = parameters.required("account", parameters.handle("account"));
    auto& contract = *claim.mutable_contract();
    contract.set_authority(parameters.required("authority", parameters.handle("authority")));
    contract.set_ocid(parameters.required("ocid", parameters.ocid("ocid")));
    contract.set_lot(parameters.lot("lot").value_or(""));
    claim.set_supplier(parameters.required("supplier", parameters.handle("supplier")));
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    return prove(
        wanted, {balance_key(account, claim).bytes},
        [](const ProvedState& proved, pb::Receipt& receipt) {
            *receipt.mutable_balance() = proved.items.at(0);
        },
        reply);
}

Late state(Wanted wanted, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    wanted.from = from_of(parameters);
    const auto key = parameters.bytes_at(0);
    if (!parse_key(key)) parameters.refuse("key", "a key of the state (docs/FORMATS.md)");
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    const bool is_balance = static_cast<Kind>(key.front()) == Kind::balance;
    return prove(
        wanted, {key},
        [is_balance](const ProvedState& proved, pb::Receipt& receipt) {
            (is_balance ? *receipt.mutable_balance() : *receipt.mutable_entry()) =
                proved.items.at(0);
        },
        reply);
}

/// A receipt without a statement: what leads to the newest header, and what that carries.
Late trail(Wanted wanted, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    wanted.from = from_of(parameters);
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    wanted.show = Trails::Show::changes;
    wanted.form = Form::message;
    return prove(
        wanted, {}, [](const ProvedState&, pb::Receipt&) {}, reply);
}

using Prove = Late (*)(Wanted, const Request&, const Reply&);

Route receipt_route(std::string_view pattern, const Wanted& wanted, Prove answer) {
    return {Method::get, pattern, [wanted, answer](const Request& request, const Reply& reply) {
                auto asked = wanted;
                asked.form = form_of(request);
                return answer(std::move(asked), request, reply);
            }};
}

}  // namespace

void add_receipts(std::vector<Route>& routes, const NodeService& node,
                  const std::shared_ptr<const Trails>& trails) {
    const Wanted wanted{node, trails};
    routes.push_back(receipt_route("/v1/receipts/outcome/{}", wanted, outcome));
    routes.push_back(receipt_route("/v1/receipts/redemption/{}", wanted, redemption));
    routes.push_back(receipt_route("/v1/receipts/balance", wanted, balance));
    routes.push_back(receipt_route("/v1/receipts/state/{}", wanted, state));
    routes.push_back(receipt_route("/v1/trail", wanted, trail));
}

}  // namespace tallystick::node::api
