#include "wallet/core/recovery_sheet.hpp"

#include <algorithm>
#include <vector>

namespace tallystick::wallet {

namespace {

constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t lines = 6;
constexpr std::size_t line_symbols = 12;
constexpr std::size_t data_symbols = 10;
constexpr std::string_view sheet_domain = "tallystick/recovery/1";

using Symbol = std::uint8_t;
using Line = std::array<Symbol, line_symbols>;

/// GF(32): powers of x and their logarithms.
struct Field {
    std::array<Symbol, 62> power{};
    std::array<std::size_t, 32> log{};
};

constexpr Field make_field() {
    Field field;
    unsigned value = 1;
    for (std::size_t i = 0; i < 31; ++i) {
        field.power[i] = static_cast<Symbol>(value);
        field.power[i + 31] = static_cast<Symbol>(value);
        field.log[value] = i;
        value <<= 1U;
        if ((value & 32U) != 0) value ^= 0b100101U;
    }
    return field;
}

constexpr Field field = make_field();

Symbol times(Symbol a, Symbol b) {
    return a == 0 || b == 0 ? Symbol{0} : field.power[field.log[a] + field.log[b]];
}

Symbol divided(Symbol a, Symbol b) {
    return a == 0 ? Symbol{0} : field.power[field.log[a] + 31 - field.log[b]];
}

Symbol plus(Symbol a, Symbol b) {
    return static_cast<Symbol>(a ^ b);
}

/// The word's values at 1 and at x; both are 0 for a line without an error.
struct Syndrome {
    Symbol at_one = 0;
    Symbol at_x = 0;
};

Syndrome syndrome_of(const Line& line, std::size_t line_number) {
    Syndrome sum;
    const auto add = [&](Symbol symbol, std::size_t position) {
        sum.at_one = plus(sum.at_one, symbol);
        sum.at_x = plus(sum.at_x, times(symbol, field.power[position]));
    };
    for (std::size_t i = 0; i < line_symbols; ++i) add(line[i], i);
    add(static_cast<Symbol>(line_number), line_symbols);
    return sum;
}

/// Fills in the last two symbols so that the syndrome is zero.
void add_checks(Line& line, std::size_t line_number) {
    const auto sum = syndrome_of(line, line_number);
    const auto rest = plus(sum.at_x, times(sum.at_one, field.power[data_symbols]));
    line[11] = divided(rest, plus(field.power[data_symbols], field.power[data_symbols + 1]));
    line[10] = plus(sum.at_one, line[11]);
}

Hash checksum_of(ByteView seed) {
    return tagged_hash(sheet_domain, {text_of(seed)});
}

/// Bit number `at` of the seed and, behind it, of the checksum.
bool bit_of(ByteView seed, const Hash& checksum, std::size_t at) {
    const auto byte = at < 256 ? seed[at / 8] : checksum.bytes[(at - 256) / 8];
    return ((byte >> (7 - at % 8)) & 1U) != 0;
}

Failure<Problem> line_wrong(std::size_t line, const std::string& where) {
    return problem(Exit::failed, "sheet_line_wrong",
                   "Line " + std::to_string(line) + " of the sheet is not as it was printed" +
                       where + ". Look again at its characters.");
}

/// The symbols as typed. O, I and L stand for the digits that they look like.
Try<std::vector<Symbol>> symbols_of(std::string_view typed) {
    std::vector<Symbol> symbols;
    for (char c : typed) {
        if (c == ' ' || c == '-' || c == '\n' || c == '\r' || c == '\t') continue;
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        if (c == 'O') c = '0';
        if (c == 'I' || c == 'L') c = '1';
        const auto at = alphabet.find(c);
        if (at == std::string_view::npos)
            return problem(
                Exit::failed, "bad_sheet",
                "Character " + std::to_string(symbols.size() + 1) +
                    " of the groups is none that a sheet holds: it has digits and letters "
                    "without I, L, O and U.");
        symbols.push_back(static_cast<Symbol>(at));
    }
    if (symbols.size() != lines * line_symbols)
        return problem(Exit::failed, "bad_sheet",
                       "A sheet has 24 groups of 3 characters, 72 in all; these are " +
                           std::to_string(symbols.size()) + ".");
    return symbols;
}

Try<void> check_line_symbols(const Line& line, std::size_t number) {
    const auto sum = syndrome_of(line, number);
    if (sum.at_one == 0 && sum.at_x == 0) return {};
    if (sum.at_one == 0 || sum.at_x == 0) return line_wrong(number, "");
    const auto position = (field.log[sum.at_x] + 31 - field.log[sum.at_one]) % 31;
    if (position == line_symbols)
        return line_wrong(number, ": it seems to stand in another line's place");
    if (position > line_symbols) return line_wrong(number, "");
    return line_wrong(number, "; its group " +
                                  std::to_string(position / recovery_group_symbols + 1) +
                                  " is likely wrong");
}

}  // namespace

std::array<std::string, recovery_groups> recovery_groups_of(ByteView seed) {
    ensure(seed.size() == SigningKey::seed_bytes, "a seed has 32 bytes");
    const auto checksum = checksum_of(seed);
    std::array<std::string, recovery_groups> groups;
    for (std::size_t number = 0; number < lines; ++number) {
        Line line{};
        for (std::size_t i = 0; i < data_symbols * 5; ++i) {
            if (bit_of(seed, checksum, number * data_symbols * 5 + i))
                line[i / 5] = static_cast<Symbol>(line[i / 5] | (16U >> (i % 5)));
        }
        add_checks(line, number + 1);
        for (std::size_t i = 0; i < line_symbols; ++i)
            groups[number * 4 + i / recovery_group_symbols].push_back(alphabet[line[i]]);
    }
    return groups;
}

std::string recovery_sheet(const SigningKey& key, std::string_view name) {
    const auto seed = key.seed();
    const auto groups = recovery_groups_of(seed.view());
    std::string sheet =
        "TALLYSTICK RECOVERY SHEET\n\n"
        "Whoever reads the six lines below can sign as you. Keep this sheet where you keep a\n"
        "passport, and nowhere on a computer.\n\n"
        "Key:        " +
        std::string{name} + "\nPublic key: " + to_hex(key.public_key().view()) + "\n\n";
    for (std::size_t i = 0; i < recovery_groups; ++i) {
        if (i % 4 == 0) sheet += "  " + std::to_string(i / 4 + 1) + ":  ";
        sheet += groups[i] + (i % 4 == 3 ? "\n" : "  ");
    }
    return sheet +
           "\nTo make the key again: tally key recover NAME, then type the groups. Capitals and\n"
           "spaces do not matter; there is no letter I, L, O or U.\n";
}

Try<SigningKey> key_from_groups(std::string_view typed) {
    const auto symbols = symbols_of(typed);
    if (!symbols) return Failure{symbols.error()};
    SecretBytes bits{38};
    std::fill_n(bits.data(), bits.size(), std::uint8_t{0});
    for (std::size_t number = 0; number < lines; ++number) {
        Line line{};
        std::copy_n(symbols->begin() + static_cast<std::ptrdiff_t>(number * line_symbols),
                    line_symbols, line.begin());
        if (const auto checked = check_line_symbols(line, number + 1); !checked)
            return Failure{checked.error()};
        for (std::size_t i = 0; i < data_symbols * 5; ++i) {
            const auto at = number * data_symbols * 5 + i;
            if ((line[i / 5] & (16U >> (i % 5))) != 0)
                bits.data()[at / 8] =
                    static_cast<std::uint8_t>(bits.data()[at / 8] | (128U >> (at % 8)));
        }
    }
    const ByteView seed{bits.data(), SigningKey::seed_bytes};
    const auto checksum = checksum_of(seed);
    for (std::size_t at = 256; at < lines * data_symbols * 5; ++at) {
        if (bit_of(bits.view(), checksum, at) !=
            (((bits.data()[at / 8] >> (7 - at % 8)) & 1U) != 0))
            return problem(Exit::failed, "sheet_checksum_wrong",
                           "Each line fits by itself, but together they are not one key: are the "
                           "lines of one sheet?");
    }
    return SigningKey::from_seed(seed);
}

std::string groups_in_sheet(std::string_view sheet) {
    std::string groups;
    for (std::size_t at = 0; at < sheet.size();) {
        const auto end = std::min(sheet.find('\n', at), sheet.size());
        const auto line = sheet.substr(at, end - at);
        const auto colon = line.find(":  ");
        if (colon != std::string_view::npos && colon >= 1 && line[colon - 1] >= '1' &&
            line[colon - 1] <= '6' &&
            line.substr(0, colon - 1).find_first_not_of(' ') == std::string_view::npos) {
            groups += std::string{line.substr(colon + 3)} + "\n";
        }
        at = end + 1;
    }
    return groups.empty() ? std::string{sheet} : groups;
}

}  // namespace tallystick::wallet
