// Many records in one body: JSON lines or a JSON array. Every record is either rendered or refused with its
// number and a reason: nothing is dropped silently. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/intake/record.hpp"

namespace distd::logs {

inline constexpr std::size_t max_batch = 16 << 20;   // bytes, as sent
inline constexpr std::size_t max_reported = 10'000;  // of the refused records; all are counted
inline constexpr std::size_t max_stored = 1 << 20;   // bytes of a record as it is stored

// What a batch may make of so many bytes, in lines to be stored and in the answer to each record. Records
// share what stands once in a body, such as the attributes of a resource: mostly below eightfold.
[[nodiscard]] constexpr std::size_t batch_budget(std::size_t opened_bytes) noexcept {
    constexpr std::size_t min = 1 << 20;
    constexpr std::size_t max = 4 * max_batch;
    return std::clamp(16 * opened_bytes, min, max);
}

struct refused_record {
    std::uint64_t line = 0;  // from 1: of the body, or the element of the array
    std::string reason;
};

struct batch {
    explicit batch(std::size_t opened_bytes = 0) : budget_(batch_budget(opened_bytes)) {}

    std::string lines;  // of the journal, each with its line end
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::vector<refused_record> reported;
    std::string malformed;      // why the body as a whole cannot be understood; nothing is accepted then
    bool is_too_large = false;  // that is why
    std::string content;        // a hash of the body, opened, where one was asked for

    void refuse(std::uint64_t line, std::string reason);
    // Accepts the record that was appended to `lines` behind `start`, unless it has become too long, or the
    // batch too large with it: then it is malformed. Returns why the record is refused, or nothing.
    std::string keep(std::uint64_t line, std::size_t start);
    // So many bytes of an answer are due to the record. False: the batch is too large, and malformed.
    bool spend(std::uint64_t line, std::size_t bytes);
    void refuse_whole(std::string reason);

private:
    std::size_t budget_;
    std::size_t made_ = 0;
};

// The whole body as one line.
[[nodiscard]] batch read_text(std::string_view body, const arrival&);

// Empty lines count, and are passed over. A sound array, and nothing else, is read as one.
[[nodiscard]] batch read_json_lines(std::string_view body, const arrival&);

// An array of records, or one record alone. Objects one after the other, as some shippers call JSON, are JSON
// lines.
[[nodiscard]] batch read_json_document(std::string_view body, const arrival&);

}  // namespace distd::logs
