#include "http/message/base64.hpp"

#include <array>
#include <cstdint>

namespace distd::http {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned char no_digit = 64;

using digit_table = std::array<unsigned char, 256>;

constexpr digit_table digits_of(std::string_view of) {
    digit_table table{};
    table.fill(no_digit);
    for (std::size_t i = 0; i < of.size(); ++i)
        table[static_cast<unsigned char>(of[i])] = static_cast<unsigned char>(i);
    return table;
}

constexpr digit_table digits = digits_of(alphabet);
constexpr digit_table url_digits = digits_of(url_alphabet);

std::string encode(std::string_view bytes, std::string_view with, bool is_padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto group = bytes.substr(i, 3);
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0u);
        for (std::size_t k = 0; k < 4; ++k) {
            if (k <= group.size())
                out += with[bits >> (18 - 6 * k) & 63];
            else if (is_padded)
                out += '=';
        }
    }
    return out;
}

std::optional<std::string> decode(std::string_view text, const digit_table& by) {
    std::string out;
    out.reserve(text.size() / 4 * 3 + 3);
    std::uint32_t bits = 0;
    int held = 0;  // bits that make no byte yet
    for (const char c : text) {
        const auto digit = by[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        bits = bits << 6 | digit;
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out += static_cast<char>(bits >> held & 0xff);
    }
    return out;
}

}  // namespace

std::string base64_encode(std::string_view bytes) { return encode(bytes, alphabet, true); }

std::optional<std::string> base64_decode(std::string_view text) {
    while (!text.empty() && text.back() == '=') text.remove_suffix(1);
    return decode(text, digits);
}

std::string base64url_encode(std::string_view bytes) { return encode(bytes, url_alphabet, false); }

std::optional<std::string> base64url_decode(std::string_view text) { return decode(text, url_digits); }

}  // namespace distd::http
