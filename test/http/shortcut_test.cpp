// Requests that are answered without a coroutine: at once by a shortcut, which leaves the rest to the handler
// that may wait, or soon, by somebody else.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

std::string post(const std::string& body) {
    return "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

task<http::response> answer_at_leisure(http::request q) {
    co_return http::response::text(200, "slow " + std::string(q.body()));
}

// Knows what to say to "now", fails on "fail", and passes on everything else.
std::optional<http::response> answer_now(http::request q) {
    if (q.body() == "fail") throw std::runtime_error("no");
    if (q.body() != "now") return std::nullopt;
    return http::response::text(200, "quick");
}

struct fixture : server_fixture {
    fixture() {
        http::route_options o;
        o.shortcut = &answer_now;
        post_slow("/a", &answer_at_leisure, o);
        start();
    }
};

}  // namespace

TEST_CASE("a shortcut answers what it knows, and the handler that may wait the rest, in order") {
    fixture s;
    auto peer = s.connect();
    peer.send(post("now") + post("later") + post("now"));
    CHECK_THAT(peer.read_answer(), EndsWith("quick"));
    CHECK_THAT(peer.read_answer(), EndsWith("slow later"));
    CHECK_THAT(peer.read_answer(), EndsWith("quick"));
}

TEST_CASE("a shortcut that fails is answered with 500, and the connection goes on") {
    fixture s;
    auto peer = s.connect();
    peer.send(post("fail"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
    peer.send(post("now"));
    CHECK_THAT(peer.read_answer(), EndsWith("quick"));
}

namespace {

// Its answers wait for the test.
struct slow_disk : server_fixture {
    slow_disk() {
        post("/a", [this](http::request) {
            return std::move(http::response::soon([this](http::request q, http::pending_answer a) {
                                 shown.emplace_back(q.body());
                                 waiting.push_back(std::move(a));
                             }).header("X-Who", "me"));
        });
        start();
    }
    ~slow_disk() { waiting.clear(); }

    void answer(std::size_t i) {
        waiting.at(i).give(http::response::text(200, "stored " + shown.at(i)));
        pump();
    }

    std::vector<std::string> shown;
    std::vector<http::pending_answer> waiting;
};

}  // namespace

TEST_CASE("answers that are due soon come in order, with their headers, and the connection goes on") {
    slow_disk s;
    auto peer = s.connect();
    peer.send(post("one") + post("two"));
    CHECK(peer.is_silent());
    REQUIRE(s.shown == std::vector<std::string>{"one"});
    s.answer(0);
    CHECK_THAT(peer.read_answer(), EndsWith("stored one") && Contains("X-Who: me\r\n"));
    REQUIRE(s.shown == std::vector<std::string>{"one", "two"});
    s.answer(1);
    CHECK_THAT(peer.read_answer(), EndsWith("stored two"));
    peer.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nth");
    CHECK(peer.is_silent());
    peer.send("ree");
    CHECK(peer.is_silent());
    s.answer(2);
    CHECK_THAT(peer.read_answer(), EndsWith("stored three"));
}

TEST_CASE("an answer that is due soon is waited for at the drain") {
    slow_disk s;
    auto peer = s.connect();
    peer.send(post("one"));
    CHECK(peer.is_silent());
    s.server->drain();
    CHECK(peer.is_silent());
    s.answer(0);
    CHECK_THAT(peer.read_until_close(), EndsWith("stored one") && Contains("Connection: close"));
}

TEST_CASE("whoever left before an answer that was due soon is not missed") {
    slow_disk s;
    {
        auto peer = s.connect();
        peer.send(post("one"));
        static_cast<void>(peer.is_silent());
    }
    s.answer(0);
    CHECK(s.server->connections() == 0);
    auto other = s.connect();
    other.send(post("two"));
    static_cast<void>(other.is_silent());
    s.server->stop();
    CHECK_FALSE(s.waiting.at(1).is_wanted());
    s.answer(1);
}
