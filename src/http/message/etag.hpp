// Entity tags in the lists of If-None-Match and If-Match (RFC 9110, 8.8.3 and 13.1). Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace distd::http {

enum class etag_comparison : std::uint8_t {
    weak,    // for If-None-Match
    strong,  // for If-Match: a weak tag never matches
};

// Whether the list names the tag, which is given without quotes. The tag of the same representation, gzipped,
// counts as the tag.
[[nodiscard]] bool etag_matches(std::string_view list, std::string_view etag,
                                etag_comparison how = etag_comparison::weak) noexcept;

}  // namespace distd::http
