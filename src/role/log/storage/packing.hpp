// zstd at its quickest level, for pieces of up to some MiB. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace distd::logs {

[[nodiscard]] std::string packed(std::string_view);

// `size` is what it must have once unpacked; `room` is memory to be used again. Throws damaged_bytes.
[[nodiscard]] std::string unpacked(std::string_view, std::size_t size, std::string room = {});

}  // namespace distd::logs
