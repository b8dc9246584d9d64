// Whether a file is the one that was read, as far as that can be seen from outside.
#pragma once

#include <cstdint>
#include <string>

namespace distd {

struct file_trace {
    std::uint64_t device = 0, inode = 0, bytes = 0;
    std::int64_t modified_ns = 0, changed_ns = 0;

    // All zero when there is none.
    [[nodiscard]] static file_trace of(const std::string& path);
    friend bool operator==(const file_trace&, const file_trace&) = default;
};

}  // namespace distd
