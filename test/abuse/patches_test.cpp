// Who forges patches to fill a service with instances that are none, and registrations to keep a service from
// finding itself among its namesakes.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::Contains;

// Sends patches with a hundred thousand instances that there are none of.
TEST_CASE("forged patches fill a service only up to its bound, and another client is served") {
    victim v("portal");
    const auto before = v.resident_mib();
    other_client other(v.url("portal") + "/heartbeat");
    for (std::size_t n = 0; n < scaled(20); ++n) {
        std::string added;
        for (int i = 0; i < 3000; ++i)
            added += (added.empty() ? "" : ",") +
                     (R"({"Name":"GradingService","URL":"http://127.0.0.1:9/)" + std::to_string(n) + "/" +
                      std::string(300, 'p') + std::to_string(i) + "\"}");
        CHECK(exchange("POST", v.url("portal") + "/services", R"({"Added":[)" + added + R"(],"Removed":[]})")
                  .status == 200);
    }
    check_served("forged patches", other.stop());
    CHECK_THAT(v.errors(), Contains("providers_passed_over"));
    CHECK(v.resident_mib() - before < 400);  // 16 MiB of them, and the 256 that a sanitizer keeps back
    CHECK(v.stop() == 0);
}

// Registers so many large namesakes of a service that its list of itself is larger than it can read.
TEST_CASE("a service is registered beside any number of large namesakes") {
    victim v("registry");
    const auto list = v.url("registry") + "/services";
    std::string meta;
    for (const char key : {'a', 'b', 'c', 'd', 'e', 'f', 'g'})
        meta += (meta.empty() ? "\"" : ",\"") + std::string(1, key) + "\":\"" + std::string(1000, 'x') + '"';
    const auto fat = scaled(100);
    for (std::size_t i = 0; i < fat; ++i) {
        const auto url = "http://127.0.0.1:9/" + std::string(1900, 'u') + std::to_string(i);
        REQUIRE(
            exchange("POST", list, registration("GradingService", url, R"(,"Meta":{)" + meta + "}")).status ==
            200);
    }
    other_client other(v.url("registry") + "/heartbeat");
    victim service("grading", {"--registry=" + v.url("registry")});
    wait_until("it is registered", [&] {
        return exchange("GET", list + "/GradingService?fields=ServiceURL")
                   .body.find(service.url("grading")) != std::string::npos;
    });
    check_served("namesakes", other.stop());
    CHECK(service.peak_mib() < 300);
    CHECK(v.peak_mib() < 400);
    CHECK(service.stop() == 0);
    CHECK(v.stop() == 0);
}
