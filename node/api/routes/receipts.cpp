#include "node/api/problem.hpp"
#include "node/api/reading.hpp"
#include "node/api/routes/routes.hpp"
#include "node/api/target.hpp"
#include "protocol/canonical.hpp"
#include "protocol/receipt.hpp"

/// GET /v1/receipts/...: statements with their proofs.
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

template <class Proved>
pb::Receipt begin_receipt(const NodeService& node, const Proved& proved) {
    pb::Receipt receipt;
    receipt.set_ledger_id(node.ledger_id().str());
    *receipt.mutable_app_state() = proved.app_state;
    *receipt.mutable_block() = proved.block;
    return receipt;
}

Late refuse(const Reply& reply, Response response) {
    reply([response = std::move(response)] { return response; });
    return {};
}

/// What is done with the proved state entries to make the statement.
using Fill = std::function<void(const ProvedState&, pb::Receipt&)>;

Late prove(const NodeService& node, std::vector<std::string> keys, Form form, Fill fill,
           const Reply& reply) {
    node.prove_state(std::move(keys), [&node, form, fill = std::move(fill),
                                       reply](Result<ProvedState, ReadError> proved) {
        auto shared = std::make_shared<Result<ProvedState, ReadError>>(std::move(proved));
        reply([&node, form, fill, shared] {
            if (!*shared) return problem_of(shared->error(), Code::internal_error, "");
            auto receipt = begin_receipt(node, **shared);
            fill(**shared, receipt);
            return receipt_response(receipt, form);
        });
    });
    return {};
}

Late outcome(const NodeService& node, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    const auto id = parameters.id_at(0);
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    const auto logged = node.lookup(id);
    if (!logged)
        return refuse(reply, problem_of(logged.error(), Code::unknown_envelope,
                                        "Only what is in the log has an outcome to prove."));
    node.prove_entry(logged->log_index, [&node, form = form_of(request),
                                         reply](Result<ProvedEntry, ReadError> proved) {
        auto shared = std::make_shared<Result<ProvedEntry, ReadError>>(std::move(proved));
        reply([&node, form, shared] {
            if (!*shared) return problem_of(shared->error(), Code::unknown_envelope, "");
            auto receipt = begin_receipt(node, **shared);
            *receipt.mutable_outcome() = (*shared)->item;
            receipt.set_envelope((*shared)->envelope);
            return receipt_response(receipt, form);
        });
    });
    return {};
}

Late redemption(const NodeService& node, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    const auto id = parameters.id_at(0).str();
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    std::vector<std::string> keys{redemption_key(id).bytes};
    const auto missing = with_snapshot(node, [&](const Snapshot& snapshot) {
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
        node, std::move(keys), form_of(request),
        [](const ProvedState& proved, pb::Receipt& receipt) {
            for (const auto& item : proved.items) *receipt.mutable_redemption()->add_items() = item;
        },
        reply);
}

Late balance(const NodeService& node, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    pb::Claim claim;
    const auto account = parameters.required("account", parameters.handle("account"));
    auto& contract = *claim.mutable_contract();
    contract.set_authority(parameters.required("authority", parameters.handle("authority")));
    contract.set_ocid(parameters.required("ocid", parameters.ocid("ocid")));
    contract.set_lot(parameters.lot("lot").value_or(""));
    claim.set_supplier(parameters.required("supplier", parameters.handle("supplier")));
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    return prove(
        node, {balance_key(account, claim).bytes}, form_of(request),
        [](const ProvedState& proved, pb::Receipt& receipt) {
            *receipt.mutable_balance() = proved.items.at(0);
        },
        reply);
}

Late state(const NodeService& node, const Request& request, const Reply& reply) {
    Parameters parameters{request};
    const auto key = parameters.bytes_at(0);
    if (!parse_key(key)) parameters.refuse("key", "a key of the state (docs/FORMATS.md)");
    if (auto fault = parameters.fault()) return refuse(reply, std::move(*fault));
    const bool is_balance = static_cast<Kind>(key.front()) == Kind::balance;
    return prove(
        node, {key}, form_of(request),
        [is_balance](const ProvedState& proved, pb::Receipt& receipt) {
            (is_balance ? *receipt.mutable_balance() : *receipt.mutable_entry()) =
                proved.items.at(0);
        },
        reply);
}

using Prove = Late (*)(const NodeService&, const Request&, const Reply&);

Route receipt_route(std::string_view pattern, const NodeService& node, Prove answer) {
    return {Method::get, pattern, [&node, answer](const Request& request, const Reply& reply) {
                return answer(node, request, reply);
            }};
}

}  // namespace

void add_receipts(std::vector<Route>& routes, const NodeService& node) {
    routes.push_back(receipt_route("/v1/receipts/outcome/{}", node, outcome));
    routes.push_back(receipt_route("/v1/receipts/redemption/{}", node, redemption));
    routes.push_back(receipt_route("/v1/receipts/balance", node, balance));
    routes.push_back(receipt_route("/v1/receipts/state/{}", node, state));
}

}  // namespace tallystick::node::api
