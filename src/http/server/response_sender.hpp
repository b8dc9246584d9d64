// What a connection still has to send. Heads and small bodies are gathered in one buffer, one behind the
// other, so that the answers to pipelined requests go out in one write; behind them there may be one body, or
// one piece of a streamed body, that is large and is sent from where it lies. Never waits: the connection
// does.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <cstdint>
#include <distd/http.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "http/server/ending.hpp"
#include "http/server/response_writer.hpp"

namespace distd::http {

class response_sender {
public:
    // ---- a response begins

    static constexpr std::size_t max_copied_bytes = 16 * 1024;  // of a body that is copied behind its head

    struct started {
        bool is_streamed = false;      // its body comes piece by piece
        std::uint64_t body_bytes = 0;  // of one that is not
    };
    [[nodiscard]] started start(response&&, const exchange&, bool keep_alive, std::string_view date,
                                gzipped_texts&);
    // One that somebody else gave: see exchange_io::begin_relay.
    void start_relayed(const relayed_head&, const exchange&, bool keep_alive,
                       std::string_view strict_transport);
    // Its body ends where the connection does.
    [[nodiscard]] bool ends_with_connection() const noexcept { return framing_ == body_framing::until_close; }

    // ---- the body of one that is streamed or relayed

    [[nodiscard]] int status() const noexcept { return answer_.status(); }
    // Not a copy: what the producer keeps is in it.
    [[nodiscard]] stream_body take_producer() { return std::move(std::get<stream_body>(answer_.body())); }
    // A large piece is sent from where it lies, so it stays there until it is sent.
    void append(const body_piece&);
    // A large piece is offered to the socket first; what that does not take is copied.
    void relay(std::string_view piece, stream_socket&, ending&);
    void end_body();
    [[nodiscard]] std::uint64_t streamed_bytes() const noexcept { return streamed_bytes_; }

    // ---- what is to be sent

    void append(std::string_view text) { out_.append(text); }
    [[nodiscard]] std::size_t gathered_bytes() const noexcept { return out_.size(); }
    [[nodiscard]] bool has_body_left() const noexcept { return !body_left_.empty(); }
    [[nodiscard]] bool is_sent() const noexcept {
        return sent_ == out_.size() && body_left_.empty() && end_left_.empty();
    }
    // Sends what is gathered, as far as that goes without waiting. True: nothing is left, and no large body.
    [[nodiscard]] bool write_now(stream_socket&, ending&);
    using unsent_bytes = std::array<boost::asio::const_buffer, 3>;
    [[nodiscard]] unsent_bytes unsent() const noexcept;
    void take_off(std::size_t n) noexcept;  // so many bytes of what is unsent were sent
    void forget_unsent() noexcept;
    // Of what is sent from where it lies: the body, if other answers send it, too.
    [[nodiscard]] const shared_text* shared_body() const noexcept { return shared_body_; }

    // ---- memory

    // Kept for the client by whoever makes its body, outside of this.
    [[nodiscard]] std::uint64_t bytes_held() const noexcept { return held_bytes_; }
    void set_bytes_held(std::uint64_t bytes) noexcept { held_bytes_ = bytes; }
    [[nodiscard]] std::uint64_t bytes_in_use() const noexcept;
    // For the next connection: without what it sent, and with no more than so much of a buffer.
    void reset() noexcept;
    void shrink_to(std::size_t bytes) noexcept;

private:
    std::string out_;
    std::size_t sent_ = 0;  // of `out_`
    response answer_;       // while its body is still to be sent
    // Of what is sent from where it lies: what is left of it, and what follows it.
    std::string_view body_left_;
    std::string_view end_left_;  // a literal
    const shared_text* shared_body_ = nullptr;
    std::uint64_t streamed_bytes_ = 0;
    std::uint64_t held_bytes_ = 0;
    body_framing framing_ = body_framing::length;
};

}  // namespace distd::http
