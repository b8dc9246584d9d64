// Bodies that were sent compressed. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace distd::logs {

struct inflated {
    std::string text;
    std::string error;          // what is wrong with it, empty: nothing
    bool is_too_large = false;  // it would have more than `most` bytes
};

// gzip (several members, too) or zlib, recognised by its first bytes.
[[nodiscard]] inflated inflate_body(std::string_view body, std::size_t max);

}  // namespace distd::logs
