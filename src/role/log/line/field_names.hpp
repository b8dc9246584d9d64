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

// The names of the fields above, "seq" and "_from": the service numbers lines itself, and says where they
// came from.
[[nodiscard]] bool is_reserved(std::string_view name) noexcept;
// Under which name a further field is stored: one that is reserved, as with lines exported from a log
// service, is kept apart.
[[nodiscard]] std::string stored_name(std::string_view sent);
// The same, but different from the names beside it: lines that were exported, imported and exported again
// have both.
template <class StandsBeside>
[[nodiscard]] std::string free_name(std::string_view sent, StandsBeside stands_beside) {
    auto name = stored_name(sent);
    while (name != sent && stands_beside(name)) name = "sent_" + name;
    return name;
}

}  // namespace distd::logs
