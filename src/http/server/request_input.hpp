// What a client has sent and nobody has consumed yet: a buffer, and where the request at hand lies in it.
// Pure: the connection reads from the socket into `room()`, or into `body_room()`.
//
//     | answered | head of the request | consumed | its body, or the next request | room |
//     0          begin_       head_end_     unread_                          have_
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "http/message/request_head.hpp"

namespace distd::http {

class request_input {
public:
    static constexpr std::size_t max_bytes = 2 * head_limits::head_bytes;

    // ---- bytes come

    [[nodiscard]] std::span<char> room() noexcept { return {in_.data() + have_, in_.size() - have_}; }
    void add(std::size_t bytes) noexcept { have_ += bytes; }  // at the start of the room
    void assign(std::string_view bytes) noexcept;
    void clear() noexcept { begin_ = unread_ = have_ = 0; }
    void reset() noexcept;  // for the next connection
    [[nodiscard]] bool is_empty() const noexcept { return have_ == 0; }

    // ---- heads

    [[nodiscard]] bool has_next() const noexcept { return begin_ < have_; }  // of its bytes
    // Goes on with the head of the next request. Complete: that is the request at hand, and `head` shows it
    // where it lies.
    [[nodiscard]] head_reader::state read_head(request_head& head);
    [[nodiscard]] const refusal& why() const noexcept { return reader_.why(); }
    void begin_next() noexcept;  // behind what was consumed

    // ---- the request at hand

    [[nodiscard]] std::string_view head() const noexcept { return {in_.data() + begin_, head_end_ - begin_}; }
    [[nodiscard]] std::string_view unread() const noexcept { return {in_.data() + unread_, have_ - unread_}; }
    void consume(std::size_t bytes) noexcept { unread_ += bytes; }
    // Behind many requests in one buffer there may be no room for a body. At the front there is, but the head
    // has to be read again, as its views point to where it lies.
    [[nodiscard]] bool is_short_of_room() const noexcept;
    void move_to_front(request_head& head);
    // Behind the head, in place of what was there.
    [[nodiscard]] std::span<char> body_room() noexcept;
    // All of the request was consumed. What `head` shows stays until more comes.
    void end_request() noexcept;

private:
    void shift_to_front() noexcept;

    head_reader reader_;
    std::size_t begin_ = 0;
    std::size_t head_end_ = 0;
    std::size_t unread_ = 0;
    std::size_t have_ = 0;
    std::array<char, max_bytes> in_;
};

}  // namespace distd::http
