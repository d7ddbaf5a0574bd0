#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tallystick::wallet {

/// A QR code of `text` in half-block characters, dark on light, for a terminal; nothing where this
/// build has no libqrencode or the text is too long. As secret as its text.
[[nodiscard]] std::optional<std::string> qr_code(std::string_view text);

}  // namespace tallystick::wallet
