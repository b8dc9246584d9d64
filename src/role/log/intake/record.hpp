// What a log record is, and how a sent one becomes a line of the journal. Pure.
// A stored line is one JSON object: "time", "level", "service", "trace" (both only when known), "message",
// then any further fields as they were sent, and "_from". The journal puts "seq" in front.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "role/log/line/field_names.hpp"
#include "role/log/line/json_scan.hpp"

namespace distd::logs {

inline constexpr std::size_t max_line = 256 << 10;  // bytes, as sent, and with all that it shares
inline constexpr std::size_t max_fields = 256;
inline constexpr std::size_t max_service = 256;
inline constexpr std::size_t max_level = 32;
inline constexpr std::size_t max_trace = 128;

// Thrown while a body is read for which nobody waits any more.
struct reading_ended {};

// When and from where something came.
struct arrival {
    arrival(std::int64_t now, std::string_view from_ = {}, std::stop_token gone_ = {}) noexcept
        : now_ns(now), from(from_), gone(std::move(gone_)) {}

    // To be called before each record: a body of megabytes may have millions of them, and a stop of the
    // process waits for the thread that reads it.
    void check_still_wanted() const {
        if (gone.stop_requested()) throw reading_ended{};
    }

    std::int64_t now_ns;
    std::string_view from;  // as `origin_member` renders it; empty: it is not said
    std::stop_token gone;   // whoever sent it
};

// The member "_from" of a stored line, which only the service writes: the sender's address, the way it took,
// and the name of its credential if it showed one.
[[nodiscard]] std::string origin_member(std::string_view address, std::string_view way,
                                        std::string_view credential = {});

// Why a record of so many bytes cannot be stored; empty: it can.
[[nodiscard]] std::string judge_size(std::size_t bytes);

// The beginning of what was sent, for a sentence about it.
[[nodiscard]] std::string shown(std::string_view sent);

// A plain text: `[Name] - text` names its service; the text is kept as it was sent, save for the line end
// after it. The protocol knows no levels: it counts as "info".
void append_text_record(std::string& out, std::string_view body, const arrival&);

// What becomes of "level", "service", "trace" and "message" that are not strings, or too long: in our own
// format they are an error; what a shipper passes on is kept under "sent_level" and so on.
enum class record_style : std::uint8_t { ours, shipped };

// Reads JSON objects. Keeps its memory from one to the next.
class record_reader {
public:
    // Field names are matched in any letter case; a missing time is the time of arrival. Of a name that
    // occurs twice the last one counts. Returns why the record was refused, and leaves `out` alone then.
    [[nodiscard]] std::optional<std::string> append(std::string& out, std::string_view text, const arrival&,
                                                    record_style = record_style::ours);

private:
    struct member {
        json_part name;
        json_part value;
        std::string_view name_text;
        bool is_known = false;  // it is one of the fields in front
        bool is_spare = false;  // a later one has its name
    };
    struct choice {
        member* whole = nullptr;  // the member whose value it is; none: it stands inside of one
        json_part value;
        int rank = 0;
        bool is_there = false;
    };

    [[nodiscard]] std::optional<std::string> split(std::string_view text);
    void mark_repeated();
    void choose(record_style);
    [[nodiscard]] bool choose_inside(const member&);
    void prefer(known_field, const choice&);
    [[nodiscard]] std::optional<std::string> read_known();
    [[nodiscard]] std::optional<std::string> judge(known_field, const json_part&);
    void render(std::string& out, const arrival&);

    std::vector<member> members_;
    std::array<choice, known_fields_count> chosen_;
    std::optional<std::int64_t> time_ns_;
    std::string scratch_;
    std::vector<std::string> decoded_names_;
    std::unordered_map<std::string_view, member*> last_of_name_;
};

// Puts a record together from what another format says of it. Empty texts are left out.
class record_writer {
public:
    record_writer(std::string& out, std::int64_t time_ns, std::string_view level, std::string_view service,
                  std::string_view trace, std::string_view message);
    void field(std::string_view name, std::string_view text);
    void json_field(std::string_view name, std::string_view json);  // valid, and as append_normal writes it
    void member(std::string_view key, std::string_view json);       // `key`: `,"name":`, of no reserved name
    void finish(const arrival&);

private:
    std::string& out_;
};

}  // namespace distd::logs
