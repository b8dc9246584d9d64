// How rows of the table of settings are written: with designated initializers, and the group once for all.
//
//     return in_group("Log service", {{.name = "log-rate", .kind = setting_kind::integer, ...}, ...});
#pragma once

#include <distd/settings.hpp>
#include <string>
#include <vector>

namespace distd {

[[nodiscard]] inline std::vector<setting> in_group(const std::string& group, std::vector<setting> rows) {
    for (auto& row : rows) row.group = group;
    return rows;
}

}  // namespace distd
