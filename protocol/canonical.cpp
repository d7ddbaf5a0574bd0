#include "protocol/canonical.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/stubs/logging.h>

#include <climits>
#include <map>
#include <vector>

#include "protocol/ensure.hpp"

namespace tallystick {

namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using google::protobuf::Message;
using google::protobuf::OneofDescriptor;
using google::protobuf::Reflection;

struct Plan;

struct SubMessage {
    const FieldDescriptor* field;
    const Plan* plan;
};

/// What has to be looked at in a message of one type, worked out once: a message without enums or
/// messages inside costs one look at its unknown fields.
struct Plan {
    std::vector<const FieldDescriptor*> enums;
    std::vector<SubMessage> messages;  ///< outside of a oneof
    std::vector<const OneofDescriptor*> oneofs;
    std::map<int, const Plan*> choices;  ///< field number of a oneof's message to its plan
};

using Plans = std::map<const Descriptor*, Plan>;

const Plan* make_plan(const Descriptor& type, Plans& plans) {
    const auto [at, is_new] = plans.try_emplace(&type);
    auto& plan = at->second;
    if (!is_new) return &plan;
    for (int i = 0; i < type.oneof_decl_count(); ++i) plan.oneofs.push_back(type.oneof_decl(i));
    for (int i = 0; i < type.field_count(); ++i) {
        const auto* field = type.field(i);
        if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
            plan.enums.push_back(field);
        } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
            const auto* inside = make_plan(*field->message_type(), plans);
            if (field->containing_oneof() != nullptr) {
                plan.choices.emplace(field->number(), inside);
            } else {
                plan.messages.push_back({field, inside});
            }
        }
    }
    for (int i = 0; i < type.nested_type_count(); ++i) make_plan(*type.nested_type(i), plans);
    return &plan;
}

void make_plans(const FileDescriptor& file, Plans& plans) {
    for (int i = 0; i < file.message_type_count(); ++i) make_plan(*file.message_type(i), plans);
    for (int i = 0; i < file.dependency_count(); ++i) make_plans(*file.dependency(i), plans);
}

const Plans& all_plans() {
    static const Plans plans = [] {
        // A stranger's bytes must not write to our standard error.
        google::protobuf::SetLogHandler(nullptr);
        Plans made;
        make_plans(*pb::Envelope::descriptor()->file(), made);
        make_plans(*pb::ExportRecord::descriptor()->file(), made);
        return made;
    }();
    return plans;
}

bool is_listed(const FieldDescriptor& field, int value) {
    return field.enum_type()->FindValueByNumber(value) != nullptr;
}

bool enums_are_listed(const Message& message, const Reflection& reflection, const Plan& plan) {
    for (const auto* field : plan.enums) {
        if (!field->is_repeated()) {
            if (!is_listed(*field, reflection.GetEnumValue(message, field))) return false;
            continue;
        }
        const int count = reflection.FieldSize(message, field);
        for (int i = 0; i < count; ++i) {
            if (!is_listed(*field, reflection.GetRepeatedEnumValue(message, field, i)))
                return false;
        }
    }
    return true;
}

/// No unknown field and no unlisted enum value, in the message or in any inside it. A message with
/// an unknown field cannot be canonical: discarding it makes the encoding shorter.
bool holds_only_known(const Message& message, const Plan& plan) {
    const auto& reflection = *message.GetReflection();
    if (!reflection.GetUnknownFields(message).empty()) return false;
    if (!enums_are_listed(message, reflection, plan)) return false;
    for (const auto& [field, inside] : plan.messages) {
        if (!field->is_repeated()) {
            if (reflection.HasField(message, field) &&
                !holds_only_known(reflection.GetMessage(message, field), *inside)) {
                return false;
            }
            continue;
        }
        const int count = reflection.FieldSize(message, field);
        for (int i = 0; i < count; ++i) {
            if (!holds_only_known(reflection.GetRepeatedMessage(message, field, i), *inside))
                return false;
        }
    }
    for (const auto* oneof : plan.oneofs) {
        const auto* chosen = reflection.GetOneofFieldDescriptor(message, oneof);
        if (chosen == nullptr) continue;
        const auto inside = plan.choices.find(chosen->number());
        if (inside != plan.choices.end() &&
            !holds_only_known(reflection.GetMessage(message, chosen), *inside->second)) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string canonical_bytes(const Message& message) {
    // The messages have no maps, so the plain serialisation is the deterministic one.
    return message.SerializeAsString();
}

bool decode_canonical(std::string_view bytes, Message& message) {
    const auto& plans = all_plans();
    const auto plan = plans.find(message.GetDescriptor());
    ensure(plan != plans.end(), "decode_canonical knows the messages of protocol/proto");
    if (bytes.size() > INT_MAX) return false;
    if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
    if (!holds_only_known(message, plan->second)) return false;
    if (message.ByteSizeLong() != bytes.size()) return false;
    // One buffer a thread: re-encoding is for comparison only, and hot.
    thread_local std::string again;
    again.resize(bytes.size());
    message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(again.data()));
    return again == bytes;
}

}  // namespace tallystick
