// By which names senders call the fields that every record may have. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace distd::logs {

enum class known_field : std::uint8_t { time, level, service, trace, message, none };
inline constexpr std::size_t known_fields_count = 5;

struct field_name {
    known_field field = known_field::none;
    int rank = 0;  // of several names of one field in a record the one with the lowest counts

    // The name of this service itself, in any spelling; the others are what shippers use.
    [[nodiscard]] bool is_our_own() const noexcept { return rank <= 1; }
};

// Letter case, '_' and '-' do not count.
[[nodiscard]] field_name field_of(std::string_view name) noexcept;

[[nodiscard]] std::string_view to_string(known_field) noexcept;

// Under which name a further field is stored: those of the fields above, and "seq", are taken.
[[nodiscard]] std::string stored_name(std::string_view sent);

}  // namespace distd::logs
