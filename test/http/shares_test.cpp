// What one client can take of a server: places of connections and memory, never all of either.
#include <catch2/catch.hpp>

#include "http/crowded_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

struct shared_server : crowded_server {
    explicit shared_server(http::server_setup setup) {
        get("/stream", [this](http::request) {
            return http::response::stream(200, "text/plain",
                                          [this](http::body_writer w) { return write_for_ever(w); });
        });
        get("/big", [](http::request) { return http::response::text(200, std::string(16 * mebibyte, 'b')); });
        get("/list", [list = std::make_shared<const std::string>(2 * mebibyte, 'l')](http::request) {
            return http::response::shared(200, "text/plain", list);
        });
        get("/pieces/{bytes}", [this](http::request q) {
            const auto bytes = std::stoul(q.param("bytes"));
            return http::response::stream(
                200, "text/plain", [this, bytes](http::body_writer w) { return write_pieces(w, bytes); });
        });
        get("/states", [this, list = std::make_shared<const std::string>(2 * mebibyte, 's')](http::request) {
            return http::response::events(
                [this, list](http::body_writer w) { return write_states(w, list); });
        });
        get("/kept/{bytes}", [this](http::request q) {
            const auto bytes = std::stoul(q.param("bytes"));
            return http::response::stream(200, "text/plain",
                                          [this](http::body_writer w) { return write_for_ever(w); })
                .holding(bytes);
        });
        is_plain = true;  // with TLS a connection takes more memory, and nobody is told that there is none
        start(std::move(setup));
    }
    void begin(const std::string& path, const std::string& source) { from(source).send(get_request(path)); }

    task<> write_for_ever(http::body_writer w) {
        const at_work here(working);
        static_cast<void>(co_await w.write("x"));
        alarm_clock never(loop.get_executor(), time);
        co_await never.wait();
    }

    task<> write_pieces(http::body_writer w, std::size_t bytes) {
        const at_work here(working);
        for (;; ++written) {
            const auto sent = co_await w.write(std::string(bytes, 'p'));
            if (!sent) co_return;
        }
    }
    task<> write_states(http::body_writer w, http::shared_text list) {
        const at_work here(working);
        for (;;) {
            const auto sent = co_await w.event(list, "7");
            if (!sent) co_return;
        }
    }

    std::size_t written = 0;  // pieces
};

http::server_setup with_connections(std::size_t max) {
    http::server_setup setup;
    setup.max_connections = max;
    return setup;
}

http::server_setup with_memory(std::uint64_t all, std::uint64_t per_source) {
    http::server_setup setup;
    setup.memory =
        std::make_shared<http::source_shares>(http::source_shares::bounds{all, per_source, per_source});
    return setup;
}

}  // namespace

TEST_CASE("one address gets at most half of the connections") {
    shared_server s(with_connections(8));
    for (int i = 0; i < 4; ++i) s.begin("/slow", "127.0.77.1");
    CHECK_THAT(s.ask("127.0.77.1"), StartsWith("HTTP/1.1 429") && Contains("Retry-After: 1\r\n") &&
                                        Contains("Your address has reached") && Contains("problem+json"));
    CHECK_THAT(s.ask("127.0.77.2"), StartsWith("HTTP/1.1 200"));
    for (int i = 0; i < 4; ++i) s.begin("/slow", "127.0.77.3");
    CHECK_THAT(s.ask("127.0.77.2"), StartsWith("HTTP/1.1 503") && Contains("limit of open connections"));
    s.peers.front().reset();
    CHECK_THAT(s.ask("127.0.77.2"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("long polls occupy connection slots, and release them") {
    shared_server s(with_connections(4));
    for (int i = 0; i < 2; ++i) s.from("127.0.77.1").send(get_request("/parked"));
    REQUIRE(s.parked.size() == 2);
    s.begin("/slow", "127.0.77.1");  // in the place of the first of them
    CHECK_THAT(s.peers.front().read_until_close(), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(s.ask("127.0.77.2"), StartsWith("HTTP/1.1 200"));
    s.peers.clear();
    s.pump();
    CHECK_THAT(s.ask("127.0.77.1"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("one address gets at most its share of concurrent requests and of streams") {
    http::server_setup setup;
    setup.max_requests = 4;
    shared_server s(setup);
    const std::string path = GENERATE(as<std::string>(), "/slow", "/stream");
    for (int i = 0; i < 2; ++i) s.begin(path, "127.0.77.1");
    CHECK_THAT(s.ask("127.0.77.1", path),
               StartsWith("HTTP/1.1 429") && Contains("Your address has reached its limit"));
    for (int i = 0; i < 2; ++i) s.begin(path, "127.0.77.2");
    CHECK_THAT(s.ask("127.0.77.3", path), StartsWith("HTTP/1.1 503"));
    // What is answered at once needs no such place, nor does what waits for a change, and each kind has its
    // own.
    CHECK_THAT(s.ask("127.0.77.1"), StartsWith("HTTP/1.1 200"));
    s.begin("/parked", "127.0.77.1");
    CHECK(s.parked.size() == 1);
    const auto other = path == "/slow" ? "/stream" : "/slow";
    s.begin(other, "127.0.77.1");
    CHECK(s.working == 5);
    s.peers.clear();
    s.pump();
    CHECK(s.working == 0);
    s.begin(path, "127.0.77.1");
    CHECK(s.working == 1);
}

TEST_CASE("buffered bodies are limited in bytes, per address and in total") {
    const auto setup = with_memory(30 * mebibyte, 16 * mebibyte);
    shared_server s(setup);
    const std::string much(9'600'000, 'x');
    auto& first = s.from("127.0.77.1");
    first.send(s.head_of(16 * mebibyte) + much);
    CHECK(setup.memory->taken() > 9'000'000);
    auto& second = s.from("127.0.77.1");
    second.send(s.head_of(16 * mebibyte) + much);
    CHECK_THAT(second.read_until_close(),
               StartsWith("HTTP/1.1 429") && Contains("limit of memory") && Contains("Connection: close"));
    auto& other = s.from("127.0.77.2");
    other.send(s.head_of(1'000'000) + std::string(1'000'000, 'x'));
    CHECK_THAT(other.read_answer(), StartsWith("HTTP/1.1 200") && Contains("1000000"));
    // Others may fill the rest, and then nobody gets more.
    auto& third = s.from("127.0.77.2");
    third.send(s.head_of(16 * mebibyte) + much);
    auto& fourth = s.from("127.0.77.3");
    fourth.send(s.head_of(16 * mebibyte) + much);
    CHECK_THAT(fourth.read_until_close(), StartsWith("HTTP/1.1 503") && Contains("limit of memory"));
    s.peers.clear();
    s.pump();
    CHECK(setup.memory->taken() == 0);
}

TEST_CASE("a Content-Length alone reserves no memory, and answered requests release theirs") {
    const auto setup = with_memory(4 * mebibyte, 2 * mebibyte);
    shared_server s(setup);
    auto& peer = s.from("127.0.77.1");
    peer.send(s.head_of(16 * mebibyte));
    CHECK(setup.memory->taken() < 64 * 1024);
    auto& used = s.from("127.0.77.1");
    for (int i = 0; i < 10; ++i) {
        used.send(s.head_of(900'000) + std::string(900'000, 'x'));
        CHECK_THAT(used.read_answer(), StartsWith("HTTP/1.1 200"));
    }
    CHECK(setup.memory->taken() < 64 * 1024);
}

TEST_CASE("a long poll keeps only its own bytes, no buffer") {
    const auto setup = with_memory(4 * mebibyte, 2 * mebibyte);
    shared_server s(setup);
    for (int i = 0; i < 100; ++i) s.from("127.0.77.1").send(get_request("/parked"));
    REQUIRE(s.parked.size() == 100);
    CHECK(setup.memory->taken() < 100 * 4096);
    while (!s.parked.empty()) {
        s.parked.front().give(http::response(200));
        s.parked.pop_front();
    }
    s.pump();
    CHECK(setup.memory->taken() < 100 * 2048);
}

TEST_CASE("an answer that has no room is refused before its head, and its connection stays") {
    const auto setup = with_memory(60 * mebibyte, 40 * mebibyte);
    shared_server s(setup);
    for (int i = 0; i < 5; ++i) s.from("127.0.77.1").send(get_request("/big"));
    CHECK(setup.memory->taken() > 30 * mebibyte);
    CHECK(setup.memory->taken() <= 40 * mebibyte);
    CHECK(s.server->connections() == 5);
    auto& refused = s.peers.back();
    CHECK_THAT(refused.read_answer(), StartsWith("HTTP/1.1 429") && Contains("limit of memory"));
    refused.send(get_request("/a"));
    CHECK_THAT(refused.read_answer(), StartsWith("HTTP/1.1 200"));
    CHECK(s.peers.front().read_answer().size() > 16 * mebibyte);
    s.peers.clear();
    s.pump();
    CHECK(setup.memory->taken() == 0);
}

TEST_CASE("a list that many clients leave unread counts once") {
    const auto setup = with_memory(8 * mebibyte, 3 * mebibyte);
    shared_server s(setup);
    const std::string path = GENERATE(as<std::string>(), "/list", "/states");
    for (int i = 0; i < 10; ++i) s.from("127.0.77.1").send(get_request(path));
    CHECK(setup.memory->taken() >= 2 * mebibyte);
    CHECK(setup.memory->taken() < 3 * mebibyte);
    CHECK(s.server->connections() == 10);
    s.peers.clear();
    s.pump();
    CHECK(s.working == 0);
    CHECK(setup.memory->taken() == 0);
}

TEST_CASE("what clients do not read of streams counts, and streams over the share are cut off") {
    const auto setup = with_memory(10 * mebibyte, 5 * mebibyte);
    shared_server s(setup);
    for (int i = 0; i < 6; ++i) s.from("127.0.77.1").send(get_request("/pieces/1200000"));
    CHECK(setup.memory->taken() > 3'600'000);
    CHECK(setup.memory->taken() <= 5 * mebibyte);
    CHECK(s.working == 3);
    const auto cut = s.peers.back().read_until_close();
    CHECK_THAT(cut, StartsWith("HTTP/1.1 200"));
    CHECK_FALSE(Catch::Matchers::EndsWith("\r\n0\r\n\r\n", Catch::CaseSensitive::Yes).match(cut));
    CHECK_THAT(s.ask("127.0.77.2"), StartsWith("HTTP/1.1 200"));
    s.peers.clear();
    s.pump();
    CHECK(s.working == 0);
    CHECK(setup.memory->taken() == 0);
}

TEST_CASE("a client that reads nothing is sent no more than its window and a few hundred KiB") {
    shared_server s(http::server_setup{});
    s.from("127.0.77.1").send(get_request("/pieces/10000"));
    CHECK(s.working == 1);
    CHECK(s.written * 10'000 < 2 * mebibyte);
}

TEST_CASE("what the producer of a stream keeps counts, and one that has no room is refused before its head") {
    const auto setup = with_memory(8 * mebibyte, 4 * mebibyte);
    shared_server s(setup);
    CHECK_THAT(s.ask("127.0.77.1", "/kept/5000000"),
               StartsWith("HTTP/1.1 429") && Contains("limit of memory"));
    CHECK(s.working == 0);
    CHECK_THAT(s.ask("127.0.77.1"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("requests are refused while memory is exhausted, and accepted once it is free") {
    const auto setup = with_memory(100'000, 60'000);
    shared_server s(setup);
    s.begin("/kept/20000", "127.0.77.1");
    CHECK(setup.memory->taken() > 52'000);
    CHECK_THAT(s.ask("127.0.77.1"), StartsWith("HTTP/1.1 429") && Contains("limit of memory"));
    CHECK_THAT(s.ask("127.0.77.2"), StartsWith("HTTP/1.1 200"));
    s.peers.front().reset();
    CHECK_THAT(s.ask("127.0.77.1"), StartsWith("HTTP/1.1 200"));
}
