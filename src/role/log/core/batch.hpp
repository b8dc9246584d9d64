// Many records in one body: JSON lines or a JSON array. Every record is either rendered or refused with its
// number and a reason: nothing is dropped silently. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/core/record.hpp"

namespace distd::logs {

inline constexpr std::size_t largest_batch = 16 << 20;  // bytes, as sent
inline constexpr std::size_t most_reported = 10'000;    // of the refused records; all are counted

struct refused_record {
    std::uint64_t line = 0;  // from 1: of the body, or the element of the array
    std::string reason;
};

struct batch {
    std::string lines;  // of the journal, each with its line end
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::vector<refused_record> reported;
    std::string malformed;      // why the body as a whole cannot be understood; nothing is accepted then
    bool is_too_large = false;  // that is why

    void refuse(std::uint64_t line, std::string reason);
};

// The whole body as one line.
[[nodiscard]] batch read_text(std::string_view body, std::int64_t now_ns);

// Empty lines count, and are passed over. A sound array, and nothing else, is read as one.
[[nodiscard]] batch read_json_lines(std::string_view body, std::int64_t now_ns);

// An array of records, or one record alone. Objects one after the other, as some shippers call JSON, are JSON
// lines.
[[nodiscard]] batch read_json_document(std::string_view body, std::int64_t now_ns);

}  // namespace distd::logs
