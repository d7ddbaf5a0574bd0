#include "node/import/json_file.hpp"

#include "node/import/text.hpp"

namespace tallystick::import {

using nlohmann::json;

Result<json, FileError> parse_json_file(const std::string& bytes) {
    constexpr int depth_max = 64;
    const auto decoded = decode_file(bytes);
    bool too_deep = false;
    const auto watch_depth = [&](int depth, json::parse_event_t, json&) {
        too_deep = too_deep || depth > depth_max;
        return depth <= depth_max;
    };
    try {
        auto parsed = json::parse(decoded.text, watch_depth);
        if (too_deep) {
            return Failure{FileError{
                "The file nests lists or objects deeper than 64 levels; no published notice does. "
                "Choose the file that the publisher gave out."}};
        }
        return parsed;
    } catch (const json::parse_error& error) {
        return Failure{FileError{"The file is not JSON: it breaks at byte " +
                                 std::to_string(error.byte) +
                                 ". It may have been cut off while downloading; fetch it again."}};
    } catch (const json::exception&) {
        return Failure{
            FileError{"The file holds a number that no computer can keep; mend it and try again."}};
    }
}

const json* json_member(const json& object, const char* name) {
    if (!object.is_object()) return nullptr;
    const auto found = object.find(name);
    return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string json_text(const json& object, const char* name) {
    const auto* found = json_member(object, name);
    if (found == nullptr) return {};
    if (found->is_string()) return found->get<std::string>();
    if (found->is_number_integer()) return found->dump();
    return {};
}

}  // namespace tallystick::import
