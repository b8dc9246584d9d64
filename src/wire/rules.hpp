// What names and URLs on the wire may look like, wherever they come in. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace distd::wire {

inline constexpr std::size_t max_name = 256;
inline constexpr std::size_t max_url = 2048;
inline constexpr std::size_t max_reason = 1024;  // of a change, or of a failure that is reported
inline constexpr std::size_t max_required_services = 1024;
inline constexpr std::size_t max_tags = 64;
inline constexpr std::size_t max_tag = 256;
inline constexpr std::size_t max_meta = 64;
inline constexpr std::size_t max_meta_key = 128;
inline constexpr std::size_t max_meta_value = 1024;
inline constexpr std::size_t max_extras_bytes = 8 << 10;  // of all added fields of a registration, as JSON

// Empty when it is right, else what is wrong and what would be right; `what` names the input in that
// sentence.
[[nodiscard]] std::string problem_with_name(std::string_view name, std::string_view what);

// Accepted: http://host[:port][/path][?query], https:// likewise, and the same without a scheme.
[[nodiscard]] std::string problem_with_url(std::string_view url, std::string_view what);

// For entries that others vouch for: length and control bytes only.
[[nodiscard]] std::string problem_with_text(std::string_view text, std::size_t max_bytes,
                                            std::string_view what);

}  // namespace distd::wire
