// URLs as services register them: without their scheme, or with a slash at their end, if they like. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::http {

[[nodiscard]] inline std::string_view without_end_slashes(std::string_view url) noexcept {
    while (url.ends_with('/')) url.remove_suffix(1);
    return url;
}

// With its scheme and without slashes at its end: a path may be appended.
[[nodiscard]] inline std::string base_url_of(std::string_view registered) {
    std::string base(registered.find("://") == registered.npos ? "http://" : "");
    return base.append(without_end_slashes(registered));
}

}  // namespace distd::http
