// Clients that make the process keep as much as they can, for as long as they can.
#include <catch2/catch.hpp>

#include "abuse/abuse.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::size_t mebibyte = 1 << 20;

std::string head(const std::string& what, std::size_t body) {
    return what + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nContent-Length: " +
           std::to_string(body) + "\r\n\r\n";
}

}  // namespace

// Announces the largest bodies that are taken, sends all but the last bytes, and holds them.
TEST_CASE("bodies that are never finished hold no more than the share of their client") {
    victim v("log", {"--max-request-memory=64MiB"});
    const auto before = v.resident_mib();
    const auto count = scaled(20);
    crowd slow;
    // All but a few bytes of the largest body that is taken.
    slow.add(v.port("log"), count, head("POST /log", 16 * mebibyte) + std::string(16 * mebibyte - 10, 'x'));
    check_served("unfinished bodies", ask(v.url("log") + "/heartbeat"));
    CHECK(v.metric("log", "distd_request_memory_bytes") <= 33 * mebibyte);
    CHECK(slow.silent() <= 2);
    // Of the allocator's own some, twice the share while a body grows, and what sanitizers keep back.
    CHECK(v.resident_mib() - before < 400);
    // Others have memory left for large bodies of theirs.
    raw_peer other(v.port("log"), {}, another_source);
    std::string lines;
    while (lines.size() < 4 * mebibyte) lines += "{\"message\":\"" + std::string(200'000, 'x') + "\"}\n";
    static_cast<void>(other.send(head("POST /log", lines.size()) + lines));
    CHECK_THAT(other.read_answer(), StartsWith("HTTP/1.1 200"));
}

// Sends a mebibyte of body with each GET, HEAD and long poll, where no token is asked for.
TEST_CASE("requests that need no body keep none, also without a token") {
    victim v("registry");
    const auto before = v.resident_mib();
    const std::string body(mebibyte - 10, 'x');
    crowd many;
    for (const std::string what : {"GET /heartbeat", "GET /services?index=1&wait=10m", "HEAD /services"})
        for (std::size_t i = 0; i < scaled(30); ++i) {
            many.add(v.port("registry"), 1, head(what, mebibyte));
            CHECK_THAT(many.at(many.size() - 1).read_some(), StartsWith("HTTP/1.1 413"));
        }
    many.leave();
    many.add(v.port("registry"), scaled(30), head("GET /heartbeat", mebibyte) + body);
    check_served("bodies of GET", ask(v.url("registry") + "/heartbeat"));
    // Those that were refused are heard out, each with a buffer.
    CHECK(v.metric("registry", "distd_request_memory_bytes") <
          8 * mebibyte + 36'000 * static_cast<double>(scaled(30)));
    CHECK(v.resident_mib() - before < 60 + 0.04 * static_cast<double>(scaled(30)));
}
