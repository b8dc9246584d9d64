// Reads the head of a message, be it a request or an answer: finds its end, splits its fields and judges how
// they frame the message. Pure. Beast's parser splits; everything it is lenient about is refused here, since
// what two parties read differently can be used to smuggle one message inside of another.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/ascii.hpp"

namespace distd::http {

using ascii::equal_ignoring_case;  // names of fields, and many values

namespace head_limits {
inline constexpr std::size_t target_bytes = 8 * 1024;
inline constexpr std::size_t head_bytes = 16 * 1024;
inline constexpr std::size_t field_count = 100;
}  // namespace head_limits

struct head_field {
    std::string_view name;
    std::string_view value;
};

struct refusal {
    int status = 0;           // with which a server refuses it; 0: it does not
    std::string_view reason;  // a sentence for a person, with a static lifetime
};

// What requests and answers have in common. Views into the bytes that were read.
struct message_head {
    bool http_1_0 = false;
    bool keep_alive = true;
    bool chunked = false;
    std::optional<std::uint64_t> content_length;
    std::vector<head_field> fields;

    void clear() noexcept {
        fields.clear();
        content_length.reset();
        chunked = false;
    }
};

// Finds the end of a head, which may come in pieces: `scan` is called with all bytes since its start each
// time more came, and looks at each byte once. Refused are control bytes, line ends other than CRLF, folded
// lines, and heads over `head_limits::head_bytes`.
class head_scanner {
public:
    enum class state : std::uint8_t {
        incomplete,
        first_line,  // once: it is here whole, to be judged before the rest has come. Call `scan` again.
        complete,
        refused,
    };

    [[nodiscard]] state scan(std::string_view bytes) noexcept;
    // So many bytes before the head are not part of it.
    void skip(std::size_t bytes) noexcept { skipped_ = scanned_ = line_start_ = bytes; }

    [[nodiscard]] bool has_first_line() const noexcept { return first_line_end_ > 0; }
    [[nodiscard]] std::string_view first_line(std::string_view bytes) const noexcept {
        return bytes.substr(skipped_, first_line_end_ - skipped_);
    }
    [[nodiscard]] std::size_t scanned() const noexcept { return scanned_; }
    [[nodiscard]] std::size_t skipped() const noexcept { return skipped_; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }  // of all, once complete
    [[nodiscard]] const refusal& why() const noexcept { return why_; }

private:
    [[nodiscard]] state refuse(int status, std::string_view reason) noexcept;

    std::size_t scanned_ = 0;
    std::size_t line_start_ = 0;
    std::size_t first_line_end_ = 0;
    std::size_t skipped_ = 0;
    std::size_t size_ = 0;
    refusal why_;
};

// What a server has to know of a request's fields beside those that frame it.
struct request_marks {
    std::optional<std::string_view> host;
    bool expects_continue = false;
};

// Split the fields of a complete head that was scanned, and judge the framing; of a request also the host,
// the expectation and the names.
[[nodiscard]] refusal read_request_fields(std::string_view bytes, message_head&, request_marks&);
[[nodiscard]] refusal read_answer_fields(std::string_view bytes, message_head&);

// Whether it is of the form name[:port].
[[nodiscard]] bool is_valid_host(std::string_view host) noexcept;

// Whether a comma list such as Connection or Accept-Encoding names `token` (with any parameters but q=0).
[[nodiscard]] bool list_has_token(std::string_view list, std::string_view token) noexcept;

}  // namespace distd::http
