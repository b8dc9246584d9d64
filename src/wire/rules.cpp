#include "wire/rules.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "base/plain_json.hpp"

namespace distd::wire {
namespace {

constexpr bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// Of a name or an IPv4 address.
constexpr auto host_bytes = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 128; ++c)
        table[c] = ascii::is_alnum(static_cast<char>(c)) || c == '-' || c == '.' || c == '_';
    return table;
}();
constexpr bool is_host_byte(char c) noexcept { return host_bytes[static_cast<unsigned char>(c)]; }

constexpr bool ends_authority(char c) noexcept { return c == '/' || c == '?'; }
constexpr bool must_be_escaped(char c) noexcept { return c == ' ' || c == '\\' || c == '#'; }

std::string about(std::string_view what, std::string_view sentence) {
    return std::string(what).append(": ").append(sentence);
}

bool is_host(std::string_view host) {
    if (!host.starts_with('[')) return !host.empty() && std::ranges::all_of(host, is_host_byte);
    if (host.size() < 4 || !host.ends_with(']')) return false;
    const auto inside = host.substr(1, host.size() - 2);
    return std::ranges::all_of(inside,
                               [](char c) { return ascii::hex_value(c) >= 0 || c == ':' || c == '.'; });
}

bool is_port(std::string_view text) { return parse_number<std::uint16_t>(text).value_or(0) > 0; }

// host[:port]
std::string problem_with_authority(std::string_view authority, std::string_view what) {
    if (authority.find('@') != authority.npos)
        return about(what, "credentials do not belong into a URL; leave out the part before '@'");
    const auto colon =
        authority.starts_with('[') ? authority.find(':', authority.find(']')) : authority.find(':');
    if (!is_host(authority.substr(0, colon)))
        return about(what, "there is no host in it that can be called; write http://HOST:PORT");
    if (colon != authority.npos && !is_port(authority.substr(colon + 1)))
        return about(what, "the port is not a number from 1 to 65535");
    return {};
}

}  // namespace

std::string problem_with_text(std::string_view text, std::size_t max_bytes, std::string_view what) {
    if (text.size() > max_bytes)
        return about(what, std::to_string(text.size()) + " bytes; at most " + std::to_string(max_bytes) +
                               " are taken");
    if (!is_plain_json(text) && std::ranges::any_of(text, is_control))
        return about(what, "it holds a control byte; only printable text is taken");
    return {};
}

std::string problem_with_name(std::string_view name, std::string_view what) {
    if (name.empty()) return about(what, "it is empty; a name is required");
    if (name.find_first_not_of(' ') == name.npos)
        return about(what, "it holds nothing but spaces; a name is required");
    return problem_with_text(name, max_name, what);
}

std::string problem_with_url(std::string_view url, std::string_view what) {
    if (url.empty()) return about(what, "it is empty; write http://HOST:PORT");
    if (auto problem = problem_with_text(url, max_url, what); !problem.empty()) return problem;
    if (std::ranges::any_of(url, must_be_escaped))
        return about(what,
                     "it holds a space, a backslash or a fragment; escape them (%20) or leave them out");

    // A query may hold "://" as well; a scheme stands before the first slash.
    const auto scheme_end = url.find("://");
    if (scheme_end != url.npos && std::ranges::none_of(url.substr(0, scheme_end), ends_authority)) {
        const auto scheme = url.substr(0, scheme_end);
        if (!ascii::equal_ignoring_case(scheme, "http") && !ascii::equal_ignoring_case(scheme, "https"))
            return about(what, "only http:// and https:// can be called");
        url.remove_prefix(scheme_end + 3);
    }
    const auto authority = std::ranges::find_if(url, ends_authority) - url.begin();
    return problem_with_authority(url.substr(0, static_cast<std::size_t>(authority)), what);
}

}  // namespace distd::wire
