// URLs as services register them: without their scheme, or with a slash at their end, if they like. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::http {

// With its scheme and without slashes at its end: a path may be appended.
[[nodiscard]] inline std::string base_url_of(std::string_view registered) {
    while (registered.ends_with('/')) registered.remove_suffix(1);
    std::string base(registered.find("://") == registered.npos ? "http://" : "");
    return base.append(registered);
}

}  // namespace distd::http
