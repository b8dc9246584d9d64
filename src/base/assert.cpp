#include "base/assert.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/line_writer.hpp"

namespace distd {

void assertion_failed(const char* condition, const char* file, int line) noexcept {
    std::array<char, 512> text{};
    std::snprintf(text.data(), text.size(), "distd: broken invariant: %s (%s:%d)\n", condition, file, line);
    write_last_words(text.data());
    std::abort();
}

}  // namespace distd
