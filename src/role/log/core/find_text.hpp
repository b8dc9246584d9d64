// Finds a text in a text at the speed of memory. The standard library's own search stops at each place where
// the first letter fits. Pure.
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

namespace distd::logs {

[[nodiscard]] inline std::size_t find_text(std::string_view inside, std::string_view wanted,
                                           std::size_t from = 0) noexcept {
    if (from > inside.size()) return std::string_view::npos;
    const auto* at = ::memmem(inside.data() + from, inside.size() - from, wanted.data(), wanted.size());
    return at == nullptr ? std::string_view::npos
                         : static_cast<std::size_t>(static_cast<const char*>(at) - inside.data());
}

}  // namespace distd::logs
