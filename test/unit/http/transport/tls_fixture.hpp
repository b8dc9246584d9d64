// One of our sessions on a pair of sockets, with a stranger's at the other end.
#pragma once

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "http/transport/tls_context.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

namespace distd::test {

inline const wall_point test_day{std::chrono::seconds(1'800'000'000)};

inline std::shared_ptr<const http::tls_certificate> shown(const test_certificate& c) {
    return std::make_shared<const http::tls_certificate>(c.certificate(), c.key());
}

struct tls_ends {
    explicit tls_ends(std::unique_ptr<http::tls_session> s, tls_peer p)
        : session(std::move(s)), peer(std::move(p)) {
        int both[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, both) == 0);
        ours = both[0];
        theirs = both[1];
    }
    ~tls_ends() {
        ::close(ours);
        if (theirs >= 0) ::close(theirs);
    }

    // What the peer has to say, of it at most so many bytes; the rest stays for the next time.
    void carry_to_us(std::size_t at_most = std::string::npos) {
        waiting += peer.give();
        const auto n = ::send(theirs, waiting.data(), std::min(waiting.size(), at_most), MSG_NOSIGNAL);
        if (n > 0) waiting.erase(0, static_cast<std::size_t>(n));
    }
    void carry_to_peer() {
        std::array<char, 65536> piece{};
        for (ssize_t n = 0; (n = ::recv(theirs, piece.data(), piece.size(), 0)) > 0;)
            peer.take({piece.data(), static_cast<std::size_t>(n)});
    }
    // What a read brings now; "" when nothing.
    std::string read(std::size_t room = 16384) {
        std::string text(room, '\0');
        ec.clear();
        text.resize(session->read(ours, boost::asio::buffer(text), ec));
        return text;
    }
    [[nodiscard]] bool would_block() const { return ec == boost::asio::error::would_block; }
    std::size_t write(std::string_view text) {
        const boost::asio::const_buffer piece(text.data(), text.size());
        return session->write(ours, {&piece, 1}, ec);
    }
    void write_all(std::string_view text) {
        for (int turn = 0; !text.empty() && turn < 10000; ++turn) {
            text.remove_prefix(write(text));
            carry_to_peer();
        }
        REQUIRE(text.empty());
    }
    void shake_hands() {
        for (int turn = 0; turn < 6; ++turn) {
            carry_to_us();
            session->shake_hands(ours, ec);
            carry_to_peer();
        }
    }
    void hang_up() {
        ::close(theirs);
        theirs = -1;
    }

    std::unique_ptr<http::tls_session> session;
    tls_peer peer;
    int ours = -1;
    int theirs = -1;
    std::string waiting;
    boost::system::error_code ec;
};

struct tls_fixture {
    tls_fixture() {
        keys.rotate(test_day);
        server.use(keys);
        server.use({shown(any_certificate())});
    }
    tls_ends meet(const tls_wish& wish = {}) { return tls_ends(server.accept(), tls_peer(wish)); }
    std::uint64_t failures(const std::string& reason) {
        return m.count("distd_tls_handshake_failures_total", "", {{"reason", reason}}).value();
    }

    metrics m;
    http::ticket_keys keys;
    http::tls_server server{std::make_shared<http::tls_counters>(m)};
};

}  // namespace distd::test
