// How a row of the registry's settings is made.
#pragma once

#include <distd/settings.hpp>

namespace distd::registry {

inline setting row(const char* name, setting_kind kind, const char* fallback, const char* help,
                   std::int64_t min, std::int64_t max) {
    return {.name = name,
            .kind = kind,
            .fallback = fallback,
            .help = help,
            .group = "Registry",
            .min = min,
            .max = max};
}

}  // namespace distd::registry
