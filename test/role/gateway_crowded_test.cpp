// More requests than an instance takes: who waits in line is told so in the end, and the instance is not
// blamed.
#include <catch2/catch.hpp>
#include <list>

#include "role/gateway_fixture.hpp"
#include "role/portal/core/gateway_balancer.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

TEST_CASE("a request that waits in line in vain gets 503 and says nothing of an instance that works") {
    gateway_fixture f;
    auto& shop = f.instance([](int, const std::string&) {
        return says("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
    });
    std::list<raw_peer> streams;
    const auto add = [&] {
        streams.emplace_back(port_of(f.portal), [&] { f.w.pump(); });
        streams.back().send(get_request("/api/Shop/x", "Connection: close\r\n"));
    };
    while (streams.size() < portal::balancing::most_in_flight) add();
    f.w.until("all are served", [&] { return shop.requests().size() == streams.size(); });
    for (int more = 0; more < portal::balancing::failures_to_eject; ++more) add();
    f.w.until("the last are in line", [&] { return f.holds(f.status(), R"("in_flight":259)"); });
    f.w.time.advance(seconds(16));
    for (auto last = std::prev(streams.end(), portal::balancing::failures_to_eject); last != streams.end();
         ++last)
        CHECK_THAT(last->read_until_close(), StartsWith("HTTP/1.1 503") && Contains("Retry-After: 1\r\n") &&
                                                 Contains("as many requests as it can take"));
    CHECK_THAT(f.status(), Contains(R"("failed":0)"));
    CHECK(shop.requests().size() == portal::balancing::most_in_flight);
}
