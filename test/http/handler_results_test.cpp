// One handler may have its response ready, have a coroutine find it, or defer it; and a coroutine may end in
// any of these.
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

task<http::handler_result> defer_at_leisure(http::request) {
    co_return http::deferred(http::buffers::release, [](http::request q, http::pending_answer a) {
        a.give(http::response::text(200, "deferred " + std::string(q.body())));
    });
}

task<http::handler_result> hand_on(http::request q) { co_return answer_at_leisure(q); }

http::handler_result answer(http::request q) {
    if (q.body() == "fail") throw std::runtime_error("no");
    if (q.body() == "now") return http::response::text(200, "quick");
    if (q.body() == "park") return defer_at_leisure(q);
    if (q.body() == "pass") return hand_on(q);
    http::handler_result r = answer_at_leisure(q);
    r.header("X-Who", "me");
    return r;
}

struct fixture : server_fixture {
    fixture() {
        post("/a", &answer);
        start();
    }
};

}  // namespace

TEST_CASE("a handler answers what it knows, and a coroutine of it the rest, in order") {
    fixture s;
    auto peer = s.connect();
    peer.send(post("now") + post("later") + post("now"));
    CHECK_THAT(peer.read_answer(), EndsWith("quick"));
    CHECK_THAT(peer.read_answer(), EndsWith("slow later") && Contains("X-Who: me\r\n"));
    CHECK_THAT(peer.read_answer(), EndsWith("quick"));
}

TEST_CASE("a coroutine may defer the response, or end in another coroutine") {
    fixture s;
    auto peer = s.connect();
    peer.send(post("park") + post("pass") + post("now"));
    CHECK_THAT(peer.read_answer(), EndsWith("deferred park"));
    CHECK_THAT(peer.read_answer(), EndsWith("slow pass"));
    CHECK_THAT(peer.read_answer(), EndsWith("quick"));
}

TEST_CASE("what handlers answer carries the signature of their routes, refusals do not") {
    fixture s;
    s.routes.sign_answers("X-Data", "d1");
    const std::string signature = "\r\nX-Data: d1\r\n";
    auto peer = s.connect();
    for (const char* body : {"now", "later", "park", "pass"}) {
        peer.send(post(body));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && Contains(signature));
    }
    peer.send(get_request("/b"));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 404") && !Contains("X-Data"));
    peer.send("rubbish\r\n\r\n");
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 400") && !Contains("X-Data"));
}

TEST_CASE("a handler that fails at once is answered with 500, and the connection goes on") {
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
            http::handler_result r =
                http::deferred(http::buffers::keep, [this](http::request q, http::pending_answer a) {
                    shown.emplace_back(q.body());
                    waiting.push_back(std::move(a));
                });
            r.header("X-Who", "me");
            return r;
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

TEST_CASE("deferred responses come in order, with their headers, and the connection goes on") {
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

TEST_CASE("a deferred response with buffers is waited for at the drain") {
    slow_disk s;
    auto peer = s.connect();
    peer.send(post("one"));
    CHECK(peer.is_silent());
    s.server->drain();
    CHECK(peer.is_silent());
    s.answer(0);
    CHECK_THAT(peer.read_until_close(), EndsWith("stored one") && Contains("Connection: close"));
}

TEST_CASE("whoever left before a deferred response is not missed") {
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
