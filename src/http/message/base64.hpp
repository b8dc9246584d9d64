// Base64 of the standard alphabet: HTTP credentials, and bytes that are no text inside of JSON. And of the
// alphabet for URLs (RFC 4648, section 5), as JOSE has it: `-` and `_`, without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace distd::http {

[[nodiscard]] std::string base64_encode(std::string_view bytes);  // padded
// Padded or not; nothing for any byte that is not of the alphabet.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

[[nodiscard]] std::string base64url_encode(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace distd::http
