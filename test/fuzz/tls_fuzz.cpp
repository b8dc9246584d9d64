// A session with TLS, as a server and as a client, on anything that may come over a socket, in any pieces: no
// crash, no wait while there is something to be had, and what goes through it comes out as it went in.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "http/transport/tls_context.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

using namespace distd;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

const http::tls_server& server() {
    static const auto made = [] {
        const wall_point now{std::chrono::seconds(1'800'000'000)};
        const auto& c = test::any_certificate();
        http::ticket_keys keys;
        keys.rotate(now);
        http::tls_server s;
        s.use(std::move(keys));
        s.use({std::make_shared<const http::tls_certificate>(c.certificate(), c.key())});
        return s;
    }();
    return made;
}

// Each time a client of its own: one that has met a server before would go on from that.
std::unique_ptr<http::tls_session> call_server() {
    const wall_point now{std::chrono::seconds(1'800'000'000)};
    const http::tls_client client(test::any_certificate().certificate());
    return client.connect("localhost", 443, now);
}

enum class side : bool { server, client };

std::unique_ptr<http::tls_session> session_of(side ours) {
    return ours == side::server ? server().accept() : call_server();
}

test::tls_peer peer_of(side ours) {
    const auto& c = test::any_certificate();
    return ours == side::server ? test::tls_peer()
                                : test::tls_peer(test::tls_peer::as_server{c.certificate(), c.key()});
}

struct pair_of_sockets {
    pair_of_sockets() {
        require(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) == 0);
    }
    ~pair_of_sockets() {
        ::close(ends[0]);
        ::close(ends[1]);
    }
    std::array<int, 2> ends{};
};

// All that can be read now; false at the end.
bool read_all(http::tls_session& s, int fd, std::size_t room, std::string& out) {
    std::string piece(room, '\0');
    for (;;) {
        boost::system::error_code ec;
        const auto n = s.read(fd, boost::asio::buffer(piece), ec);
        require(n <= room && (n > 0) == !ec);
        out.append(piece, 0, n);
        if (ec && ec != boost::asio::error::would_block) return false;
        if (ec) require(!s.holds_bytes());
        if (ec || !s.holds_bytes()) return true;
    }
}

void feed_anything(side ours, std::string_view bytes, std::size_t cut) {
    pair_of_sockets sockets;
    const auto session = session_of(ours);
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += cut) {
        const auto piece = bytes.substr(i, cut);
        require(::send(sockets.ends[1], piece.data(), piece.size(), MSG_NOSIGNAL) >= 0);
        if (!read_all(*session, sockets.ends[0], 1 + cut * 7 % 5000, out)) break;
    }
    require(out.empty());  // nobody has the keys
    session->say_goodbye(sockets.ends[0]);
}

struct conversation {
    explicit conversation(side ours) : session(session_of(ours)), peer(peer_of(ours)) {}
    void carry_to_us(std::size_t at_most) {
        on_its_way += peer.give();
        const auto n =
            ::send(sockets.ends[1], on_its_way.data(), std::min(on_its_way.size(), at_most), MSG_NOSIGNAL);
        if (n > 0) on_its_way.erase(0, static_cast<std::size_t>(n));
    }
    void carry_to_peer() {
        std::array<char, 65536> piece{};
        for (ssize_t n = 0; (n = ::recv(sockets.ends[1], piece.data(), piece.size(), 0)) > 0;)
            peer.take({piece.data(), static_cast<std::size_t>(n)});
        heard_there += peer.heard();
    }
    void say_there(std::size_t n) {
        const std::string text(n, static_cast<char>('a' + said_there.size() % 26));
        peer.say(text);
        said_there += text;
    }
    void say_here(std::size_t n) {
        if (!session->is_open()) return;
        unsaid.append(n, static_cast<char>('A' + said_here.size() % 26));
        boost::system::error_code ec;
        const boost::asio::const_buffer piece(unsaid.data(), unsaid.size());
        const auto taken = session->write(sockets.ends[0], {&piece, 1}, ec);
        require(taken <= unsaid.size() && (taken > 0 || ec == boost::asio::error::would_block));
        said_here.append(unsaid, 0, taken);
        unsaid.erase(0, taken);
    }

    pair_of_sockets sockets;
    std::unique_ptr<http::tls_session> session;
    test::tls_peer peer;
    std::string on_its_way, unsaid, said_here, said_there, heard_here, heard_there;
};

// Each byte is a step: what is done in its two lowest bits, how much in the others.
void talk(side ours, std::string_view steps) {
    conversation c(ours);
    for (const char step : steps.substr(0, 400)) {
        const auto much = std::size_t{1} << ((static_cast<unsigned char>(step) >> 2) % 16);
        switch (step & 3) {
            case 0: c.say_there(much); break;
            case 1: c.carry_to_us(much); break;
            case 2: require(read_all(*c.session, c.sockets.ends[0], much, c.heard_here)); break;
            default: c.say_here(much); c.carry_to_peer();
        }
    }
    for (int i = 0;
         i < 2000 && (c.heard_here != c.said_there || !c.unsaid.empty() || c.session->owes_bytes()); ++i) {
        c.carry_to_us(1 << 20);
        require(read_all(*c.session, c.sockets.ends[0], 16384, c.heard_here));
        if (!c.unsaid.empty()) c.say_here(0);
        c.carry_to_peer();
    }
    c.carry_to_peer();
    require(c.heard_here == c.said_there);
    require(c.heard_there == c.said_here);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto ours = data[0] >= 128 ? side::client : side::server;
    if (data[0] % 8 == 0)
        talk(ours, rest);
    else
        feed_anything(ours, rest, data[0] % 128);
    return 0;
}
