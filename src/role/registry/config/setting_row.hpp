// How a row of the registry's settings is made.
#pragma once

#include <distd/settings.hpp>

namespace distd::registry {

inline setting row(const char* name, setting_kind kind, const char* fallback, const char* help,
                   std::int64_t least, std::int64_t most) {
    return {.name = name,
            .kind = kind,
            .fallback = fallback,
            .help = help,
            .group = "Registry",
            .least = least,
            .most = most};
}

}  // namespace distd::registry
