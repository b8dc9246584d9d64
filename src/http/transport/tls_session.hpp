// The TLS of one connection: between the text that a connection reads and writes and the bytes of its socket.
// It has no waits of its own and no socket: socket_io waits, and hands the descriptor in.
//
// OpenSSL reads from and writes to memory that all sessions of a loop share, so that an idle connection costs
// what OpenSSL keeps for it and no more, and a read is one recv and a write one send, as without TLS.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <distd/metrics.hpp>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/transport/hello_bound.hpp"
#include "http/transport/record_walk.hpp"
#include "http/transport/tls_handles.hpp"

namespace distd::http {

// How a handshake, or all of a session, came to its end.
enum class tls_end : std::uint8_t {
    none,             // it goes on
    closed,           // the peer has said that nothing more will come
    cut,              // the connection ended without that
    broken,           // what came is not TLS, or not as it was agreed
    plain_http,       // of a handshake: a request without TLS
    nothing_common,   // of a handshake: no version, cipher, group or protocol that both take
    refused_by_peer,  // of a handshake: the peer does not take the certificate
    not_trusted,      // of a handshake: we do not take the peer's certificate
    timed_out,        // of a handshake
};

// Memory that no session keeps anything in across a wait.
struct tls_buffers {
    std::array<char, 32 * 1024> in;
    std::array<char, 16 * 1024> joined;  // the pieces of a record
    std::string out;
};

// Of a server.
struct tls_counters {
    explicit tls_counters(metrics&);

    void failed(tls_end why) noexcept;

    counter& opened;
    counter& resumed;
    std::array<counter*, 9> failures{};  // by tls_end; null: a server has none of that
};

class tls_session {
public:
    // Keeps alive what a session needs until its handshake is over.
    using keep_alive = std::shared_ptr<const void>;

    // Its handshake is not begun. `counters` may be null.
    tls_session(tls_handle, std::shared_ptr<tls_buffers>, keep_alive, std::shared_ptr<tls_counters>);
    ~tls_session();
    tls_session(const tls_session&) = delete;
    tls_session& operator=(const tls_session&) = delete;

    // As socket_io's, which says what they promise; the handshake goes along with them.
    [[nodiscard]] std::size_t read(int fd, boost::asio::mutable_buffer, boost::system::error_code&);
    [[nodiscard]] std::size_t write(int fd, std::span<const boost::asio::const_buffer>,
                                    boost::system::error_code&);
    // Whether a read would bring text, or the end. Takes in what is neither, so it is for whoever reads next.
    [[nodiscard]] bool has_news(int fd);
    // Goes on with the handshake: would_block while it is not over.
    void shake_hands(int fd, boost::system::error_code&);
    // The peer will know that nothing is missing. Nothing where that cannot be had without waiting.
    void say_goodbye(int fd) noexcept;

    // A read would bring something, or the end, without asking the kernel.
    [[nodiscard]] bool holds_bytes() const noexcept { return holds_bytes_; }
    // The last read took all that the kernel had, and all that was in that.
    [[nodiscard]] bool is_drained() const noexcept { return is_drained_ && !holds_bytes_; }
    // Something is still to be sent that reads have left, such as an alert: nobody comes back for it but
    // whoever reads, who waits for room then. The rest of a record is its writer's, who waits for room
    // himself: a reader that did so too would not hear a peer that sends before it reads.
    [[nodiscard]] bool owes_bytes() const noexcept {
        return !unsent_.empty() && owed_ == 0 && !waits_for_answer_;
    }
    // The last write took nothing because of a message of the peer's, such as a ticket, that has come in
    // part: whoever waits to go on with it, waits for the rest of that.
    [[nodiscard]] bool writes_when_bytes_come() const noexcept { return writes_when_bytes_come_; }
    // What it keeps beside what OpenSSL does for every session.
    [[nodiscard]] std::size_t bytes_kept() const noexcept {
        const auto of_record = keeps_record_ ? record_buffer_bytes : 0;
        return unsent_.capacity() + kept_.capacity() + (is_open_ ? of_record : handshake_bytes);
    }
    // The part of that which a handshake holds, from before its first byte until it is over.
    static constexpr std::size_t handshake_bytes = 33 * 1024;
    [[nodiscard]] bool is_open() const noexcept { return is_open_; }  // the handshake is over
    [[nodiscard]] tls_end end() const noexcept { return end_; }
    // Why the peer's certificate is not taken.
    [[nodiscard]] const std::string& distrust() const noexcept { return distrust_; }
    // Ends a handshake that nobody will go on with.
    void give_up(tls_end why) noexcept;
    // What the peer sent, where that was a request without TLS.
    [[nodiscard]] std::string take_plain_bytes() noexcept { return std::move(kept_); }

    // For the contexts. Every session of that context is asked about the messages that it gets.
    static void watch_messages(ssl_ctx_st*) noexcept;
    // As a client: every session of that context may learn how to be resumed.
    static void watch_resumptions(ssl_ctx_st*) noexcept;
    // `call`: with what a later session with that peer may go on from.
    void on_resumable(std::function<void(const ssl_session_st&)> call) { on_resumable_ = std::move(call); }
    // What was handed in as `keep_alive`; null once the handshake is over.
    [[nodiscard]] static const void* kept_by(const ssl_st*) noexcept;
    // The certificate that the other side must have (SHA-256, 64 hex digits) instead of one that a root
    // vouches for.
    void pin(std::string sha256_of_certificate) { pin_ = std::move(sha256_of_certificate); }

private:
    friend struct tls_bytes;

    static constexpr std::size_t record_buffer_bytes = 17 * 1024;

    static void note_message(int is_sent, int version, int type, const void*, std::size_t, ssl_st*, void*);
    static int note_resumable(ssl_st*, ssl_session_st*) noexcept;
    void begin_read(int fd, std::string& before);
    void end_read(int fd, bool stopped_early, bool is_answered_next = false);
    [[nodiscard]] std::size_t decrypt(boost::asio::mutable_buffer);
    [[nodiscard]] bool receive(int fd, std::size_t room);
    void send_out(int fd, boost::system::error_code&) noexcept;
    void note_failure(int returned);
    void note_progress();
    [[nodiscard]] bool is_who_was_pinned() const;
    [[nodiscard]] boost::system::error_code code_of_end() const;

    tls_handle ssl_;
    std::shared_ptr<tls_buffers> buffers_;
    keep_alive kept_alive_;
    std::shared_ptr<tls_counters> counters_;
    std::string_view here_;  // received, and not with OpenSSL yet; within a read only
    std::string kept_;       // the same, between two reads
    std::string unsent_;     // the kernel did not take it, or it goes out with the answer
    std::string pin_;
    std::string distrust_;
    std::function<void(const ssl_session_st&)> on_resumable_;
    hello_bound hello_;
    record_walk received_;
    std::uint16_t late_messages_ = 0;  // of handshakes, behind its own
    std::size_t owed_ = 0;             // bytes at the front of what is written next that were written already
    tls_end end_ = tls_end::none;
    bool is_open_ = false;
    bool has_received_ = false;
    bool is_drained_ = false;
    bool holds_bytes_ = false;
    bool writes_when_bytes_come_ = false;
    // What is unsent does: the ticket, where a request came with the end of the handshake.
    bool waits_for_answer_ = false;
    bool keeps_record_ = false;  // OpenSSL does: one of which a part is missing, or was not read yet
};

}  // namespace distd::http
