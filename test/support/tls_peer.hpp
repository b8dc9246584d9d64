// The other side's TLS for tests: OpenSSL on memory, with none of our own code. What it makes is sent however
// the test likes, in any pieces.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace distd::test {

struct tls_wish {
    std::string server_name{};  // empty: none is named
    std::string roots{};        // PEM; empty: any certificate is taken
    int min_version = 0;        // as OpenSSL has them, 0: what it takes
    int max_version = 0;
    std::string groups{};             // as OpenSSL writes them; empty: its own
    std::string suites{};             // of TLS 1.3
    std::string ciphers{};            // of TLS 1.2
    std::string protocols{};          // of ALPN, as they are sent: \x08http/1.1
    std::shared_ptr<void> session{};  // to be resumed: as of `session`
};

class tls_peer {
public:
    explicit tls_peer(const tls_wish& wish = {});
    // As a server, with such a pair (PEM).
    struct as_server {
        std::string certificate;
        std::string key;
        int max_version = 0;            // as in a wish
        bool has_long_tickets = false;  // over several records
    };
    explicit tls_peer(const as_server& shown);
    ~tls_peer();
    tls_peer(tls_peer&&) noexcept;

    // What came from the other side.
    void take(std::string_view bytes);
    // What is to be sent to it, since the last time.
    [[nodiscard]] std::string give();
    // Text to be sent, once the handshake is over.
    void say(std::string_view text);
    void say_goodbye();
    void shake_hands_again();  // a renegotiation, with TLS 1.2
    void renew_keys();         // a KeyUpdate that asks for one
    // The text that has come, since the last time.
    [[nodiscard]] std::string heard();

    [[nodiscard]] bool is_open() const;           // the handshake is over
    [[nodiscard]] bool was_told_goodbye() const;  // close_notify
    [[nodiscard]] bool has_failed() const noexcept;
    [[nodiscard]] std::string problem() const;  // why, as OpenSSL says it
    [[nodiscard]] bool is_resumed() const;
    [[nodiscard]] std::string version() const;
    [[nodiscard]] std::string cipher() const;
    [[nodiscard]] std::string protocol() const;  // that was agreed by ALPN
    [[nodiscard]] std::string certificate_sha256() const;
    [[nodiscard]] std::shared_ptr<void> session() const;

private:
    void go_on();

    struct impl;
    std::unique_ptr<impl> impl_;
};

// Ports of this test where TLS is spoken: raw_peer does so by itself there.
void speak_tls_at(std::uint16_t port);
void forget_tls_at(std::uint16_t port);  // a test speaks it itself
[[nodiscard]] bool is_tls_port(std::uint16_t port);
// Whether this run of the tests is over TLS: DISTD_TEST_TLS is set.
[[nodiscard]] bool runs_over_tls();

}  // namespace distd::test
