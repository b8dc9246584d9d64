// Text for a man page. Pure.
#pragma once

#include <string>

namespace distd {

// Its special characters lose their meaning; hyphens stay ASCII, so that flags can be copied.
[[nodiscard]] std::string troff(const std::string& text);

}  // namespace distd
