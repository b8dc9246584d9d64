// Addresses of HTTP peers and the escapes of paths, queries and forms. Pure text work, no look-up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::http {

struct url {
    std::string host;  // lower case; an IPv6 address without its brackets
    std::uint16_t port = 80;
    std::string target = "/";  // path and query as a request line carries them
    bool is_secure = false;

    [[nodiscard]] std::string_view scheme() const noexcept { return is_secure ? "https://" : "http://"; }
    // For the Host field: the scheme's own port, 80 or 443, is left out.
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string text() const;  // splits into the same again

    friend bool operator==(const url&, const url&) = default;
};

// http://host[:port][/path][?query], or https:// in front, and nothing else: no credentials, no fragment, no
// other scheme. `error`, for a person: which address, what is wrong with it and what would be right.
[[nodiscard]] std::optional<url> split_url(std::string_view text, std::string& error);
[[nodiscard]] std::optional<url> split_url(std::string_view text);

// As `split_url`, and `localhost:8000/path` without a scheme, as some services register themselves.
[[nodiscard]] std::optional<url> split_peer_url(std::string_view text, std::string& error);
[[nodiscard]] std::optional<url> split_peer_url(std::string_view text);

// Nothing for a broken escape: a percent sign that two hex digits do not follow.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
// The same for application/x-www-form-urlencoded, where a plus sign is a space.
[[nodiscard]] std::optional<std::string> form_decode(std::string_view text);

// One of `a=1&b=2`, as it stands there: not decoded yet.
struct form_field {
    std::string_view name;
    std::string_view value;
};
// Takes the next field off the front of `text`; empty ones are passed over. Nothing at the end.
[[nodiscard]] std::optional<form_field> take_field(std::string_view& text) noexcept;
// The first field of that name in `a=1&b=2`, decoded. Fields with broken escapes are passed over.
[[nodiscard]] std::optional<std::string> form_value(std::string_view text, std::string_view name);
// All of that name, in their order.
[[nodiscard]] std::vector<std::string> form_values(std::string_view text, std::string_view name);

// One segment of a path or one value of a query: all but letters, digits and `-._~` is escaped.
[[nodiscard]] std::string percent_encode(std::string_view text);
// `name=value`, with a & before it, unless the text is empty or ends with a question mark. For an empty value
// nothing is appended.
void append_parameter(std::string& out, std::string_view name, std::string_view value);

}  // namespace distd::http
