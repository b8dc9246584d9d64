// Blocking reads and streams of a watched resource, over HTTP, on time that stands still.
#include "role/registry/watch/watch_query.hpp"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <vector>

#include "base/task_group.hpp"
#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::registry;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

// One resource at /it whose state is a number.
struct scene : test::server_fixture {
    watch_board board{loop.get_executor(), time};
    std::uint64_t index = 7;
    std::string state = "one";
    task_group tasks{loop.get_executor(), time};

    scene() {
        get("/it", [this](http::request q) { return serve(q); });
        tasks.spawn("watchers", [this] { return board.run(); });
        start();
    }
    ~scene() {
        server->stop();  // readers leave the board before it goes
        tasks.cancel();
        pump();
    }
    http::handler_result serve(const http::request& q) {
        watch_query wanted;
        if (auto wrong = read_watch_query(q, wanted)) return *std::move(wrong);
        watched it{"it", [this] { return index; }, [this] { return http::response::text(200, state); },
                   [this] { return std::make_shared<const std::string>(state); }};
        return serve_watched(board, wanted, std::move(it));
    }
    // What a peer sends takes its time on a busy machine.
    void await_watchers(std::size_t how_many) {
        const auto limit = std::chrono::steady_clock::now() + seconds(10);
        while (board.parked() != how_many && std::chrono::steady_clock::now() < limit) pump();
        REQUIRE(board.parked() == how_many);
    }
    void change(std::uint64_t to_index, std::string to) {
        index = to_index;
        state = std::move(to);
        board.touch("it");
        pump();
    }
};

std::string get(const std::string& query, const std::string& headers = {}) {
    return "GET /it" + query + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string stream(const std::string& headers = {}) {
    return get("", "Accept: text/event-stream\r\n" + headers);
}

}  // namespace

TEST_CASE("a plain read is answered at once and says the index") {
    scene s;
    auto peer = s.connect();
    for (const char* query : {"", "?wait=5m", "?index=0", "?index=0&wait=5m"}) {
        peer.send(get(query));
        CHECK_THAT(peer.read_answer(),
                   StartsWith("HTTP/1.1 200") && Contains("X-Distd-Index: 7\r\n") && Contains("\r\n\r\none"));
    }
}

TEST_CASE("a read with the current index waits for the change") {
    scene s;
    auto peer = s.connect();
    peer.send(get("?index=7"));
    s.await_watchers(1);
    CHECK(peer.is_silent());
    s.change(8, "two");
    CHECK_THAT(peer.read_answer(), Contains("X-Distd-Index: 8\r\n") && Contains("\r\n\r\ntwo"));
    CHECK(s.board.parked() == 0);
}

TEST_CASE("a touch that changes no index wakes nobody") {
    scene s;
    auto peer = s.connect();
    peer.send(get("?index=7"));
    s.await_watchers(1);
    s.board.touch("it");
    s.pump();
    CHECK(peer.is_silent());
    CHECK(s.board.parked() == 1);
}

TEST_CASE("an index that is not the current one is answered at once: older, and of lost data") {
    scene s;
    auto peer = s.connect();
    for (const char* query : {"?index=6", "?index=8", "?index=18446744073709551615&wait=10m"}) {
        peer.send(get(query));
        CHECK_THAT(peer.read_answer(), Contains("X-Distd-Index: 7\r\n"));
    }
}

TEST_CASE("a wait that ends without a change is answered with the same index") {
    scene s;
    auto peer = s.connect();
    const auto [query, seconds_asked] = GENERATE(table<const char*, int>(
        {{"?index=7&wait=16", 16}, {"?index=7&wait=16s", 16}, {"?index=7", 300}, {"?index=7&wait=9h", 600}}));
    peer.send(get(query));
    s.await_watchers(1);
    s.time.advance(seconds(seconds_asked) * 15 / 16 - milliseconds(1));
    CHECK(peer.is_silent());
    s.time.advance(seconds(seconds_asked) * 2 / 16 + milliseconds(1));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && Contains("X-Distd-Index: 7\r\n"));
}

TEST_CASE("watchers that came together do not come back together") {
    scene s;
    std::vector<std::unique_ptr<test::raw_peer>> peers;
    for (int i = 0; i < 40; ++i) {
        peers.push_back(std::make_unique<test::raw_peer>(s.server->local().port(), [&s] { s.pump(); }));
        peers.back()->send(get("?index=7&wait=10m"));
    }
    s.await_watchers(40);
    std::set<std::size_t> sizes;
    for (int second = 0; second < 640; ++second) {
        s.time.advance(seconds(1));
        sizes.insert(s.board.parked());
    }
    CHECK(s.board.parked() == 0);
    CHECK(sizes.size() > 10);
}

TEST_CASE("a watcher with a wrong parameter gets its name, and what would be right") {
    scene s;
    auto peer = s.connect();
    const auto [request, name] = GENERATE(
        table<std::string, std::string>({{get("?index=-1"), "index must be"},
                                         {get("?index=x"), "index must be"},
                                         {get("?index="), "index must be"},
                                         {get("?index=18446744073709551616"), "index must be"},
                                         {get("?index=7&wait=soon"), "wait must be"},
                                         {get("?index=7&wait=-1s"), "wait must be"},
                                         {get("?index=7&wait="), "wait must be"},
                                         {stream("Last-Event-ID: abc\r\n"), "Last-Event-ID must be"}}));
    peer.send(request);
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 400") && Contains(name));
    CHECK(s.board.parked() == 0);
}

TEST_CASE("a stream begins with the whole state and goes on with each change") {
    scene s;
    auto peer = s.connect();
    peer.send(stream());
    std::string seen;
    while (seen.find("data: one") == std::string::npos) seen += peer.read_some();
    CHECK_THAT(seen, Contains("Content-Type: text/event-stream") && Contains("X-Distd-Index: 7\r\n"));
    CHECK_THAT(seen, Contains("id: 7\n"));
    s.change(9, "two\nlines");
    CHECK_THAT(peer.read_some(), Contains("id: 9\n") && Contains("data: two\ndata: lines\n"));
}

TEST_CASE("a stream is resumed: the current index waits, any other gets the state at once") {
    scene s;
    auto current = s.connect();
    current.send(stream("Last-Event-ID: 7\r\n"));
    CHECK_THAT(current.read_some(), Contains("text/event-stream") && !Contains("data:"));
    s.pump();
    CHECK(current.is_silent());
    for (const char* id : {"6", "8"}) {
        auto other = s.connect();
        other.send(stream("Last-Event-ID: " + std::string(id) + "\r\n"));
        std::string seen;
        while (seen.find("data: one") == std::string::npos) seen += other.read_some();
    }
    s.change(8, "two");
    CHECK_THAT(current.read_some(), Contains("id: 8\n") && Contains("data: two"));
}

TEST_CASE("a silent stream says every 15 seconds that it lives") {
    scene s;
    auto peer = s.connect();
    peer.send(stream("Last-Event-ID: 7\r\n"));
    CHECK_THAT(peer.read_some(), Contains("200 OK"));
    s.time.advance(seconds(15));
    CHECK_THAT(peer.read_some(), Contains(": still here"));
}

TEST_CASE("a reader of a stream that does not keep up skips states, but never the last one") {
    scene s;
    auto peer = s.connect();
    peer.send(stream());
    for (std::uint64_t i = 8; i < 200; ++i) s.change(i, std::string(256 << 10, 'x'));
    s.change(200, "the last");
    std::string seen;
    while (seen.find("data: the last") == std::string::npos) seen += peer.read_some();
    CHECK(seen.size() < 100 * (256 << 10));
    CHECK_THAT(seen, Contains("id: 200\n"));
}

TEST_CASE("a watcher that leaves is forgotten") {
    scene s;
    {
        auto reader = s.connect();
        reader.send(get("?index=7"));
        auto listener = s.connect();
        listener.send(stream());
        static_cast<void>(listener.read_some());
        s.pump();
        CHECK(s.board.parked() == 2);
    }
    s.pump();
    CHECK(s.board.parked() == 0);
}
