// A TCP peer that says exactly what a test wants said, byte by byte, and hears what comes back: in TLS where
// the port speaks it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/tls_peer.hpp"

namespace distd::test {

class connect_refused : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// `headers`: whole lines, each with its end.
[[nodiscard]] inline std::string get_request(const std::string& target, const std::string& headers = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
}

class raw_peer {
public:
    // `pump` lets the loop of a server in this thread do what is ready; it is called while waiting for bytes.
    // Without it the server is another process. `source` is this end's address: all of 127.0.0.0/8 is ours.
    // `kept_unread`: how many bytes, about, the kernel keeps for it until it reads; by itself it keeps
    // megabytes.
    explicit raw_peer(std::uint16_t port, std::function<void()> pump = {},
                      const std::string& source = "127.0.0.1", int kept_unread = 0);
    ~raw_peer();
    raw_peer(const raw_peer&) = delete;
    raw_peer& operator=(const raw_peer&) = delete;

    bool send(std::string_view bytes);       // false: the other side did not take all of it
    void finish_sending();                   // half close
    void say_goodbye_only();                 // of TLS: the connection stays open
    void send_last(std::string_view bytes);  // both before the server has a turn; few bytes
    [[nodiscard]] std::string read_until_close();
    [[nodiscard]] std::string read_some();  // what comes next; "" at the end
    // Status line, head and body of one answer with a Content-Length.
    [[nodiscard]] std::string read_answer();
    [[nodiscard]] bool is_silent();  // neither said anything nor closed so far; does not wait
    void reset();                    // close with a TCP reset
    // For those that stand in line behind a crowd; others give up sooner, instead of hanging.
    void wait_at_most(std::chrono::seconds guard) { guard_ = guard; }
    [[nodiscard]] bool was_reset() const noexcept { return was_reset_; }  // the end that was read was one
    // Its other side's TLS; null: none.
    [[nodiscard]] tls_peer* tls() const noexcept { return tls_.get(); }

private:
    void pump() const;
    bool send_bytes(std::string_view bytes);
    bool shake_hands();
    [[nodiscard]] long receive(int flags);
    void wait_for_bytes();

    std::chrono::seconds guard_{15};
    int fd_ = -1;
    std::function<void()> pump_;
    std::string ahead_;
    bool was_reset_ = false;
    bool has_ended_ = false;
    std::unique_ptr<tls_peer> tls_;
};

}  // namespace distd::test
