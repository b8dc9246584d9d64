// Text in gzip's format, as a client sends it.
#pragma once

#include <string>

namespace distd::test {

std::string gzip(const std::string& text);

}  // namespace distd::test
