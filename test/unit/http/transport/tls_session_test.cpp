#include "http/transport/tls_session.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <random>

#include "http/transport/socket_io.hpp"
#include "unit/http/transport/tls_fixture.hpp"

using namespace distd;
using namespace distd::test;
using http::tls_end;
namespace asio = boost::asio;

namespace {

constexpr int seed = 4711;
const int tls_1_2 = TLS1_2_VERSION;
const int tls_1_3 = TLS1_3_VERSION;

std::string some_text(std::size_t size, unsigned from = 0) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i + from) * 31 % 251);
    return text;
}

}  // namespace

TEST_CASE("text goes both ways over each version") {
    const int version = GENERATE(tls_1_2, tls_1_3);
    tls_fixture f;
    auto e = f.meet({.min_version = version, .max_version = version});
    e.peer.say("hello");
    std::string got;
    for (int turn = 0; turn < 6 && got.empty(); ++turn) {
        e.carry_to_us();
        got = e.read();
        e.carry_to_peer();
    }
    CHECK(got == "hello");
    CHECK(e.session->is_open());
    CHECK(e.session->is_drained());
    e.write_all("world");
    CHECK(e.peer.heard() == "world");
    CHECK(f.m.count("distd_tls_handshakes_total", "", {{"session", "new"}}).value() == 1);
}

TEST_CASE("a handshake and a request byte by byte come through, and no byte is taken twice") {
    const int version = GENERATE(tls_1_2, tls_1_3);
    tls_fixture f;
    auto e = f.meet({.min_version = version, .max_version = version});
    const auto text = some_text(3000);
    e.peer.say(text);
    std::string got;
    for (int turn = 0; turn < 20000 && got.size() < text.size(); ++turn) {
        e.carry_to_us(1);
        got += e.read();
        CHECK((!got.empty() || e.would_block()));
        CHECK_FALSE(e.session->holds_bytes());
        e.carry_to_peer();
    }
    CHECK(got == text);
}

TEST_CASE("a part of a server's answer is waited on, and nothing is tried until more of it comes") {
    const int version = GENERATE(tls_1_2, tls_1_3);
    const std::size_t piece = GENERATE(1U, 60U, 400U);
    const auto& c = any_certificate();
    const http::tls_client client(c.certificate());
    tls_ends e(client.connect("localhost", 443, test_day),
               tls_peer(tls_peer::as_server{c.certificate(), c.key(), version}));
    for (int turn = 0; turn < 5000 && !e.session->is_open(); ++turn) {
        e.session->shake_hands(e.ours, e.ec);
        CHECK((e.session->is_open() || e.would_block()));
        CHECK((e.session->is_open() || !e.session->holds_bytes()));
        e.carry_to_peer();
        e.carry_to_us(piece);
    }
    CHECK(e.session->is_open());
}

TEST_CASE("a ticket that has come in part makes a writer wait for the rest of it, and ends nothing") {
    const auto& c = any_certificate();
    const http::tls_client client(c.certificate());
    tls_ends e(client.connect("localhost", 443, test_day),
               tls_peer(tls_peer::as_server{c.certificate(), c.key(), tls_1_3, true}));
    for (int turn = 0; turn < 50 && !e.peer.is_open(); ++turn) {
        e.session->shake_hands(e.ours, e.ec);
        e.carry_to_peer();
        e.carry_to_us(e.session->is_open() ? 0 : std::string::npos);
    }
    REQUIRE(e.session->is_open());
    e.carry_to_us(600);
    CHECK(e.read().empty());
    CHECK(e.would_block());
    CHECK(e.write("hello") == 0);
    CHECK(e.would_block());
    CHECK(e.session->writes_when_bytes_come());
    e.peer.say("world");
    e.carry_to_us();
    CHECK(e.write("hello") == 5);
    e.carry_to_peer();
    CHECK(e.peer.heard() == "hello");
    CHECK(e.session->holds_bytes());
    CHECK(e.read() == "world");
}

TEST_CASE("where a request came with the end of the handshake, the ticket goes out with the answer") {
    tls_fixture f;
    auto e = f.meet({.min_version = tls_1_3});
    const auto bytes_for_peer = [&] {
        int n = -1;
        REQUIRE(::ioctl(e.theirs, FIONREAD, &n) == 0);
        return n;
    };
    e.carry_to_us();
    CHECK(e.read().empty());
    e.carry_to_peer();
    e.peer.say("request");
    e.carry_to_us();
    CHECK(e.read() == "request");
    CHECK(bytes_for_peer() == 0);
    CHECK_FALSE(e.session->owes_bytes());
    constexpr int ticket_bytes = 150;
    SECTION("an answer") {
        CHECK(e.write("answer") == 6);
        CHECK(bytes_for_peer() > ticket_bytes);
        e.carry_to_peer();
        CHECK(e.peer.heard() == "answer");
    }
    SECTION("the next read, where no answer came before it") {
        CHECK(e.read().empty());
        CHECK(bytes_for_peer() > ticket_bytes);
    }
    SECTION("a goodbye") {
        e.session->say_goodbye(e.ours);
        CHECK(bytes_for_peer() > ticket_bytes);
        e.carry_to_peer();
        CHECK(e.peer.was_told_goodbye());
    }
    CHECK_FALSE(e.peer.has_failed());
}

TEST_CASE("text in random cuts, into rooms of any size, comes whole and in order") {
    std::mt19937 chance(seed);
    const auto up_to = [&](std::size_t n) { return 1 + chance() % n; };
    for (int round = 0; round < 60; ++round) {
        tls_fixture f;
        auto e = f.meet();
        const int size = 4096 << (round % 3);
        ::setsockopt(e.ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
        const auto up = some_text(up_to(200'000));
        const auto down = some_text(up_to(200'000), 7);
        std::string heard_here;
        std::string heard_there;
        std::size_t said_here = 0;
        std::size_t said_there = 0;
        for (int turn = 0; turn < 400'000; ++turn) {
            if (heard_here == up && heard_there == down) break;
            if (said_there < up.size() && chance() % 3 == 0) {
                const auto n = std::min(up_to(30'000), up.size() - said_there);
                e.peer.say(std::string_view(up).substr(said_there, n));
                said_there += n;
            }
            e.carry_to_us(up_to(5000));
            // As connections do: wait only for what the session does not hold.
            do {
                heard_here += e.read(up_to(20'000));
            } while (e.session->holds_bytes());
            if (e.session->is_open() && said_here < down.size()) {
                const std::string_view rest = std::string_view(down).substr(said_here);
                const auto first = rest.substr(0, std::min(rest.size(), up_to(2000)));
                const auto second = rest.substr(first.size(), up_to(40'000));
                const std::array<asio::const_buffer, 3> pieces{asio::buffer(first), asio::const_buffer(),
                                                               asio::buffer(second)};
                const auto n = e.session->write(e.ours, pieces, e.ec);
                REQUIRE((n > 0 || e.would_block()));
                REQUIRE(n <= first.size() + second.size());
                said_here += n;
            }
            if (chance() % 2 == 0) e.carry_to_peer();
            heard_there += e.peer.heard();
        }
        REQUIRE(heard_here == up);
        REQUIRE(heard_there == down);
    }
}

TEST_CASE("what is written counts as written only when the kernel has all of it") {
    tls_fixture f;
    auto e = f.meet();
    e.shake_hands();
    const int size = 4096;
    ::setsockopt(e.ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    const auto text = some_text(60'000);
    std::size_t said = 0;
    while (said < text.size()) {
        const auto n = e.write(std::string_view(text).substr(said));
        said += n;
        if (n == 0) {
            CHECK(e.would_block());
            e.carry_to_peer();
        }
    }
    e.carry_to_peer();
    CHECK(e.peer.heard() == text);
}

TEST_CASE("who reads waits for bytes while a writer waits for room, and for room only for what reads owe") {
    tls_fixture f;
    auto e = f.meet({.max_version = tls_1_2});
    e.shake_hands();
    const int size = 4096;
    ::setsockopt(e.ours, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    using enum http::detail::readable_when;
    const auto waits_for = [&] { return http::detail::when_readable(*e.session); };
    SECTION("a peer that sends without reading is heard further") {
        const auto text = some_text(200'000);
        std::size_t said = 0;
        while (!e.would_block()) said += e.write(std::string_view(text).substr(said));
        CHECK(waits_for() == bytes_come);
        e.peer.say("hello");
        e.carry_to_us();
        CHECK(e.read() == "hello");
        CHECK(waits_for() == bytes_come);
    }
    SECTION("an alert goes out once there is room") {
        const std::string other(512, 'x');  // what fills the socket is somebody else's, so that none is owed
        while (::send(e.ours, other.data(), other.size(), MSG_NOSIGNAL) > 0) {}
        e.peer.shake_hands_again();
        e.carry_to_us();
        CHECK(e.read().empty());
        CHECK(waits_for() == there_is_room);
    }
}

TEST_CASE("a close_notify is detected as the end, a broken connection is not") {
    tls_fixture f;
    auto e = f.meet();
    e.peer.say("bye");
    e.shake_hands();
    CHECK(e.read() == "bye");
    SECTION("said") {
        e.peer.say_goodbye();
        e.carry_to_us();
        CHECK(e.read().empty());
        CHECK(e.ec == asio::error::eof);
        CHECK(e.session->end() == tls_end::closed);
        e.write_all("but you may hear this");
        CHECK(e.peer.heard() == "but you may hear this");
    }
    SECTION("cut") {
        e.hang_up();
        CHECK(e.read().empty());
        CHECK(e.ec == asio::error::connection_reset);
    }
    SECTION("cut in the middle of a record") {
        e.peer.say(some_text(5000));
        e.carry_to_us(2000);
        e.hang_up();
        CHECK(e.read().empty());
        CHECK(e.would_block());  // the record is not whole
        CHECK(e.read().empty());
        CHECK(e.ec == asio::error::connection_reset);
    }
    SECTION("garbage") {
        ::send(e.theirs, "\x17\x03\x03\x00\x20................................", 37, 0);
        CHECK(e.read().empty());
        CHECK(e.ec == asio::error::connection_aborted);
    }
    CHECK(e.session->holds_bytes());
}

TEST_CASE("a goodbye says that nothing is missing, and what comes is still read") {
    tls_fixture f;
    auto e = f.meet();
    e.shake_hands();
    e.session->say_goodbye(e.ours);
    e.carry_to_peer();
    CHECK(e.peer.was_told_goodbye());
    e.peer.say("still here");
    e.carry_to_us();
    CHECK(e.read() == "still here");
}

TEST_CASE("text, the end and the next request may come in one piece") {
    tls_fixture f;
    auto e = f.meet();
    e.shake_hands();
    e.peer.say("one");
    e.peer.say("two");
    e.peer.say_goodbye();
    e.carry_to_us();
    CHECK(e.read(4) == "onet");
    CHECK(e.session->holds_bytes());
    CHECK_FALSE(e.session->is_drained());
    CHECK(e.read(2) == "wo");
    CHECK(e.session->holds_bytes());
    CHECK(e.read().empty());
    CHECK(e.ec == asio::error::eof);
}

TEST_CASE("a request without TLS is distinguished from a handshake, and its bytes are still there") {
    tls_fixture f;
    auto e = f.meet();
    ::send(e.theirs, "GET / HTTP/1.1\r\n\r\n", 18, 0);
    CHECK(e.read().empty());
    CHECK(e.session->end() == tls_end::plain_http);
    CHECK(e.session->take_plain_bytes() == "GET / HTTP/1.1\r\n\r\n");
    e.session.reset();
    CHECK(f.failures("plain_http") == 1);
}

TEST_CASE("keys are renewed when the peer wishes") {
    tls_fixture f;
    auto e = f.meet();
    e.shake_hands();
    for (int i = 0; i < 5; ++i) {
        e.peer.renew_keys();
        e.peer.say("a");
        e.carry_to_us();
        CHECK(e.read() == "a");
        e.write_all("b");
        CHECK(e.peer.heard() == "b");
    }
}

TEST_CASE("who does nothing but renew keys is cut off, however much of that comes at once") {
    tls_fixture f;
    auto slow = f.meet();
    slow.shake_hands();
    for (int i = 0; i < 100; ++i) {
        slow.peer.renew_keys();
        slow.carry_to_us();
        CHECK(slow.read().empty());
        slow.carry_to_peer();
    }
    CHECK(slow.session->end() == tls_end::none);
    slow.peer.renew_keys();
    slow.carry_to_us();
    CHECK(slow.read().empty());
    CHECK(slow.session->end() == tls_end::broken);
    auto fast = f.meet();
    fast.shake_hands();
    fast.peer.say("a");
    for (int i = 0; i < 1000; ++i) fast.peer.renew_keys();
    fast.carry_to_us();
    CHECK(fast.read() == "a");
    CHECK(fast.session->holds_bytes());
    CHECK(fast.read().empty());
    CHECK(fast.session->end() == tls_end::broken);
}

TEST_CASE("a handshake is charged with what it takes from the beginning, an idle session with nothing more") {
    tls_fixture f;
    auto e = f.meet();
    CHECK(e.session->bytes_kept() > 32 * 1024);
    e.carry_to_us(30);
    CHECK(e.read().empty());
    CHECK(e.session->bytes_kept() > 32 * 1024);
    e.shake_hands();
    CHECK(e.session->bytes_kept() < 1024);
}

TEST_CASE("a record of which a part is missing is charged with the buffer that it is kept in") {
    const auto part = GENERATE(1U, 5U, 6U, 4000U);
    tls_fixture f;
    auto e = f.meet();
    e.shake_hands();
    e.peer.say("before");
    e.carry_to_us();
    e.peer.say(some_text(5000));
    e.carry_to_us(part);
    CHECK(e.read() == "before");
    CHECK(e.session->bytes_kept() > 16 * 1024);
    e.carry_to_us();
    CHECK(e.read() == some_text(5000));
    CHECK(e.session->bytes_kept() < 1024);
}

TEST_CASE("a hello that announces more than any client sends ends the handshake at once") {
    tls_fixture f;
    auto e = f.meet();
    auto hello = e.peer.give();
    hello[6] = 1;  // 64 KiB more
    REQUIRE(::send(e.theirs, hello.data(), hello.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(hello.size()));
    CHECK(e.read().empty());
    CHECK(e.session->end() == tls_end::broken);
}

TEST_CASE("a handshake is not begun again on the same connection") {
    tls_fixture f;
    auto e = f.meet({.max_version = tls_1_2});
    e.shake_hands();
    e.peer.shake_hands_again();
    e.carry_to_us();
    CHECK(e.read().empty());
    CHECK(e.would_block());
    CHECK(e.session->end() == tls_end::none);
    e.carry_to_peer();
    CHECK(e.peer.has_failed());
}

TEST_CASE("a handshake that nobody goes on with is counted by its reason") {
    tls_fixture f;
    {
        auto e = f.meet();
        e.carry_to_us(20);
        CHECK(e.read().empty());
        CHECK(e.would_block());
    }
    CHECK(f.failures("left") == 1);
    {
        auto e = f.meet();
        e.session->give_up(tls_end::timed_out);
    }
    CHECK(f.failures("timed_out") == 1);
    CHECK(f.failures("left") == 1);
}

TEST_CASE("an error that others left in OpenSSL's queue harms no session") {
    tls_fixture f;
    auto e = f.meet();
    e.shake_hands();
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    CHECK(e.read().empty());
    CHECK(e.would_block());
    CHECK(e.session->end() == tls_end::none);
}
