// Requests that are passed on to somebody else, as the connection has them: what waits, what goes on, and
// what becomes of either when the client or the server leaves.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "http/later_server.hpp"
#include "http/server/exchange.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::EndsWith;
using Catch::StartsWith;

enum class does { waits_for_all, waits_for_more, goes_on, fails_at_once, fails_later };

class scripted_passage final : public http::passage {
public:
    scripted_passage(http::exchange& x, does what) : x_(x), what_(what) {}

    bool begin() override {
        if (what_ == does::fails_at_once) throw std::runtime_error("no");
        x_.io->watch_client();
        return what_ != does::goes_on;
    }
    std::optional<http::response> end_at_once() override {
        if (what_ == does::fails_later) throw std::runtime_error("no");
        if (what_ == does::waits_for_more) return std::nullopt;
        return http::response::text(200, "at once");
    }
    task<http::response> run() override { co_return http::response::text(200, "gone on"); }
    void wake() { x_.io->passage_woke(); }

private:
    http::exchange& x_;
    does what_;
};

// A server that passes /pass on to nobody: the test says when there would be an answer.
struct passing_server : later_server {
    explicit passing_server(does what = does::waits_for_all) {
        const auto pass = [this, what](http::exchange& x) {
            auto p = std::make_shared<scripted_passage>(x, what);
            begun.push_back(p);
            return p;
        };
        routes.add({http::verb::get, "/pass", nullptr, nullptr, {}, {}, {}, nullptr, pass});
        start();
    }

    // As whoever is waited for does it: what is over is not woken.
    void wake_last() {
        if (const auto p = begun.back().lock()) p->wake();
    }
    [[nodiscard]] bool is_waiting() const { return !begun.empty() && !begun.back().expired(); }

    std::vector<std::weak_ptr<scripted_passage>> begun;
};

}  // namespace

TEST_CASE("a request that is passed on is answered when its passage woke, whole or after more waiting") {
    passing_server s(GENERATE(does::waits_for_all, does::waits_for_more));
    auto peer = s.connect();
    for (std::size_t i = 1; i <= 3; ++i) {
        peer.send(get_request("/pass"));
        CHECK(peer.is_silent());
        REQUIRE(s.begun.size() == i);
        s.wake_last();
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && (EndsWith("at once") || EndsWith("on")));
        CHECK_FALSE(s.is_waiting());
    }
}

TEST_CASE("a passage that has more to do than to wait goes on at once") {
    passing_server s(does::goes_on);
    auto peer = s.connect();
    peer.send(get_request("/pass") + get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("gone on"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE("a passage that fails is a 500, and the connection goes on") {
    passing_server s(GENERATE(does::fails_at_once, does::fails_later));
    auto peer = s.connect();
    peer.send(get_request("/pass"));
    s.wake_last();
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
    peer.send(get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE("what was pipelined around a request that is passed on is answered in order") {
    passing_server s;
    auto peer = s.connect();
    peer.send(get_request("/now") + get_request("/pass") + get_request("/pass") + get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
    CHECK(peer.is_silent());
    s.wake_last();
    CHECK_THAT(peer.read_answer(), EndsWith("at once"));
    CHECK(peer.is_silent());
    s.wake_last();
    CHECK_THAT(peer.read_answer(), EndsWith("at once"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
    CHECK(s.begun.size() == 2);
}

TEST_CASE("a passage whose client leaves ends with it, within a second") {
    passing_server s;
    {
        auto peer = s.connect();
        peer.send(get_request("/pass"));
        REQUIRE(s.is_waiting());
        if (GENERATE(false, true)) peer.reset();
    }
    s.time.advance(seconds(1));
    CHECK_FALSE(s.is_waiting());
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a drain waits for a passage, and a stop answers for it") {
    passing_server s;
    auto peer = s.connect();
    peer.send(get_request("/pass"));
    s.server->drain();
    CHECK(peer.is_silent());
    SECTION("it is answered meanwhile") {
        s.wake_last();
        CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("at once"));
    }
    SECTION("it is not") {
        s.server->stop();
        CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 503"));
    }
    s.pump();
    CHECK_FALSE(s.is_waiting());
    CHECK(s.server->connections() == 0);
}

TEST_CASE("a stop ends a passage at once, also right behind a request whose peer was watched") {
    passing_server s;
    auto peer = s.connect();
    peer.send(get_request("/later/a") + get_request("/pass"));
    REQUIRE(s.waiting.size() == 1);
    s.waiting[0].answer.give(http::response::text(200, "later"));
    REQUIRE(s.is_waiting());
    s.server->stop();
    CHECK_FALSE(s.is_waiting());
    s.wake_last();
    const auto got = peer.read_until_close();
    CHECK_THAT(got, StartsWith("HTTP/1.1 200") && EndsWith("}"));
    s.pump();
    CHECK(s.server->connections() == 0);
}
