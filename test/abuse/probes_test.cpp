// Who registers one host again and again, so that the registry shoots at it, and names that never resolve.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

bool is_passing(const victim& v, const std::string& name) {
    return exchange("GET", v.url("registry") + "/services/" + name).body.find(R"("Health":"passing")") !=
           std::string::npos;
}

std::string probed(const std::string& name, const std::string& url) {
    return registration(name, url, R"(,"HeartbeatURL":")" + url + R"(/hb","HeartbeatInterval":"100ms")");
}

}  // namespace

// Registers one host hundreds of times, in different spellings, to be probed ten times a second each.
TEST_CASE("however many registrations name a host, it is probed no more often than it may be") {
    victim v("registry", {"--registry-max-probes-per-host=10", "--heartbeat-interval=200ms"});
    listener target(says_ok);
    listener honest(says_ok);
    const auto list = v.url("registry") + "/services";
    REQUIRE(exchange("POST", list, probed("Honest", honest.url())).status == 200);
    wait_until("it is well", [&] { return is_passing(v, "Honest"); });
    other_client other(list + "?fields=ServiceURL");
    const auto began = std::chrono::steady_clock::now();
    const auto behind = ":" + std::to_string(target.port()) + "/";
    std::size_t n = 0;
    for (std::size_t i = 0; i < scaled(60); ++i)
        for (const auto* host : {"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "[::ffff:127.0.0.1]"})
            REQUIRE(exchange("POST", list, probed("Gun", "http://" + (host + behind) + std::to_string(n++)))
                        .status == 200);
    // 300 at ten a second each are 3,000; a loopback address gets ten times the bound, and a name, which
    // counts by itself until it is looked up, a second's worth before that.
    wait_until("it was probed", [&] { return target.received("GET /") >= 400; });
    const auto count = static_cast<double>(target.received("GET /"));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("one host: %.0f probes in %.1f s\n", count, took.count());
    CHECK(count <= 100 * (took.count() + 1) + 4 * 100);
    CHECK(is_passing(v, "Honest"));
    check_served("probes at one host", other.stop());
    CHECK(v.peak_mib() < 400);
    CHECK(v.stop() == 0);
}

// Registers names, each in a zone of its own, whose name servers never answer.
TEST_CASE("thousands of names in zones that never answer cost nobody else's health, and no stop") {
    victim v("registry", {"--heartbeat-interval=200ms", "--drain-timeout=1s"});
    listener good(says_ok);
    const auto list = v.url("registry") + "/services";
    const auto behind = ":" + std::to_string(good.port());
    const auto good_name = [&](const std::string& name) {
        REQUIRE(exchange("POST", list, probed(name, "http://" + name + ".answers.test" + behind)).status ==
                200);
    };
    for (const auto* name : {"web0", "web1", "web2"}) good_name(name);
    for (const auto* name : {"web0", "web1", "web2"})
        wait_until("it is well", [&] { return is_passing(v, name); });
    other_client other(list + "/web0");
    for (std::size_t i = 0; i < scaled(500); ++i) {
        const auto zone = "z" + std::to_string(i);
        REQUIRE(exchange("POST", list, probed("Slow", "http://x." + zone + ".hangs.test:1")).status == 200);
    }
    for (const auto* name : {"web0", "web1", "web2"}) CHECK(is_passing(v, name));
    const auto known = "http://web0.answers.test" + behind + "/late";
    REQUIRE(exchange("POST", list, probed("Late", known)).status == 200);
    wait_until("what comes under a known name is well", [&] { return is_passing(v, "Late"); });
    check_served("slow names", other.stop());
    CHECK_THAT(v.errors(), !Contains(R"("instance_lost","url":"http://web)"));
    CHECK(v.peak_mib() < 400);
    CHECK(v.stop() == 0);
}
