// How soon the server notices that a client has left, or has said all that it will say, between requests.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::EndsWith;
using Catch::StartsWith;

task<http::response> later(time_source* time) {
    co_await sleep_for(*time, milliseconds(100));
    co_return http::response::text(200, "a");
}

// A client whose words reach the server together, while it holds back.
struct meeting {
    meeting() {
        s.get("/quick", [](http::request) { return http::response::text(200, "a"); });
        s.get("/slow", [this](http::request) { return later(&s.time); });
        s.start();
        peer = std::make_unique<raw_peer>(s.port(), [this] {
            if (!holds_back) s.pump();
        });
        s.pump();
    }
    std::string ask(const std::string& path) {
        peer->send(get_request(path));
        if (path == "/slow") s.time.advance(milliseconds(100));
        return peer->read_answer();
    }
    void ask_and_finish(const std::string& path) {
        holds_back = true;
        peer->send(get_request(path));
        peer->finish_sending();
        holds_back = false;
        s.pump();
        if (path == "/slow") s.time.advance(milliseconds(100));
    }
    [[nodiscard]] bool is_closed() const { return s.server->connections() == 0; }

    server_fixture s;
    std::unique_ptr<raw_peer> peer;
    bool holds_back = false;
};

std::string any_path() { return GENERATE(as<std::string>(), "/quick", "/slow"); }

}  // namespace

TEST_CASE("a client that half-closes with its only request is answered and closed at once") {
    meeting m;
    m.ask_and_finish(any_path());
    CHECK(m.is_closed());
    CHECK_THAT(m.peer->read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\na"));
}

TEST_CASE("a client that half-closes with a later request is answered and closed within two seconds") {
    meeting m;
    const auto path = any_path();
    const int before = GENERATE(1, 2, 5);
    for (int i = 0; i < before; ++i) CHECK_THAT(m.ask(path), StartsWith("HTTP/1.1 200"));
    m.ask_and_finish(path);
    CHECK_THAT(m.peer->read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\na"));
    m.s.time.advance(seconds(2));
    CHECK(m.is_closed());
    CHECK(m.peer->read_until_close().empty());
}

TEST_CASE("a client that half-closes during its answer is closed right after it") {
    meeting m;
    const int before = GENERATE(0, 1, 2);
    for (int i = 0; i < before; ++i) static_cast<void>(m.ask("/slow"));
    m.peer->send(get_request("/slow"));
    m.peer->finish_sending();
    m.s.time.advance(milliseconds(100));
    CHECK(m.is_closed());
    CHECK_THAT(m.peer->read_until_close(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("the disconnect of an idle client is detected at once, after any number of requests") {
    meeting m;
    const auto path = any_path();
    const int before = GENERATE(0, 1, 2, 3, 4);
    for (int i = 0; i < before; ++i) CHECK_THAT(m.ask(path), StartsWith("HTTP/1.1 200"));
    CHECK_FALSE(m.is_closed());
    SECTION("with an orderly close") { m.peer.reset(); }
    SECTION("with a reset") { m.peer->reset(); }
    SECTION("by ending its side") { m.peer->finish_sending(); }
    m.s.pump();
    CHECK(m.is_closed());
}

TEST_CASE("the disconnect of an idle client is detected after a sweep, too") {
    meeting m;
    for (int i = 0; i < 3; ++i) static_cast<void>(m.ask("/quick"));
    m.s.time.advance(seconds(5));
    CHECK_FALSE(m.is_closed());
    CHECK_THAT(m.ask("/quick"), StartsWith("HTTP/1.1 200"));
    m.s.time.advance(seconds(5));
    m.peer.reset();
    m.s.pump();
    CHECK(m.is_closed());
}
