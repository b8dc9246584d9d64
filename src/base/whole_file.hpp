// A whole file in the place of another: whoever reads it finds the old text or the new one, also after a
// power cut.
#pragma once

#include <string>
#include <string_view>

#include "base/disk.hpp"

namespace distd {

// Written beside it (mode 0600), synced, put in its place. Durable when it returns without a failure.
[[nodiscard]] result<> replace_file(disk&, const std::string& path, std::string_view text);

}  // namespace distd
