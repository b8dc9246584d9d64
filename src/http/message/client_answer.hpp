// Reads one answer to a request from bytes as they arrive. Pure. Refuses what two parties could read
// differently (message_head.hpp): answers come from peers that we do not trust with our connections either.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/message/chunked.hpp"
#include "http/message/message_head.hpp"

namespace distd::http {

class answer_reader {
public:
    static constexpr int max_interim_answers = 8;  // 1xx before the answer proper

    enum class state : std::uint8_t { need_more, done, bad };

    // What `take` returns; it makes no difference to what is refused. failures: the status, and of any but
    // 200 the first kilobyte of the body.
    enum class keep : std::uint8_t { everything, status, failures };
    static constexpr std::size_t kept_of_failure = 1024;

    struct step {
        state now;
        std::string_view piece;  // of the body; part of the input
        std::size_t consumed;    // from the input's beginning, the piece included
    };

    // The answer to a HEAD request has no body, whatever its fields say.
    answer_reader(bool answers_head, std::size_t body_limit, keep k = keep::everything)
        : body_limit_(body_limit), answers_head_(answers_head), keep_(k) {
        head_.keep_alive = false;  // until it says otherwise
    }

    // 101 is a good answer from now on: what follows it is another protocol's.
    void allow_upgrade() noexcept { allows_upgrade_ = true; }

    [[nodiscard]] state feed(std::string_view bytes);
    // For an answer that is passed on: goes on to the end of the head, of the next piece of the body, of the
    // answer or of the input, and keeps nothing of the body. Bytes behind the end are not consumed.
    [[nodiscard]] step next(std::string_view bytes);
    // The peer closed. That completes an answer without a length of its own, and no other.
    [[nodiscard]] state end_of_stream() noexcept;

    [[nodiscard]] bool has_begun() const noexcept { return begun_; }
    // Once done: another request may go out on the same connection.
    [[nodiscard]] bool leaves_connection_usable() const noexcept { return head_.keep_alive && !left_over_; }
    [[nodiscard]] reply take() { return std::move(reply_); }

    // The head, once `has_head`. The fields are views that hold until `next` is called again or the input
    // goes.
    [[nodiscard]] bool has_head() const noexcept { return part_ != part::head && part_ != part::bad; }
    [[nodiscard]] int status() const noexcept { return reply_.status; }
    [[nodiscard]] const std::vector<head_field>& fields() const noexcept { return head_.fields; }
    [[nodiscard]] bool has_body() const noexcept { return has_body_; }
    [[nodiscard]] std::optional<std::uint64_t> length() const noexcept {
        return head_.content_length;
    }  // as announced

private:
    enum class part : std::uint8_t { head, body_of_length, body_in_chunks, body_until_close, done, bad };
    [[nodiscard]] std::size_t take_head(std::string_view bytes);
    [[nodiscard]] bool scan_head(std::string_view bytes);
    [[nodiscard]] part judge_head(std::string_view bytes);
    [[nodiscard]] part judge_framing();
    [[nodiscard]] step take_body(std::string_view bytes);
    void begin_keeping();
    [[nodiscard]] bool append(std::string_view piece);
    [[nodiscard]] std::size_t room() const noexcept { return body_limit_ - body_size_; }
    [[nodiscard]] state now() const noexcept;

    reply reply_;
    message_head head_;
    head_scanner scanner_;
    std::string head_bytes_;  // as far as it came, when it did not come at once
    std::size_t body_limit_;
    std::size_t body_size_ = 0;
    std::uint64_t body_left_ = 0;
    chunked_decoder chunks_;
    int interim_answers_ = 0;
    part part_ = part::head;
    bool answers_head_;
    keep keep_;
    bool begun_ = false;
    bool left_over_ = false;
    bool has_body_ = false;
    bool allows_upgrade_ = false;
};

}  // namespace distd::http
