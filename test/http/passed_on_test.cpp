// Requests that are passed on to somebody else, as the gateway does it: deferred, with the client watched.
// What waits, what goes on, and what becomes of either when the client or the server leaves.
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <stdexcept>
#include <vector>

#include "http/deferring_server.hpp"
#include "http/server/exchange.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::EndsWith;
using Catch::StartsWith;

enum class does { waits_for_all, waits_for_more, goes_on, fails_at_once, fails_later, fails_within };

// A request on its way to nobody.
class scripted_pass final : public std::enable_shared_from_this<scripted_pass> {
public:
    explicit scripted_pass(does what) : what_(what) {}

    void begin(http::request q, http::pending_answer a) {
        if (what_ == does::fails_at_once) throw std::runtime_error("no");
        http::exchange_of(q).io->watch_client();
        if (what_ == does::goes_on)
            return a.go_on([self = shared_from_this()](http::request) { return gone_on(self); });
        x_ = &http::exchange_of(q);
        answer_.emplace(std::move(a));
        answer_->on_gone([self = shared_from_this()] {});
    }
    void wake() {
        auto answer = *std::move(answer_);
        if (what_ == does::fails_later) return answer.fail("no");
        if (what_ == does::waits_for_more)
            return answer.go_on([self = shared_from_this()](http::request) { return gone_on(self); });
        if (what_ == does::fails_within)
            return answer.go_on([self = shared_from_this()](http::request) { return cut_off(self); });
        answer.give(http::response::text(200, "at once"));
    }

private:
    static task<http::response> gone_on(std::shared_ptr<scripted_pass>) {
        co_return http::response::text(200, "gone on");
    }
    static task<http::response> cut_off(std::shared_ptr<scripted_pass> self) {
        self->x_->io->begin_relay(200, "X-Relayed: 1\r\n", true, 10);
        self->x_->io->relay("half");
        throw std::runtime_error("no");
        co_return http::response(200);
    }

    does what_;
    http::exchange* x_ = nullptr;
    std::optional<http::pending_answer> answer_;
};

// A server that passes /pass on to nobody: the test says when there would be an answer.
struct passing_server : deferring_server {
    explicit passing_server(does what = does::waits_for_all) {
        get("/pass", [this, what](http::request) {
            auto p = std::make_shared<scripted_pass>(what);
            begun.push_back(p);
            return http::deferred(http::buffers::keep, [p](http::request q, http::pending_answer a) {
                p->begin(q, std::move(a));
            });
        });
        start();
    }

    // As whoever is waited for does it: what is over is not woken.
    void wake_last() {
        if (const auto p = begun.back().lock()) p->wake();
    }
    [[nodiscard]] bool is_waiting() const { return !begun.empty() && !begun.back().expired(); }

    std::vector<std::weak_ptr<scripted_pass>> begun;
};

}  // namespace

TEST_CASE("a request that is passed on is answered when its answer is here, whole or after more waiting") {
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

TEST_CASE("what has more to do than to wait goes on at once") {
    passing_server s(does::goes_on);
    auto peer = s.connect();
    peer.send(get_request("/pass") + get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("gone on"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE("a request that cannot be passed on is a 500, and the connection goes on") {
    passing_server s(GENERATE(does::fails_at_once, does::fails_later));
    auto peer = s.connect();
    peer.send(get_request("/pass"));
    s.wake_last();
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 500"));
    peer.send(get_request("/now"));
    CHECK_THAT(peer.read_answer(), EndsWith("now"));
}

TEST_CASE("an answer that breaks off while it is passed on is cut off, and nothing else follows it") {
    passing_server s(does::fails_within);
    auto peer = s.connect();
    peer.send(get_request("/pass") + get_request("/now"));
    CHECK(peer.is_silent());
    s.wake_last();
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhalf"));
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

TEST_CASE("a request that is passed on ends within a second when its client leaves") {
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

TEST_CASE("a drain waits for what is passed on, and a stop answers for it") {
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

TEST_CASE("a stop ends what is passed on at once, also right behind a request whose peer was watched") {
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
