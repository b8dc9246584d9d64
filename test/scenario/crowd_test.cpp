// A provider that a thousand services wait for.
#include <catch2/catch.hpp>
#include <chrono>
#include <iostream>

#include "scenario/scenario.hpp"
#include "support/foreign_crowd.hpp"

using namespace distd::test;

TEMPLATE_TEST_CASE("a provider that a thousand services require reaches each of them, once", "[scenario]",
                   in_process_world, process_world) {
    constexpr std::size_t members = 1000;
    TestType w;
    // Heartbeats are another scenario's: a thousand of them in each fraction of a second would be all that
    // happens.
    w.start("registry", "registry", {"--heartbeat-interval=60s"});
    const auto registry = w.address("registry", "registry");
    foreign_crowd crowd(members);
    for (std::size_t i = 0; i < members; ++i)
        REQUIRE(w.http("POST", registry + "/services", crowd.registration(i, "LogService")).status == 200);

    foreign_service provider({.name = "LogService", .update_path = ""});
    provider.start();
    const auto begun = std::chrono::steady_clock::now();
    enroll(w, provider, registry);
    soon(w, "all have heard", [&] { return crowd.heard_of(provider.url()).members == members; });
    const auto told = crowd.heard_of(provider.url());
    CHECK(told.max == 1);
    const auto span = std::chrono::duration_cast<std::chrono::milliseconds>(told.last - begun);
    std::cout << "a patch to " << members << " services took " << span.count() << " ms\n";

    // What follows comes after whatever else was on its way.
    foreign_service second({.name = "LogService", .update_path = ""});
    second.start();
    enroll(w, second, registry);
    soon(w, "all have heard of the second", [&] { return crowd.heard_of(second.url()).members == members; });
    CHECK(crowd.heard_of(provider.url()).max == 1);
    CHECK(crowd.heard_of(second.url()).max == 1);
}
