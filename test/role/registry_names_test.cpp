// Instances that are registered by host names, beside a zone whose servers do not answer.
#include <atomic>
#include <catch2/catch.hpp>
#include <latch>

#include "role/registry_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

namespace {

using namespace distd;
using namespace distd::test;

// Its threads may outlive the test.
struct slow_zone {
    std::latch open{1};
    std::atomic<int> held = 0;
};

struct scene {
    scene() {
        w.look_up = [zone = zone](const std::string& host) -> http::resolver::found {
            if (host.ends_with(".slow")) {
                ++zone->held;
                zone->open.wait();
            }
            return http::address_list{boost::asio::ip::address_v4::loopback()};
        };
        w.start("registry", "registry");
    }
    ~scene() { zone->open.count_down(); }
    void enroll(const std::string& name, const std::string& host) {
        const auto at = "http://" + host + ":" + std::to_string(server.port());
        const auto body = instance(name, at + "/" + name, R"(,"HeartbeatURL":")" + at + '/' + name + '"');
        REQUIRE(w.http("POST", w.address("registry", "registry") + "/services", body).status == 200);
    }
    // How many of the good ones are offered.
    std::size_t healthy() {
        std::size_t n = 0;
        for (int i = 0; i < 5; ++i) {
            const auto list =
                w.http("GET", w.address("registry", "registry") + "/services/web" + std::to_string(i));
            n += list.body.find(R"("passing")") != std::string::npos ? 1 : 0;
        }
        return n;
    }

    std::shared_ptr<slow_zone> zone = std::make_shared<slow_zone>();
    in_process_world w;
    raw_server server{
        w.loop, [](int, const std::string&) {
            return raw_server::action{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"};
        }};
};

}  // namespace

TEST_CASE(
    "five healthy instances stay healthy beside thirty names in a slow zone, and the stop waits for none") {
    scene s;
    for (int i = 0; i < 5; ++i) s.enroll("web" + std::to_string(i), "web" + std::to_string(i) + ".good");
    s.w.until("the five are healthy", [&] { return s.healthy() == 5; });
    for (int i = 0; i < 30; ++i) s.enroll("x" + std::to_string(i), "x" + std::to_string(i) + ".slow");
    s.w.until("the zone is asked", [&] { return s.zone->held > 0; });
    // Beyond the time for which an address is taken as new, several times.
    const auto begin = s.w.time.now();
    std::size_t min = 5;
    while (s.w.time.now() - begin < 3 * http::resolver::keep_for) {
        for (int i = 0; i < 50; ++i) s.w.time.advance(milliseconds(20));
        min = std::min(min, s.healthy());
    }
    CHECK(min == 5);
    s.w.stop("registry");
}
