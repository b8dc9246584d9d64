// The registry's drain: it goes on calling services until its last request is finished, also over new
// connections.
#include <catch2/catch.hpp>

#include "role/registry_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;
using action = raw_server::action;

const action healthy{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
const std::string body = instance("Late", "http://late");

// Probed over a connection that is kept; then the registry drains, held up by a request that is not complete.
struct draining_registry : registry_service {
    draining_registry() {
        REQUIRE(post(instance("A", server.url(), R"(,"HeartbeatURL":")" + server.url("/h") + '"')).status ==
                200);
        w.until("it is probed", [&] { return !server.requests().empty(); });
        open_request.send(
            "POST /services HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
            "application/json\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, 10));
        w.pump();
        w.begin_stop("registry");
        server.forget_requests();
    }
    ~draining_registry() { server.close(); }

    void finish() {
        open_request.send(body.substr(10));
        CHECK_THAT(open_request.read_answer(), StartsWith("HTTP/1.1 200"));
        w.stop("registry");
    }

    bool hangs_up = false;
    raw_server server{w.loop, [this](int connection, const std::string&) {
                          return hangs_up && connection == 0 ? action{"", true} : healthy;
                      }};
    raw_peer open_request{port_of(url()), [this] { w.pump(); }};
};

}  // namespace

TEST_CASE("a stop goes on when an instance closes a kept connection under a probe") {
    draining_registry r;
    r.hangs_up = true;
    r.w.until("it is probed again, over a new connection", [&] { return r.server.connections() == 2; });
    CHECK(r.server.requests().size() == 2);
    r.finish();
}

TEST_CASE("a stop goes on when a kept connection is gone before the next probe") {
    draining_registry r;
    r.server.close(0);
    r.w.until("it is probed again, over a new connection", [&] { return r.server.connections() == 2; });
    r.finish();
}
