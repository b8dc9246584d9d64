// Files that are read and written as a whole.
#pragma once

#include <string>
#include <string_view>

#include "base/disk.hpp"

namespace distd {

// errc::invalid: it is larger, or became shorter meanwhile.
[[nodiscard]] result<std::string> read_file(disk&, const std::string& path, std::size_t max_bytes);

// In the place of another one: whoever reads it finds the old text or the new one, also after a power cut.
// Written beside it (mode 0600), synced, put in its place. Durable when it returns without a failure.
[[nodiscard]] result<> replace_file(disk&, const std::string& path, std::string_view text);

}  // namespace distd
