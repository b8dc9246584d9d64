// Judges the head of a request: what is well-formed enough to be handed to a route, and with which status the
// rest is refused. Pure. What a peer could use to smuggle, confuse or exhaust never reaches a handler or an
// upstream.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
#include <optional>
#include <string_view>

#include "http/message/message_head.hpp"

namespace distd::http {

// Views into the bytes that were judged.
struct request_head : message_head {
    verb method = verb::get;
    std::string_view method_text;
    std::string_view target;  // origin-form, or "*"
    std::string_view path;
    std::string_view query;
    bool expects_continue = false;
    bool is_for_https = false;  // the target is absolute and says so

    [[nodiscard]] std::string_view find(std::string_view name) const noexcept;
    [[nodiscard]] bool has_body() const noexcept { return chunked || content_length.value_or(0) > 0; }
};

// Reads one head, which may come in pieces: `read` is called with all bytes since its start each time more
// came.
class head_reader {
public:
    enum class state { incomplete, complete, refused };

    [[nodiscard]] state read(std::string_view bytes, request_head& head);
    // Bytes of a complete head, its end included.
    [[nodiscard]] std::size_t size() const noexcept { return scanner_.size(); }
    [[nodiscard]] const refusal& why() const noexcept { return why_; }
    void reset() noexcept { *this = head_reader(); }

private:
    state refuse(int status, std::string_view reason) noexcept;
    state refuse(const refusal&) noexcept;
    state judge_request_line(std::string_view line);
    state parse_fields(std::string_view bytes, request_head& head);

    head_scanner scanner_;
    refusal why_;
};

// The part of the judgement that gateways and tests use by itself.
[[nodiscard]] std::optional<refusal> judge_target(std::string_view target, verb method) noexcept;

}  // namespace distd::http
