#include "http/message/url.hpp"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>

#include "base/ascii.hpp"
#include "base/ip_address.hpp"
#include "base/parse_number.hpp"

namespace distd::http {
namespace {

constexpr std::size_t max_host = 253;         // of a name in DNS
constexpr std::size_t max_target = 8 * 1024;  // what our own servers take

using ascii::hex_value;
using ascii::is_alnum;

// The text as it may stand in a sentence: short, on one line.
std::string quoted(std::string_view text) {
    constexpr std::size_t max_shown = 80;
    std::string out = "\"";
    for (const char c : text.substr(0, max_shown)) out += c >= ' ' && c < 0x7f ? c : '?';
    return out + (text.size() > max_shown ? "...\"" : "\"");
}

std::nullopt_t fail(std::string& error, std::string_view whole, std::string_view what) {
    error = quoted(whole) + ": " + std::string(what);
    return std::nullopt;
}

// Resolvers read 127.1 and 0x7f000001 as addresses; who checks hosts by their text would not. So: refused.
bool is_disguised_address(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    const auto dot = name.rfind('.');
    const auto last = dot == std::string_view::npos ? name : name.substr(dot + 1);
    return std::all_of(last.begin(), last.end(), ascii::is_digit) || last.starts_with("0x");
}

bool is_name(std::string_view host) {
    if (host.empty() || host.size() > max_host) return false;
    char before = '.';  // no label is empty, the first one included
    for (const char c : host) {
        if (c == '.' ? before == '.' : !(is_alnum(c) || c == '-' || c == '_')) return false;
        before = c;
    }
    return !is_disguised_address(host);
}

// No zone; and no NUL, at which the parser would take the text to end.
bool is_v6(std::string_view host) {
    boost::system::error_code ec;
    boost::asio::ip::make_address_v6(std::string(host), ec);
    return !ec && host.find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
}

bool is_target(std::string_view target) {
    for (std::size_t i = 0; i < target.size(); ++i) {
        const char c = target[i];
        if (c <= ' ' || c >= 0x7f || c == '#' || c == '\\') return false;  // bytes from 0x80 are negative
        if (c != '%') continue;
        if (i + 2 >= target.size() || hex_value(target[i + 1]) < 0 || hex_value(target[i + 2]) < 0)
            return false;
        i += 2;
    }
    return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto port = parse_number<std::uint16_t>(text);
    return text.size() <= 5 && port != 0 ? port : std::nullopt;
}

constexpr bool ends_authority(char c) noexcept { return c == '/' || c == '?' || c == '#'; }

constexpr std::uint16_t own_port(bool is_secure) noexcept { return is_secure ? 443 : 80; }

// `rest` is what follows the scheme; `whole` is for the messages.
std::optional<url> split_rest(std::string_view rest, std::string_view whole, bool is_secure,
                              std::string& error) {
    url out;
    out.is_secure = is_secure;
    out.port = own_port(is_secure);
    const auto authority = rest.substr(0, std::ranges::find_if(rest, ends_authority) - rest.begin());
    rest.remove_prefix(authority.size());
    if (authority.find('@') != std::string_view::npos)
        return fail(error, whole, "credentials do not belong into an address; leave out the part before '@'");

    auto host_size = std::min(authority.find(':'), authority.size());
    bool host_is_right = false;
    if (authority.starts_with('[')) {
        host_size = std::min(authority.find(']'), authority.size() - 1) + 1;
        const bool is_closed = host_size > 1 && authority[host_size - 1] == ']';
        if (is_closed) out.host = ascii::lowered(std::string(authority.substr(1, host_size - 2)));
        host_is_right = is_closed && is_v6(out.host);
    } else {
        out.host = ascii::lowered(std::string(authority.substr(0, host_size)));
        host_is_right = parse_ipv4(out.host) || is_name(out.host);
    }
    if (!host_is_right)
        return fail(error, whole,
                    std::string("no host that can be called; write ") + (is_secure ? "https" : "http") +
                        "://HOST:PORT/PATH");

    if (host_size < authority.size()) {
        const auto port =
            authority[host_size] == ':' ? parse_port(authority.substr(host_size + 1)) : std::nullopt;
        if (!port) return fail(error, whole, "the port is wrong; it is a number from 1 to 65535");
        out.port = *port;
    }
    if (rest.size() > max_target) return fail(error, whole, "the path and query are longer than 8 KiB");
    if (!is_target(rest))
        return fail(error, whole, "the path or query holds a byte that must be escaped (%XX), or a fragment");
    if (rest.starts_with('/'))
        out.target = rest;
    else
        out.target += rest;  // behind the slash that is there
    return out;
}

std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus_is_space) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

// The next field of that name; `text` is what comes after it.
std::optional<std::string> next_value(std::string_view& text, std::string_view name) {
    while (const auto field = take_field(text)) {
        const auto found = form_decode(field->name);
        if (!found || *found != name) continue;
        if (auto value = form_decode(field->value)) return value;
    }
    return std::nullopt;
}

}  // namespace

std::string url::authority() const {
    auto out = host_in_url(host);
    if (port != own_port(is_secure)) out.append(":").append(std::to_string(port));
    return out;
}

std::string url::text() const { return std::string(scheme()) + authority() + target; }

std::optional<url> split_url(std::string_view text, std::string& error) {
    const auto scheme = text.substr(0, text.find("://"));
    if (scheme.size() == text.size())
        return fail(error, text, "an address starts with http://, as in http://HOST:PORT/PATH");
    const bool is_secure = ascii::equal_ignoring_case(scheme, "https");
    if (!is_secure && !ascii::equal_ignoring_case(scheme, "http"))
        return fail(error, text, "only http:// and https:// are spoken here");
    return split_rest(text.substr(scheme.size() + 3), text, is_secure, error);
}

std::optional<url> split_peer_url(std::string_view text, std::string& error) {
    // A query may hold "://" as well; a scheme stands before the first slash.
    const auto scheme = text.substr(0, text.find("://"));
    const bool has_scheme = scheme.size() < text.size() &&
                            std::ranges::none_of(scheme, [](char c) { return c == '/' || c == '?'; });
    return has_scheme ? split_url(text, error) : split_rest(text, text, false, error);
}

std::optional<url> split_url(std::string_view text) {
    std::string ignored;
    return split_url(text, ignored);
}

std::optional<url> split_peer_url(std::string_view text) {
    std::string ignored;
    return split_peer_url(text, ignored);
}

std::optional<std::string> percent_decode(std::string_view text) { return decode(text, false); }
std::optional<std::string> form_decode(std::string_view text) { return decode(text, true); }

std::optional<form_field> take_field(std::string_view& text) noexcept {
    while (!text.empty()) {
        const auto field = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(field.size() + 1, text.size()));
        if (field.empty()) continue;
        const auto name = field.substr(0, field.find('='));
        return form_field{name, field.substr(std::min(name.size() + 1, field.size()))};
    }
    return std::nullopt;
}

std::vector<std::string> form_values(std::string_view text, std::string_view name) {
    std::vector<std::string> values;
    while (auto value = next_value(text, name)) values.push_back(std::move(*value));
    return values;
}

std::optional<std::string> form_value(std::string_view text, std::string_view name) {
    return next_value(text, name);
}

std::string percent_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out.append({'%', "0123456789ABCDEF"[byte >> 4], "0123456789ABCDEF"[byte & 15]});
        }
    }
    return out;
}

void append_parameter(std::string& out, std::string_view name, std::string_view value) {
    if (value.empty()) return;
    if (!out.empty() && !out.ends_with('?')) out += '&';
    out.append(name).append("=").append(percent_encode(value));
}

}  // namespace distd::http
