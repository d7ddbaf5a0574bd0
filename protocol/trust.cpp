#include "protocol/trust.hpp"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "protocol/crypto.hpp"
#include "protocol/ensure.hpp"
#include "protocol/header.hpp"
#include "protocol/timestamp.hpp"
#include "protocol/validator_set.hpp"

namespace tallystick {

namespace {

using Json = nlohmann::json;

constexpr std::string_view trust_format = "tallystick-trust-1";
constexpr std::size_t segments_max = 64;
constexpr std::size_t sets_max = 4096;
constexpr std::size_t name_bytes_max = 100;
constexpr int json_depth_max = 16;
constexpr std::uint64_t height_max = std::numeric_limits<std::int64_t>::max();

/// Reads values and keeps the first thing that is wrong; what it gives after that is not used.
class Reader {
  public:
    [[nodiscard]] bool failed() const noexcept { return !error_.empty(); }
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

    void fail(const std::string& where, const std::string& what) {
        if (error_.empty()) error_ = "The trust file cannot be used: " + where + ' ' + what + '.';
    }

    /// An object with exactly these keys.
    bool object(const Json& json, const std::string& where,
                std::initializer_list<std::string_view> keys) {
        if (!json.is_object()) {
            fail(where, "must be an object");
            return false;
        }
        for (const auto key : keys)
            if (!json.contains(key)) fail(where, "lacks \"" + std::string{key} + '"');
        for (const auto& item : json.items())
            if (std::ranges::find(keys, item.key()) == keys.end())
                fail(where, "has a key that is not known");
        return !failed();
    }

    /// An array of 1 to `max` values.
    bool array(const Json& json, const std::string& where, std::size_t max) {
        if (!json.is_array() || json.empty() || json.size() > max)
            fail(where, "must be a list of 1 to " + std::to_string(max));
        return !failed();
    }

    std::string text(const Json& json, const std::string& where) {
        if (json.is_string()) return json.get<std::string>();
        fail(where, "must be a text");
        return {};
    }

    std::uint64_t number(const Json& json, const std::string& where, std::uint64_t max) {
        if (json.is_number_unsigned()) {
            const auto value = json.get<std::uint64_t>();
            if (value >= 1 && value <= max) return value;
        }
        fail(where, "must be a whole number from 1 to " + std::to_string(max));
        return 1;
    }

    std::int64_t signed_number(const Json& json, const std::string& where, std::uint64_t max) {
        return static_cast<std::int64_t>(number(json, where, max));
    }

    /// 32 bytes in lower-case hexadecimal.
    template <class Bytes>
    Bytes hex(const Json& json, const std::string& where) {
        const auto written = text(json, where);
        if (const auto raw = from_hex(written)) {
            const auto bytes = Bytes::from(*raw);
            if (bytes && to_hex(bytes->view()) == written) return *bytes;
        }
        fail(where, "must be 64 lower-case hexadecimal digits");
        return {};
    }

  private:
    std::string error_;
};

/// Parses JSON in which no object has a key twice (most readers take the last of them, so that two
/// readers could trust different keys in one file) and nothing is nested too deep.
std::optional<Json> parse_json(std::string_view text, Reader& reader) {
    std::vector<std::set<std::string>> open;
    bool repeated = false;
    bool deep = false;
    const Json::parser_callback_t watch = [&](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > json_depth_max) deep = true;
        if (event == Json::parse_event_t::object_start) open.emplace_back();
        if (event == Json::parse_event_t::object_end && !open.empty()) open.pop_back();
        if (event == Json::parse_event_t::key && !open.empty())
            repeated |= !open.back().insert(parsed.get<std::string>()).second;
        return !deep;
    };
    auto json = Json::parse(text, watch, /*allow_exceptions=*/false);
    if (json.is_discarded() || deep) {
        reader.fail("it", "is not JSON, or damaged");
        return std::nullopt;
    }
    if (repeated) {
        reader.fail("it", "has a key twice in one place");
        return std::nullopt;
    }
    return json;
}

TrustedValidator read_validator(const Json& json, const std::string& where, Reader& reader) {
    TrustedValidator validator;
    if (!reader.object(json, where, {"authority", "public_key", "power"})) return validator;
    validator.authority = reader.text(json["authority"], where + ".authority");
    if (!validator.authority.empty() && !is_handle_part(validator.authority))
        reader.fail(where + ".authority", "must be the handle of an authority, or empty");
    validator.public_key = reader.hex<PublicKey>(json["public_key"], where + ".public_key");
    // With a key of small order anyone could sign as this authority.
    if (!reader.failed() && !is_valid_authority_key(validator.public_key))
        reader.fail(where + ".public_key", "is not a key that an authority can have");
    validator.power = reader.signed_number(json["power"], where + ".power",
                                           static_cast<std::uint64_t>(total_power_max));
    return validator;
}

TrustedSet read_set(const Json& json, const std::string& where, Reader& reader) {
    TrustedSet set;
    if (!reader.object(json, where, {"first_height", "last_height", "validators"})) return set;
    set.first_height =
        reader.signed_number(json["first_height"], where + ".first_height", height_max);
    if (!json["last_height"].is_null()) {
        set.last_height =
            reader.signed_number(json["last_height"], where + ".last_height", height_max);
        if (*set.last_height < set.first_height)
            reader.fail(where + ".last_height", "is before first_height");
    }
    const auto& list = json["validators"];
    if (!reader.array(list, where + ".validators", static_cast<std::size_t>(validators_max)))
        return set;
    for (std::size_t i = 0; i < list.size() && !reader.failed(); ++i)
        set.validators.push_back(
            read_validator(list[i], where + ".validators[" + std::to_string(i) + ']', reader));
    if (!reader.failed() && !check_validators(validators_of(set)))
        reader.fail(where + ".validators", "names a key twice, or has too much power in all");
    return set;
}

TrustedHeader read_trusted(const Json& json, const std::string& where, Reader& reader) {
    TrustedHeader trusted;
    if (!reader.object(json, where, {"height", "time", "header_hash"})) return trusted;
    trusted.height = reader.signed_number(json["height"], where + ".height", height_max);
    const auto time = timestamp_from_text(reader.text(json["time"], where + ".time"));
    if (time) {
        trusted.seconds = time->seconds();
        trusted.nanos = time->nanos();
    } else {
        reader.fail(where + ".time", "must be a time such as 2026-01-31T09:30:00.000000000Z");
    }
    trusted.header_hash = reader.hex<Hash>(json["header_hash"], where + ".header_hash");
    return trusted;
}

TrustSegment read_segment(const Json& json, const std::string& where, Reader& reader) {
    TrustSegment segment;
    if (!reader.object(json, where, {"chain_id", "trusted", "validator_sets"})) return segment;
    segment.chain_id = reader.text(json["chain_id"], where + ".chain_id");
    const bool printable =
        std::ranges::all_of(segment.chain_id, [](char c) { return c > ' ' && c <= '~'; });
    if (segment.chain_id.empty() || segment.chain_id.size() > chain_id_bytes_max || !printable)
        reader.fail(where + ".chain_id", "must be 1 to 50 printable characters");
    segment.trusted = read_trusted(json["trusted"], where + ".trusted", reader);
    const auto& sets = json["validator_sets"];
    if (!reader.array(sets, where + ".validator_sets", sets_max)) return segment;
    for (std::size_t i = 0; i < sets.size() && !reader.failed(); ++i) {
        const auto here = where + ".validator_sets[" + std::to_string(i) + ']';
        auto set = read_set(sets[i], here, reader);
        // Two sets for one height would let a reader choose whom to believe.
        if (!segment.validator_sets.empty()) {
            const auto& last = segment.validator_sets.back().last_height;
            if (!last || set.first_height <= *last)
                reader.fail(here, "must begin after the set before it has ended");
        }
        segment.validator_sets.push_back(std::move(set));
    }
    return segment;
}

/// A segment begins where the one before has ended, else a reader could choose whom to believe.
void check_follows(const TrustSegment& before, const TrustSegment& next, const std::string& where,
                   Reader& reader) {
    const auto begins = next.validator_sets.front().first_height;
    const auto& last = before.validator_sets.back().last_height;
    if (!last || *last >= begins || before.trusted.height >= begins || next.trusted.height < begins)
        reader.fail(where, "must begin after the segment before it has ended");
}

Trust read_trust(const Json& json, Reader& reader) {
    Trust trust;
    if (!reader.object(json, "it",
                       {"format", "ledger_id", "name", "segments", "trusting_period_seconds"}))
        return trust;
    if (reader.text(json["format"], "format") != trust_format)
        reader.fail("format", "must be \"" + std::string{trust_format} + '"');
    trust.ledger_id = reader.hex<LedgerId>(json["ledger_id"], "ledger_id");
    trust.name = reader.text(json["name"], "name");
    // The name is shown to people: it must not move their cursor about.
    const bool shows = std::ranges::none_of(
        trust.name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
    if (trust.name.empty() || trust.name.size() > name_bytes_max || !shows)
        reader.fail("name", "must be 1 to 100 bytes of text");
    const auto& segments = json["segments"];
    if (!reader.array(segments, "segments", segments_max)) return trust;
    for (std::size_t i = 0; i < segments.size() && !reader.failed(); ++i) {
        const auto here = "segments[" + std::to_string(i) + ']';
        auto segment = read_segment(segments[i], here, reader);
        if (segment_of(trust, segment.chain_id) != nullptr)
            reader.fail(here + ".chain_id", "stands in another segment already");
        if (!reader.failed() && !trust.segments.empty())
            check_follows(trust.segments.back(), segment, here, reader);
        trust.segments.push_back(std::move(segment));
    }
    trust.trusting_period_seconds =
        reader.number(json["trusting_period_seconds"], "trusting_period_seconds", seconds_max);
    return trust;
}

}  // namespace

Result<Trust, TrustError> parse_trust(std::string_view json) {
    Reader reader;
    if (json.size() > trust_file_bytes_max) reader.fail("it", "is larger than 1 MiB");
    std::optional<Json> parsed;
    if (!reader.failed()) parsed = parse_json(json, reader);
    if (!parsed) return Failure{TrustError{reader.error()}};
    auto trust = read_trust(*parsed, reader);
    if (reader.failed()) return Failure{TrustError{reader.error()}};
    return trust;
}

std::string serialise_trust(const Trust& trust) {
    using Ordered = nlohmann::ordered_json;
    auto segments = Ordered::array();
    for (const auto& segment : trust.segments) {
        auto sets = Ordered::array();
        for (const auto& set : segment.validator_sets) {
            auto validators = Ordered::array();
            for (const auto& validator : set.validators)
                validators.push_back({{"authority", validator.authority},
                                      {"public_key", to_hex(validator.public_key.view())},
                                      {"power", validator.power}});
            sets.push_back(
                {{"first_height", set.first_height},
                 {"last_height", set.last_height ? Ordered(*set.last_height) : Ordered(nullptr)},
                 {"validators", std::move(validators)}});
        }
        const auto& trusted = segment.trusted;
        segments.push_back(
            {{"chain_id", segment.chain_id},
             {"trusted",
              {{"height", trusted.height},
               {"time", timestamp_to_text(make_timestamp(trusted.seconds, trusted.nanos))},
               {"header_hash", to_hex(trusted.header_hash.view())}}},
             {"validator_sets", std::move(sets)}});
    }
    const Ordered json = {{"format", trust_format},
                          {"ledger_id", to_hex(trust.ledger_id.view())},
                          {"name", trust.name},
                          {"segments", std::move(segments)},
                          {"trusting_period_seconds", trust.trusting_period_seconds}};
    return json.dump(2) + '\n';
}

const TrustSegment* segment_of(const Trust& trust, std::string_view chain_id) {
    const auto found = std::ranges::find(trust.segments, chain_id, &TrustSegment::chain_id);
    return found == trust.segments.end() ? nullptr : &*found;
}

const TrustedSet* set_at(const TrustSegment& segment, std::int64_t height) {
    const auto found = std::ranges::find_if(segment.validator_sets, [&](const TrustedSet& set) {
        return height >= set.first_height && (!set.last_height || height <= *set.last_height);
    });
    return found == segment.validator_sets.end() ? nullptr : &*found;
}

pb::ValidatorSet validators_of(const TrustedSet& set) {
    pb::ValidatorSet validators;
    for (const auto& from : set.validators) {
        auto& validator = *validators.add_validators();
        validator.set_public_key(from.public_key.str());
        validator.set_power(from.power);
    }
    sort_validators(validators);
    return validators;
}

std::optional<std::int64_t> end_of(const Trust& trust, const TrustSegment& segment) {
    const auto next = static_cast<std::size_t>(&segment - trust.segments.data()) + 1;
    ensure(next <= trust.segments.size(), "the segment is one of the trust file's");
    if (next == trust.segments.size()) return std::nullopt;
    return trust.segments[next].validator_sets.front().first_height - 1;
}

std::string_view authority_of(const Trust& trust, std::string_view public_key) {
    for (const auto& segment : trust.segments)
        for (const auto& set : segment.validator_sets)
            for (const auto& validator : set.validators)
                if (validator.public_key.text() == public_key && !validator.authority.empty())
                    return validator.authority;
    return {};
}

}  // namespace tallystick
