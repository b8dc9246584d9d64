// Indexes and the timeline of a registry that is killed.
#include <catch2/catch.hpp>

#include "support/world.hpp"

namespace {

using namespace distd::test;

std::string instance(int number) {
    const auto n = std::to_string(number);
    return R"({"ServiceName":"S)" + std::to_string(number % 3) + R"(","ServiceURL":"http://127.0.0.1:9/)" +
           n + "\"}";
}

}  // namespace

TEST_CASE("indexes and the timeline of answered changes survive kill -9 and continue") {
    process_world w;
    w.start("registry", "registry");
    const auto registry = [&] { return w.address("registry", "registry"); };
    const auto index = [&](const std::string& path) {
        return std::stoull(w.http("GET", registry() + path).header("X-Distd-Index"));
    };
    int number = 0;
    for (int life = 0; life < 3; ++life) {
        for (int i = 0; i < 20; ++i)
            REQUIRE(w.http("POST", registry() + "/services", instance(++number)).status == 200);
        REQUIRE(w.http("DELETE", registry() + "/services", "http://127.0.0.1:9/" + std::to_string(number),
                       "text/plain")
                    .status == 200);
        const auto events = w.http("GET", registry() + "/events").body;
        std::vector<unsigned long long> before;
        for (const auto* path : {"/services", "/services/S0", "/services/S1", "/services/S2", "/events"})
            before.push_back(index(path));
        w.kill("registry");
        w.start("registry", "registry");
        CHECK(w.http("GET", registry() + "/events").body == events);
        std::size_t i = 0;
        for (const auto* path : {"/services", "/services/S0", "/services/S1", "/services/S2", "/events"}) {
            CAPTURE(path);
            CHECK(index(path) == before[i++]);
        }
    }
    const auto last = index("/services");
    REQUIRE(w.http("POST", registry() + "/services", instance(++number)).status == 200);
    CHECK(index("/services") > last);
}
