// A secret in a file that only the process' own user may read: whoever may read a service's data may act with
// it.
#pragma once

#include <distd/logger.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk.hpp"

namespace distd {

// As NAME.secret in that folder. Where that cannot be done, the log says so.
void keep_secret(disk&, const std::string& folder, std::string_view name, std::string_view secret,
                 const logger&);
// As somebody else has kept it; nullopt: there is none, it is not for us, or it is no file of this user's, or
// of root's, that nobody else may write.
[[nodiscard]] std::optional<std::string> read_secret(disk&, const std::string& path);

}  // namespace distd
