// What a log record is, and how a sent one becomes a line of the journal. Pure.
// A stored line is one JSON object: "time", "level", "service", "trace" (both only when known), "message",
// then any further fields as they were sent. The journal puts "seq" in front.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/logger.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd::logs {

inline constexpr std::size_t longest_line = 256 << 10;  // bytes, as sent
inline constexpr std::size_t most_fields = 256;
inline constexpr std::size_t longest_service = 256;
inline constexpr std::size_t longest_level = 32;
inline constexpr std::size_t longest_trace = 128;

// A plain text: `[Name] - text` names its service; the text is kept as it was sent, save for the line end
// after it. The protocol knows no levels: it counts as "info".
void append_text_record(std::string& out, std::string_view body, std::int64_t now_ns);

// One of this process' own lines.
void append_own_record(std::string& out, std::string_view service, log_level, std::string_view text,
                       std::int64_t now_ns);

// One sent JSON object. Field names are matched in any letter case; a missing time is the time of arrival.
// Returns why it was refused, and leaves `out` alone then.
[[nodiscard]] std::optional<std::string> append_json_record(std::string& out, std::string_view text,
                                                            std::int64_t now_ns);

// warning -> warn, ERR -> error; what is unknown stays, in lower case.
[[nodiscard]] std::string normal_level(std::string_view level);

}  // namespace distd::logs
