// Clients that cannot be told apart, as all on loopback, want more than there is: what is idle or unfinished
// ends, and who comes with a request is served.
#include <catch2/catch.hpp>

#include "http/crowded_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

struct full_server : crowded_server {
    explicit full_server(http::server_setup setup, bool has_tls = false) {
        if (has_tls) show_any_certificate();
        get("/large",
            [](http::request) { return http::response::text(200, std::string(8 * mebibyte, 'x')); });
        get("/some", [](http::request) { return http::response::text(200, std::string(900'000, 'x')); });
        log->tap("test", [this](log_level, std::string_view r) { records.emplace_back(r); });
        start(std::move(setup));
    }
    ~full_server() { log->tap("test", {}); }

    raw_peer& join(const std::string& bytes = {}, const std::string& source = "127.0.0.1",
                   int kept_unread = 0) {
        auto& peer = from(source, kept_unread);
        if (!bytes.empty()) static_cast<void>(peer.send(bytes));
        pump();
        return peer;
    }
    // What is not read stays with the server.
    raw_peer& join_and_read_nothing(const std::string& path) {
        return join(get_request(path, "Connection: close\r\n"), "127.0.0.1", 16'384);
    }
    raw_peer& join_and_ask(const std::string& source = "127.0.0.1") {
        auto& peer = join(get_request("/a"), source);
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200"));
        return peer;
    }
    std::uint64_t reclaimed(const std::string& what) {
        return counters.count("distd_http_reclaimed_" + what + "_total", "").value();
    }
    // As it is where a body does not come in one packet with its head.
    std::string post_in_two(std::size_t size) {
        auto& peer = join(head_of(size));
        static_cast<void>(peer.send(std::string(size, 'x')));
        return peer.read_answer();
    }

    std::vector<std::string> records;
};

http::server_setup with_connections(std::size_t max) {
    http::server_setup setup;
    setup.max_connections = max;
    setup.only_loopback_comes = true;
    return setup;
}

http::server_setup with_memory(std::uint64_t all) {
    http::server_setup setup;
    setup.memory = std::make_shared<http::source_shares>(http::source_shares::bounds{all, all / 2, all});
    return setup;
}

void check_no_place(full_server& s) {
    if (runs_over_tls())
        CHECK(s.ask("127.0.0.1").empty());  // to be told, it would have to shake hands first
    else
        CHECK_THAT(s.ask("127.0.0.1"), StartsWith("HTTP/1.1 503") && Contains("limit of open connections"));
}

}  // namespace

TEST_CASE("silent connections that take all places go, the oldest first, as others come") {
    full_server s(with_connections(4));
    std::vector<raw_peer*> silent;
    for (int i = 0; i < 4; ++i) {
        silent.push_back(&s.join());
        s.time.advance(milliseconds(10));
    }
    s.time.advance(seconds(1));
    auto& one = s.join_and_ask();
    CHECK(silent[0]->read_until_close().empty());
    s.join_and_ask();
    CHECK(silent[1]->read_until_close().empty());
    CHECK(silent[2]->is_silent());
    CHECK(silent[3]->is_silent());
    one.send(get_request("/a"));
    CHECK_THAT(one.read_answer(), StartsWith("HTTP/1.1 200"));
    CHECK(s.server->connections() == 4);
    CHECK(s.counters.count("distd_http_reclaimed_connections_total", "").value() == 2);
}

TEST_CASE("what was silent for a second goes before what was of use, and that before what has just come") {
    full_server s(with_connections(4));
    auto& used = s.join_and_ask();
    auto& used_later = s.join_and_ask();
    auto& silent = s.join();
    s.time.advance(seconds(2));
    used.send(get_request("/a"));
    static_cast<void>(used.read_answer());
    auto& fresh = s.join();
    s.join_and_ask();
    CHECK(silent.read_until_close().empty());
    s.join_and_ask();
    CHECK(used_later.read_until_close().empty());
    CHECK(used.is_silent());
    CHECK(fresh.is_silent());
}

TEST_CASE("a connection whose request is here, or under way, is not ended for another one") {
    full_server s(with_connections(2));
    s.join(get_request("/slow"));
    s.join(get_request("/slow"));
    s.time.advance(seconds(60));
    check_no_place(s);
}

TEST_CASE("places taken by heads without an end, and by long polls, are had back as well") {
    full_server s(with_connections(3));
    auto& unfinished = s.join("GET /a HT");
    auto& poll = s.join(get_request("/parked"));
    auto& later_poll = s.join(get_request("/parked"));
    s.time.advance(seconds(2));
    REQUIRE(s.parked.size() == 2);
    s.join(get_request("/slow"));
    CHECK_THAT(unfinished.read_until_close(), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 1\r\n"));
    s.join(get_request("/slow"));
    CHECK_THAT(poll.read_until_close(), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 1\r\n"));
    CHECK(s.parked.size() == 1);
    CHECK(later_poll.is_silent());
    REQUIRE(s.records.size() == 2);
    for (const auto& r : s.records) CHECK_THAT(r, Contains("place_reclaimed"));
    CHECK(s.counters.count("distd_http_reclaimed_requests_total", "").value() == 2);
}

TEST_CASE(
    "a source's own connections give way where it has its share, and the fullest's where all is taken") {
    auto setup = with_connections(8);
    setup.only_loopback_comes = false;
    full_server s(setup);
    auto& others = s.join({}, "127.0.77.2");
    for (int i = 0; i < 4; ++i) s.join({}, "127.0.77.1");
    auto& oldest = *std::next(s.peers.begin());
    s.join_and_ask("127.0.77.1");
    CHECK(oldest.read_until_close().empty());
    for (int i = 0; i < 3; ++i) s.join({}, "127.0.77.3");
    s.time.advance(seconds(2));
    auto& next = *std::next(s.peers.begin(), 2);
    s.join_and_ask("127.0.77.4");
    CHECK(next.read_until_close().empty());
    CHECK(others.is_silent());
}

TEST_CASE("bodies that take all memory leave room for short requests, whatever packets these come in") {
    const auto setup = with_memory(16 * mebibyte);
    full_server s(setup);
    for (int i = 0; i < 4; ++i) s.join(s.head_of(6 * mebibyte) + std::string(6 * mebibyte - 10, 'x'));
    CHECK(setup.memory->taken() > 10 * mebibyte);
    CHECK(setup.memory->taken() < 16 * mebibyte);
    for (int i = 0; i < 50; ++i) {
        s.join_and_ask();
        CHECK_THAT(s.post_in_two(60'000), StartsWith("HTTP/1.1 200"));
    }
    CHECK_THAT(s.post_in_two(mebibyte), StartsWith("HTTP/1.1 503") || StartsWith("HTTP/1.1 200"));
}

TEST_CASE("bodies that were refused hold no memory while the rest of them comes") {
    const auto setup = with_memory(16 * mebibyte);
    full_server s(setup);
    for (int i = 0; i < 40; ++i) s.join(s.head_of(6 * mebibyte) + std::string(6 * mebibyte - 10, 'x'));
    CHECK(setup.memory->taken() < 15 * mebibyte);
    for (int i = 0; i < 20; ++i) s.join_and_ask();
}

TEST_CASE("short requests that never end go, the oldest first, as others need their memory") {
    const auto setup = with_memory(mebibyte);
    full_server s(setup);
    const std::string begun =
        GENERATE(as<std::string>(), "GET /a HTTP/1.1\r\nHost: a\r\n", full_server::head_of(20'000) + "x");
    for (int i = 0; i < 100; ++i) s.join(begun);
    CHECK(setup.memory->taken() <= mebibyte);
    CHECK_THAT(s.peers.front().read_until_close(),
               StartsWith("HTTP/1.1 503") && Contains("Retry-After: 1\r\n"));
    CHECK(s.peers.back().is_silent());
    for (int i = 0; i < 20; ++i) {
        s.join_and_ask();
        CHECK_THAT(s.post_in_two(10'000), StartsWith("HTTP/1.1 200"));
    }
    REQUIRE_FALSE(s.records.empty());
    CHECK_THAT(s.records.front(), Contains("memory_reclaimed"));
}

TEST_CASE("places of answers that nobody reads are had back a second later, and who reads keeps his") {
    full_server s(with_connections(2));
    auto& unread = s.join_and_read_nothing("/large");
    auto& reader = s.join_and_read_nothing("/large");
    check_no_place(s);
    s.time.advance(milliseconds(1'500));
    std::size_t read = 0;
    while (read < 4 * mebibyte) read += reader.read_some().size();
    CHECK_THAT(s.ask("127.0.0.1"), StartsWith("HTTP/1.1 200"));
    CHECK(unread.read_until_close().size() < mebibyte);
    CHECK(unread.was_reset());
    CHECK(read + reader.read_until_close().size() > 8 * mebibyte);
    CHECK(s.counters.count("distd_http_reclaimed_answers_total", "").value() == 1);
}

TEST_CASE("memory of answers that nobody reads is had back a second later, the oldest first") {
    const auto setup = with_memory(4 * mebibyte);
    full_server s(setup);
    for (int i = 0; i < 4; ++i) s.join_and_read_nothing("/some");
    CHECK_THAT(s.ask("127.0.0.1", "/some"), StartsWith("HTTP/1.1 503"));
    s.time.advance(milliseconds(1'500));
    CHECK_THAT(s.ask("127.0.0.1", "/some"), StartsWith("HTTP/1.1 200"));
    CHECK(s.peers.front().read_until_close().size() < 900'000);
    CHECK(setup.memory->taken() < 4 * mebibyte);
    CHECK(s.counters.count("distd_http_reclaimed_answers_total", "").value() == 1);
}

TEST_CASE("who has just come keeps his place while there is an answer that its client has stopped reading") {
    full_server s(with_connections(3));
    auto& unread = s.join_and_read_nothing("/large");
    auto& later_unread = s.join_and_read_nothing("/large");
    s.time.advance(milliseconds(1'500));
    auto& fresh = s.join(GENERATE(as<std::string>(), "", "GET /a HT"));
    s.join_and_ask();
    CHECK(unread.read_until_close().size() < 8 * mebibyte);
    CHECK(unread.was_reset());
    CHECK(fresh.is_silent());
    s.join(get_request("/slow"));  // ends the one that has been answered
    s.join(get_request("/slow"));
    CHECK(later_unread.read_until_close().size() < 8 * mebibyte);
    CHECK(fresh.is_silent());
    CHECK(s.reclaimed("answers") == 2);
}

TEST_CASE(
    "who has just come keeps his place while there is an older request that is not complete, or waits") {
    full_server s(with_connections(2));
    auto& older = s.join(GENERATE(as<std::string>(), "GET /a HT", get_request("/parked")));
    s.time.advance(milliseconds(200));
    auto& fresh = s.join();
    s.join(get_request("/slow"));
    CHECK_THAT(older.read_until_close(), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 1\r\n"));
    CHECK(fresh.is_silent());
    s.join(get_request("/slow"));  // nobody else is left
    CHECK(fresh.read_until_close().empty());
}

TEST_CASE("a request that has just begun keeps its memory while there is an answer that nobody reads") {
    const auto setup = with_memory(mebibyte);
    full_server s(setup);
    auto& unread = s.join_and_read_nothing("/some");
    s.time.advance(milliseconds(1'500));
    auto& fresh = s.join(full_server::head_of(20'000) + "x");
    std::vector<raw_peer*> others;
    while (s.reclaimed("answers") + s.reclaimed("requests") == 0) {
        others.push_back(&s.join(full_server::head_of(20'000) + "x"));
        REQUIRE(others.size() < 100);
    }
    CHECK(s.reclaimed("answers") == 1);
    CHECK(unread.read_until_close().size() < 900'000);
    CHECK(fresh.is_silent());
}

TEST_CASE("a large body has ten seconds before another one may end it, and what is complete is never ended") {
    const auto setup = with_memory(16 * mebibyte);
    full_server s(setup);
    auto& slow = s.join(s.head_of(12 * mebibyte) + std::string(12 * mebibyte - 10, 'x'));
    CHECK_THAT(s.post_in_two(4 * mebibyte), StartsWith("HTTP/1.1 503"));
    s.time.advance(seconds(11));
    CHECK_THAT(s.post_in_two(4 * mebibyte), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(slow.read_until_close(), StartsWith("HTTP/1.1 503"));
    CHECK(setup.memory->taken() < mebibyte);
}

TEST_CASE("handshakes that never end take no more memory than there is, and keep nobody out") {
    const auto setup = with_memory(2 * mebibyte);
    full_server s(setup, true);
    const auto part = GENERATE(std::size_t{1}, std::size_t{60});
    const auto hello = tls_peer().give().substr(0, part);
    forget_tls_at(s.port());  // no whole ones
    for (int i = 0; i < 150; ++i) {
        s.join(hello);
        CHECK(setup.memory->taken() <= 2 * mebibyte);
    }
    CHECK(s.server->connections() > 30);
    speak_tls_at(s.port());
    for (int i = 0; i < 20; ++i) {
        s.join_and_ask();
        CHECK_THAT(s.post_in_two(60'000), StartsWith("HTTP/1.1 200"));
        CHECK(setup.memory->taken() <= 2 * mebibyte);
    }
    CHECK(s.reclaimed("requests") == 0);
}

TEST_CASE("a handshake that goes on in crumbs is not kept for that, and no request ends for it") {
    const auto setup = with_memory(mebibyte);
    full_server s(setup, true);
    auto& arriving = s.join(full_server::head_of(20'000) + "x");
    const auto hello = tls_peer().give();
    forget_tls_at(s.port());
    std::vector<raw_peer*> slow;
    while (s.reclaimed("connections") == 0) {
        for (std::size_t i = 0; i < slow.size(); ++i)
            static_cast<void>(slow[i]->send(hello.substr(slow.size() - i, 1)));
        slow.push_back(&s.join(hello.substr(0, 1)));
        s.time.advance(milliseconds(100));
        REQUIRE(slow.size() < 30);
    }
    speak_tls_at(s.port());
    for (int i = 0; i < 10; ++i) s.join_and_ask();
    CHECK(s.reclaimed("requests") == 0);
    static_cast<void>(arriving.send(std::string(19'999, 'x')));
    CHECK_THAT(arriving.read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("idle connections with TLS give their memory to others, the oldest first") {
    const auto setup = with_memory(2 * mebibyte);
    full_server s(setup, true);
    std::vector<raw_peer*> idle;
    for (int i = 0; i < 200; ++i) {
        idle.push_back(&s.join_and_ask());
        CHECK(setup.memory->taken() <= 2 * mebibyte);
    }
    CHECK(s.server->connections() > 80);
    CHECK(idle.front()->read_until_close().empty());
    CHECK(idle.front()->tls()->was_told_goodbye());
    CHECK(idle.back()->is_silent());
    CHECK_THAT(s.post_in_two(60'000), StartsWith("HTTP/1.1 200"));
    CHECK(s.reclaimed("requests") == 0);
}
