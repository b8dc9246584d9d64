// Peers that make a role stop in the middle of everything: uploads that are not finished, long polls,
// streams, and an instance that closes the connection on which it is probed.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

std::string unfinished(const std::string& what) {
    return what + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
           "Content-Length: 500\r\n\r\n{\"Servi";
}

std::string stream(const std::string& target) { return get_request(target, "Accept: text/event-stream\r\n"); }

// Ended in order, and says of nothing that it was left or broke.
void check_stop(victim& v) {
    CHECK(v.stop() == 0);
    const auto said = v.errors();
    for (const auto* trouble :
         {"broken invariant", "still running", "task_failed", "handler_failed", "Sanitizer", "runtime error"})
        CHECK_THAT(said, !Contains(trouble));
}

// Answers each other request only, and closes.
raw_server::action answers_and_closes(int, const std::string& request) {
    static std::atomic<int> count{0};
    if (request.starts_with("GET /hb") && ++count % 2 == 0) return {"", true};
    return {ok_answer()};
}

}  // namespace

// Keeps requests open, and closes the connection of each other probe, while the registry is told to stop.
TEST_CASE("a registry that is stopped while an instance closes probed connections ends in order") {
    for (std::size_t round = 0; round < scaled(2); ++round) {
        victim v("registry", {"--heartbeat-interval=100ms", "--drain-timeout=500ms"});
        listener flaky(answers_and_closes);
        const auto more = R"(,"HeartbeatURL":")" + flaky.url("/hb") + R"(","ServiceUpdateURL":")" +
                          flaky.url("/services") + R"(","RequiredServices":["B"])";
        const auto list = v.url("registry") + "/services";
        REQUIRE(exchange("POST", list, registration("A", flaky.url(), more)).status == 200);
        const auto other_name = "http://localhost:" + std::to_string(flaky.port());
        REQUIRE(exchange("POST", list,
                         registration("B", other_name + "/b", R"(,"HeartbeatURL":")" + other_name + "/hb\""))
                    .status == 200);
        crowd hostile;
        hostile.add(v.port("registry"), 10, unfinished("POST /services"));
        hostile.add(v.port("registry"), 10, get_request("/services?index=1&wait=10m"));
        hostile.add(v.port("registry"), 10, stream("/services"));
        wait_until("it was probed", [&] { return flaky.received("GET /hb") >= 6; });
        check_served("beside what will be stopped", ask(v.url("registry") + "/heartbeat", 50));
        CHECK(v.peak_mib() < 400);
        check_stop(v);
    }
}

// Keeps requests, streams and tunnels of every role open while it is told to stop.
TEST_CASE("every role that is stopped in the middle of requests, streams and tunnels ends in order") {
    victim v("all", {"--drain-timeout=500ms", "--heartbeat-interval=200ms"});
    instance shop(v, "Shop", [](int, const std::string& request) -> raw_server::action {
        if (request.starts_with("GET /silent")) return {};
        if (request.starts_with("GET /tunnel"))
            return {"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"};
        return {ok_answer()};
    });
    crowd hostile;
    for (std::size_t i = 0; i < scaled(5); ++i) {
        for (const auto* role : {"registry", "log", "grading", "portal"}) {
            hostile.add(v.port(role), 1, unfinished("POST /" + std::string(role)));
            hostile.add(v.port(role), 1, get_request("/heartbeat") + "GET /heart");
        }
        hostile.add(v.port("log"), 1, unfinished("POST /log"));
        hostile.add(v.port("log"), 1, get_request("/log/tail"));
        hostile.add(v.port("log"), 1, get_request("/log/context?seq=1&before=100&after=100"));
        hostile.add(v.port("registry"), 1, stream("/events"));
        hostile.add(v.port("portal"), 1, get_request("/api/Shop/silent"));
        hostile.add(v.port("portal"), 1, unfinished("POST /api/Shop/x"));
        hostile.add(v.port("portal"), 1,
                    get_request("/api/Shop/tunnel", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
    }
    wait_until("the gateway passed them on", [&] { return shop.received("GET /silent") >= 5; });
    check_served("beside what will be stopped", ask(v.url("portal") + "/heartbeat", 50));
    CHECK(v.peak_mib() < 700);
    check_stop(v);
}
