// Compresses the body of a response. Pure.
#pragma once

#include <string>
#include <string_view>

namespace distd::http {

[[nodiscard]] std::string gzip(std::string_view text);

}  // namespace distd::http
