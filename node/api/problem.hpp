#pragma once

#include <string>
#include <string_view>

#include "node/api/http.hpp"
#include "node/node_service.hpp"

/// Errors of the API: RFC 9457, with a stable code for machines.
namespace tallystick::node::api {

/// On the wire by name: append, never rename. protocol/openapi.yaml lists them.
enum class Code : std::uint8_t {
    bad_request,
    bad_parameter,
    unknown_parameter,
    too_deep,
    unknown_route,
    method_not_allowed,
    not_acceptable,
    unsupported_media_type,
    body_too_large,
    too_many_envelopes,
    headers_too_large,
    request_timeout,
    too_many_requests,
    busy,
    too_many_connections,
    upgrade_required,
    unknown_envelope,
    unknown_block,
    unknown_handover,
    unknown_account,
    unknown_contract,
    unknown_award,
    unknown_redemption,
    unknown_proposal,
    not_yet_provable,
    log_sizes_out_of_range,
    read_only,
    no_progress,
    observer,
    segment_ended,
    stopping,
    damaged_record,
    internal_error,
};

[[nodiscard]] std::string_view code_name(Code code) noexcept;
[[nodiscard]] unsigned status_of(Code code) noexcept;

/// The answer for an error: status, title and Retry-After follow from the code; `detail` says what
/// happened, to what, and what to do.
[[nodiscard]] Response problem(Code code, std::string_view detail);

/// What could not be read: `missing` and `detail` are for what was not found; the rest says itself.
[[nodiscard]] Response problem_of(ReadError error, Code missing, std::string_view detail);

/// Puts the request's id into a problem's body.
void name_request(Response& response, std::string_view request_id);

}  // namespace tallystick::node::api
