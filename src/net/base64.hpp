// The base64 of HTTP credentials.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace distd::http {

// Of the standard alphabet, padded or not; nothing for any other byte.
[[nodiscard]] std::optional<std::string> base64_decode(std::string_view text);

}  // namespace distd::http
