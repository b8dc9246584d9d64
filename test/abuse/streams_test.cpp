// One client that holds what never ends: event streams, WebSockets, and requests that are not answered.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::StartsWith;

namespace {

const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";

raw_server::action serve(int, const std::string& request) {
    if (request.starts_with("GET /stream"))
        return {"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n"};
    if (request.starts_with("GET /tunnel"))
        return {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"};
    if (request.starts_with("GET /silent")) return {};
    return {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"};
}

struct scene {
    victim v{"registry,portal"};
    instance shop{v, "Shop", serve};
    crowd held;

    // Opens them until the gateway says no, and says how many were let in.
    std::size_t hold(const std::string& path, std::size_t max, const std::string& fields = {}) {
        for (std::size_t n = 0; n < max; ++n) {
            held.add(v.port("portal"), 1, get_request("/api/Shop/" + path, fields));
            const auto first = held.at(held.size() - 1).read_some();
            if (!first.starts_with("HTTP/1.1 200") && !first.starts_with("HTTP/1.1 101")) {
                CHECK_THAT(first, StartsWith("HTTP/1.1 429"));
                return n;
            }
        }
        return max;
    }
    service_seen other() { return ask(v.url("portal") + "/api/Shop/x"); }
};

}  // namespace

// Opens WebSockets and event streams until none is left for anybody.
TEST_CASE(
    "one client's event streams and WebSockets have a bound, and another client is served beside them") {
    scene s;
    const auto tunnels = s.hold("tunnel", 300, upgrade);
    CHECK(tunnels == 300);
    check_served("WebSockets", s.other());
    const auto streams = s.hold("stream", 1000);
    CHECK(tunnels + streams == 512);
    check_served("streams and WebSockets", s.other());
}

// Fills an instance with requests that it does not answer.
TEST_CASE(
    "one client's requests that are not answered have a bound, and another client is served beside them") {
    scene s;
    s.held.add(s.v.port("portal"), scaled(300), get_request("/api/Shop/silent"));
    check_served("silent requests", s.other());
    CHECK(s.held.silent() <= 160);
}
