// The format of a segment: JSON lines that tail, grep and jq understand. Pure: text in, text out.
//
//     {"_segment":{"format":2,"first":1,"ids":[],"crc32":"0f1e2d3c"}}
//     {"seq":1,"message":"..."}
//     {"seq":2,"message":"..."}
//     {"_batch":{"first":1,"lines":2,"bytes":52,"synced":0,"at":7,"ids":[["b7","::1","9f86",1,2]],
//      "crc32":"89abcdef"}}                                                            (all in one line)
//
// One head; then batches: numbered lines, and after them a trailer that proves them complete.
// `bytes` counts the batch's lines with their line ends; the CRC-32 covers them and the text of the `_batch`
// line up to the comma before "crc32". `synced`: so much of the file, from its start, was on the disk when
// the batch was written; what is incomplete behind that was torn by a crash, what is not sound before it is
// damaged. A batch without lines says only that. `at` is when it came, in seconds that its journal was in
// use. `ids` names the senders' batches in it: id, sender, hash of the content, first line,
// number of lines.
//
// Format 1, which is read and no longer written, has no `synced` and no `at`; its ids have neither sender nor
// content, and its heads repeat those of the segments before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd {

inline constexpr std::uint64_t segment_format_version = 2;
inline constexpr std::uint64_t oldest_segment_format = 1;

[[nodiscard]] constexpr bool is_known_segment_format(std::uint64_t format) noexcept {
    return format >= oldest_segment_format && format <= segment_format_version;
}
// Why a file of another one is left alone.
[[nodiscard]] std::string unknown_segment_format(std::uint64_t format);

// A sender's own batch: a retry is recognised by its id.
struct sender_batch {
    std::string id;
    std::string sender;   // ids of different senders are unrelated
    std::string content;  // a hash of what was sent, in hex digits
    std::uint64_t first = 0;
    std::uint64_t lines = 0;

    friend bool operator==(const sender_batch&, const sender_batch&) = default;
};

// 1 to 128 printable ASCII characters without quotes, backslashes and spaces: written as they are.
[[nodiscard]] bool is_batch_id(std::string_view) noexcept;

struct segment_head {
    std::uint64_t format = segment_format_version;  // of another one nothing else is known
    std::uint64_t first = 0;
    std::vector<sender_batch> ids;
};
[[nodiscard]] std::string render_head(const segment_head&);  // with its line end
[[nodiscard]] std::optional<segment_head> parse_head(std::string_view line);

struct batch_trailer {
    std::uint64_t first = 0;
    std::uint64_t lines = 0;
    std::uint64_t bytes = 0;
    std::optional<std::uint64_t> synced{};  // format 1: nothing
    std::uint64_t at = 0;
    std::vector<sender_batch> ids{};
};
// Completes `trailer` from the lines it follows; with its line end.
[[nodiscard]] std::string render_trailer(batch_trailer, std::string_view lines);

struct scanned_batch {
    batch_trailer trailer;
    std::size_t start = 0;      // of its lines; what lies before it, from where one searched, is damaged
    std::size_t lines_end = 0;  // and start of its trailer
    std::size_t end = 0;
    bool sound = false;  // checksum, sizes and number of lines fit
};
// The next batch that is complete at or after `from`, which is the start of a line. Nothing: there is none
// (yet).
[[nodiscard]] std::optional<scanned_batch> find_batch(std::string_view text, std::size_t from);

// Appends `line`, an object without a member "seq", with its number as the first member.
void append_numbered(std::string& out, std::uint64_t seq, std::string_view line);

}  // namespace distd
