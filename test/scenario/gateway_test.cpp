// The gateway in front of real processes, one of which dies.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "scenario/scenario.hpp"

using namespace distd::test;

namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
    return count;
}

}  // namespace

TEST_CASE("one of three instances is killed under load, and no GET fails", "[scenario]") {
    process_world w;
    const auto registry = start_role(w, "registry");
    for (const auto* name : {"one", "two", "three"})
        w.start(name, "grading", with(pace(w), {registry_at(registry)}));
    const auto portal =
        start_role(w, "portal", {registry_at(registry), "--portal-gateway-services=GradingService"});
    w.until("the gateway knows all three",
            [&] { return count_of(w.http("GET", portal + "/gateway/status").body, R"("url":)") == 3; });

    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;
    std::atomic<bool> enough = false;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i)
        clients.emplace_back([&] {
            while (!enough)
                (exchange("GET", portal + "/api/GradingService/students").status == 200 ? good : bad)++;
        });
    w.until("there is load", [&] { return good + bad >= 200; });
    w.kill("two");
    const int before = good + bad;
    w.until("load goes on after the kill", [&] { return good + bad >= before + 1000; });
    enough = true;
    for (auto& c : clients) c.join();
    CHECK(bad == 0);
    CHECK(count_of(w.http("GET", portal + "/metrics").body,
                   R"(distd_gateway_answers_total{service="GradingService",status="5xx"} 0)") == 1);
}
