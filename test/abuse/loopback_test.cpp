// A process on the machine of its victim, which cannot be told from the other client: all of loopback is one
// source, and may have everything where nobody else can come.
#include <algorithm>
#include <catch2/catch.hpp>

#include "abuse/abuse.hpp"

using namespace distd::test;
using Catch::StartsWith;

namespace {

const std::string loopback = "127.0.0.1";
constexpr std::size_t mebibyte = 1 << 20;

std::string head_of(const std::string& what, std::size_t body) {
    return what + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(body) + "\r\nConnection: close\r\n\r\n";
}

// Its body comes in a packet of its own, as with most clients.
std::string post(std::uint16_t port, const std::string& path, const std::string& body) {
    raw_peer peer(port, {}, loopback);
    static_cast<void>(peer.send(head_of("POST " + path, body.size())));
    static_cast<void>(peer.send(body));
    return peer.read_until_close();
}

// The other client: asks, and stores something.
void check_served_on_loopback(const std::string& attack, const victim& v) {
    check_served(attack, ask(v.url("registry") + "/heartbeat", 100, loopback));
    for (int i = 0; i < 20; ++i) {
        const auto url = "http://127.0.0.1:" + std::to_string(20'000 + i);
        const auto registration = R"({"ServiceName":"Shop","ServiceURL":")" + url + "\"}";
        CHECK_THAT(post(v.port("registry"), "/services", registration), StartsWith("HTTP/1.1 200"));
        CHECK_THAT(post(v.port("log"), "/log", R"({"message":"one"})"), StartsWith("HTTP/1.1 200"));
    }
}

}  // namespace

// Takes every connection of every role, from the machine on which all others are, too.
TEST_CASE("a client on loopback that takes every connection does not keep another one there out") {
    const auto max = scaled(200);
    victim v("registry,log", {"--max-connections=" + std::to_string(max)});
    const auto attack = GENERATE(as<std::string>(), "", "GET /serv",
                                 "GET /services?index=1&wait=10m HTTP/1.1\r\nHost: localhost\r\n\r\n");
    crowd hostile;
    const auto take_all = [&] {
        for (const auto* role : {"registry", "log"}) hostile.add(v.port(role), 2 * max, attack, loopback);
    };
    take_all();
    check_served_on_loopback("all connections, of loopback", v);
    {
        other_client other(v.url("log") + "/heartbeat", loopback);
        hostile.leave();
        take_all();
        check_served("all connections renewed, of loopback", other.stop());
    }
    CHECK(v.metric("registry", "distd_http_connections") <= static_cast<double>(max) + 2);
}

// Takes all memory for requests by bodies that it does not finish, from the same machine.
TEST_CASE("a client on loopback that takes all memory with bodies does not keep another one there out") {
    victim v("registry,log", {"--max-request-memory=64MiB"});
    const bool is_large = GENERATE(true, false);
    crowd hostile;
    const auto take_all = [&] {
        const std::size_t size = is_large ? 16 * mebibyte : 30'000;
        const auto count = is_large ? scaled(8) : std::min<std::size_t>(scaled(2'500), 8'000);
        hostile.add(v.port("log"), count, head_of("POST /log", size) + std::string(size - 10, ' '), loopback);
    };
    take_all();
    CHECK(v.metric("log", "distd_request_memory_bytes") > 45 * mebibyte);
    check_served_on_loopback("all memory, of loopback", v);
    {
        other_client other(v.url("log") + "/heartbeat", loopback);
        hostile.leave();
        take_all();
        check_served("all memory taken anew, of loopback", other.stop());
    }
    CHECK(v.metric("log", "distd_request_memory_bytes") <= 64 * mebibyte);
}

// Asks for large answers on every connection, from the same machine, and does not read them.
TEST_CASE(
    "a client on loopback that reads its answers slowly on all connections does not keep another one there "
    "out") {
    const auto max = scaled(200);
    victim v("registry,log", {"--max-connections=" + std::to_string(max)});
    std::string meta;
    for (const char key : {'a', 'b', 'c', 'd', 'e', 'f', 'g'})
        meta += (meta.empty() ? "\"" : ",\"") + std::string(1, key) + "\":\"" + std::string(1000, 'm') + '"';
    for (int i = 0; i < 120; ++i) {
        const auto url = "http://127.0.0.1:9/" + std::string(1900, 'u') + std::to_string(i);
        const auto item = R"({"ServiceName":"Much","ServiceURL":")" + url + R"(","Meta":{)" + meta + "}}";
        REQUIRE_THAT(post(v.port("registry"), "/services", item), StartsWith("HTTP/1.1 200"));
    }
    crowd readers;
    const auto take_all = [&] {
        readers.add(v.port("registry"), 2 * max, get_request("/services"), loopback);
    };
    // One that still waits to be accepted would take a place from the other client later, and one that is not
    // a second behind gives none: twice that, since the kernel takes a little more after the first bytes.
    const auto wait_until_all_are_behind = [&] {
        wait_until("each has the beginning of its answer, or none", [&] { return readers.silent() == 0; });
        const auto then = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        wait_until("all are behind", [&] { return std::chrono::steady_clock::now() > then; });
    };
    for (const auto* attack : {"all connections with unread answers, of loopback", "the same, renewed"}) {
        readers.leave();
        take_all();
        wait_until_all_are_behind();
        check_served_on_loopback(attack, v);
    }
    CHECK(v.metric("registry", "distd_http_reclaimed_answers_total") > 0);
    CHECK(v.metric("registry", "distd_http_connections") <= static_cast<double>(max) + 2);
    CHECK(v.peak_mib() < 500);
}
