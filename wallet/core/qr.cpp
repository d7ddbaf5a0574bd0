#include "wallet/core/qr.hpp"

#ifdef TALLYSTICK_HAVE_QRENCODE
#include <qrencode.h>

#include <memory>
#endif

namespace tallystick::wallet {

#ifdef TALLYSTICK_HAVE_QRENCODE

std::optional<std::string> qr_code(std::string_view text) {
    const std::string content{text};
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code{
        QRcode_encodeString(content.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 0), &QRcode_free};
    if (!code) return std::nullopt;
    constexpr int quiet = 2;  // light modules around it, else phones do not find its corners
    const auto dark = [&](int x, int y) {
        return x >= 0 && y >= 0 && x < code->width && y < code->width &&
               (code->data[y * code->width + x] & 1U) != 0;
    };
    std::string drawn;
    for (int y = -quiet; y < code->width + quiet; y += 2) {
        for (int x = -quiet; x < code->width + quiet; ++x) {
            const bool above = dark(x, y);
            const bool below = dark(x, y + 1);
            drawn += above ? (below ? " " : "▄") : (below ? "▀" : "█");
        }
        drawn += "\n";
    }
    return drawn;
}

#else

std::optional<std::string> qr_code(std::string_view) {
    return std::nullopt;
}

#endif

}  // namespace tallystick::wallet
