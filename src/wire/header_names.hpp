// The header fields of our own protocol, and how an index is read from one.
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

namespace distd::wire {

// In each answer of a registry of ours: the id of its data. Another one means that the data was lost.
inline constexpr const char* registry_id_header = "X-Distd-Registry";
// In a request that changes something: in whose name. Nobody verifies it.
inline constexpr const char* actor_header = "X-Distd-Actor";
// In a change of the configuration, whose body is the value itself: why. Elsewhere it is in the body.
inline constexpr const char* reason_header = "X-Distd-Reason";
// In an answer that can be waited for: which state it is.
inline constexpr const char* index_header = "X-Distd-Index";
// Of a value of the configuration.
inline constexpr const char* version_header = "X-Distd-Version";

// The number in a field's value; 0: there is none, and nothing to wait for.
[[nodiscard]] inline std::uint64_t read_index(std::string_view value) noexcept {
    std::uint64_t n = 0;
    std::from_chars(value.data(), value.data() + value.size(), n);
    return n;
}

}  // namespace distd::wire
