// More requests than an instance takes: who waits in line is told so in the end, and the instance is not
// blamed.
#include <catch2/catch.hpp>
#include <list>

#include "role/gateway_fixture.hpp"
#include "role/portal/gateway/gateway_balancer.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("a request that times out in the queue gets 503 and does not count against the instance") {
    gateway_fixture f({"--source-share=100"});
    auto& shop = f.instance(
        [](int, const std::string&) { return says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"); });
    std::list<raw_peer> peers;
    const auto add = [&] {
        peers.emplace_back(port_of(f.portal), [&] { f.w.pump(); });
        peers.back().send(get_request("/api/Shop/x", "Connection: close\r\n"));
    };
    while (peers.size() < portal::balancing::max_in_flight) add();
    f.w.until("all are served", [&] { return shop.requests().size() == peers.size(); });
    for (int more = 0; more < portal::balancing::failures_to_eject; ++more) add();
    f.w.until("the last are in line", [&] { return f.holds(f.status(), R"("in_flight":259)"); });
    f.w.time.advance(seconds(16));
    for (auto last = std::prev(peers.end(), portal::balancing::failures_to_eject); last != peers.end();
         ++last)
        CHECK_THAT(last->read_until_close(), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 1\r\n") &&
                                                 Contains("reached its limit of concurrent requests"));
    CHECK_THAT(f.status(), Contains(R"("failed":0)"));
    CHECK(shop.requests().size() == portal::balancing::max_in_flight);
}

namespace {

const std::string stream_head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

// Streams, tunnels and requests that wait, by their paths.
action serve(int, const std::string& request) {
    if (request.starts_with("GET /stream")) return says(stream_head + "data: 1\n\n");
    if (request.starts_with("GET /tunnel"))
        return says("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    return request.starts_with("GET /wait") ? silence() : says(ok);
}

struct crowd {
    explicit crowd(std::vector<std::string> flags) : f(std::move(flags)), shop(f.instance(serve)) {}

    raw_peer& ask(const std::string& path, const std::string& source = "127.0.77.1",
                  const std::string& fields = {}) {
        auto& peer = peers.emplace_back(
            port_of(f.portal), [this] { f.w.pump(); }, source);
        peer.send(get_request("/api/Shop/" + path, fields));
        return peer;
    }
    // Requests that hold what they asked for.
    void hold(std::size_t count, const std::string& path, const std::string& fields = {}) {
        const auto before = shop.requests().size();
        for (std::size_t i = 0; i < count; ++i) ask(path, "127.0.77.1", fields);
        f.w.until("all are at the instance", [&] { return shop.requests().size() == before + count; });
    }

    gateway_fixture f;
    raw_server& shop;
    std::list<raw_peer> peers;
};

}  // namespace

TEST_CASE("event streams and WebSockets occupy no request slot") {
    crowd c({"--source-share=100"});
    c.hold(150, "stream");
    c.hold(150, "tunnel", upgrade);
    CHECK_THAT(c.ask("x").read_answer(), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(c.f.status(), Contains(R"("in_flight":0)") && Contains(R"("streams":300)"));
    c.peers.clear();
    c.f.w.until("they are gone", [&] {
        c.f.w.time.advance(seconds(1));
        return c.f.holds(c.f.status(), R"("streams":0)");
    });
}

TEST_CASE("one address gets at most its share of an instance's slots") {
    crowd c({"--source-share=2"});
    c.hold(6, "wait");  // 2 % of 256 and the 64 that may wait
    CHECK_THAT(c.ask("x").read_answer(), StartsWith("HTTP/1.1 429") && Contains("Retry-After: 1\r\n") &&
                                             Contains("Your address has reached its limit") &&
                                             Contains(R"("at":"client")"));
    CHECK_THAT(c.ask("x", "127.0.77.2").read_answer(), StartsWith("HTTP/1.1 200"));
    c.peers.pop_front();
    c.f.w.time.advance(seconds(1));
    CHECK_THAT(c.ask("x").read_answer(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("one address gets at most its share of streams, and a refusal is not retried") {
    crowd c({"--source-share=1"});
    c.hold(10, "stream");  // 1 % of 1024
    CHECK_THAT(c.ask("stream").read_answer(),
               StartsWith("HTTP/1.1 429") && Contains("streams and WebSockets"));
    CHECK_THAT(c.ask("tunnel", "127.0.77.1", upgrade).read_answer(), StartsWith("HTTP/1.1 429"));
    CHECK_THAT(c.ask("x").read_answer(), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(c.ask("stream", "127.0.77.2").read_some(), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(c.f.status(), Contains(R"("streams":11)"));
}

TEST_CASE("clients behind a trusted proxy each have a share") {
    crowd c({"--source-share=1", "--portal-gateway-trusted-proxies=loopback"});
    for (const std::string client : {"192.0.2.1", "192.0.2.2"}) {
        for (int i = 0; i < 3; ++i) c.ask("wait", "127.0.0.1", "X-Forwarded-For: " + client + "\r\n");
        CHECK_THAT(c.ask("x", "127.0.0.1", "X-Forwarded-For: " + client + "\r\n").read_answer(),
                   StartsWith("HTTP/1.1 429"));
    }
    CHECK_THAT(c.ask("x", "127.0.0.1", "X-Forwarded-For: 192.0.2.3\r\n").read_answer(),
               StartsWith("HTTP/1.1 200"));
}
