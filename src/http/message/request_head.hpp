// Judges the head of a request: what is well-formed enough to be handed to a route, and with which status the
// rest is refused. Pure. Beast's parser splits the fields; everything it is lenient about is refused here, so
// that what a peer could use to smuggle, confuse or exhaust never reaches a handler or an upstream.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
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

// Views into the bytes that were judged.
struct request_head {
    verb method = verb::get;
    std::string_view method_text;
    std::string_view target;  // origin-form, or "*"
    std::string_view path;
    std::string_view query;
    bool http_1_0 = false;
    bool keep_alive = true;
    bool chunked = false;
    bool expects_continue = false;
    std::optional<std::uint64_t> content_length;
    std::vector<head_field> fields;

    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;
    [[nodiscard]] bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
};

struct refusal {
    int status = 0;
    std::string_view reason;  // a sentence for a person, with a static lifetime
};

// Reads one head, which may come in pieces: `read` is called with all bytes since its start each time more
// came.
class head_reader {
public:
    enum class state { incomplete, complete, refused };

    [[nodiscard]] state read(std::string_view bytes, request_head& head);
    [[nodiscard]] std::size_t size() const noexcept {
        return size_;
    }  // bytes of a complete head, its end included
    [[nodiscard]] const refusal& why() const noexcept { return why_; }
    void reset() noexcept { *this = head_reader(); }

private:
    state refuse(int status, std::string_view reason) noexcept;
    state scan(std::string_view bytes);
    state judge_request_line(std::string_view line);
    state parse_fields(std::string_view bytes, request_head& head);

    std::size_t scanned_ = 0;
    std::size_t line_start_ = 0;
    std::size_t first_line_end_ = 0;
    std::size_t skipped_ = 0;  // one empty line before the request line
    std::size_t size_ = 0;
    refusal why_;
};

// The parts of the judgement that gateways and tests use by themselves.
[[nodiscard]] std::optional<refusal> judge_target(std::string_view target, verb method) noexcept;
[[nodiscard]] bool is_valid_host(std::string_view host) noexcept;
// Whether a comma list such as Connection or Accept-Encoding names `token` (with any parameters but q=0).
[[nodiscard]] bool list_has_token(std::string_view list, std::string_view token) noexcept;

}  // namespace distd::http
