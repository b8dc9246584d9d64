// Many instances: probes are spread and bounded, and those that hang delay nobody else.
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "unit/registry/core/health_course.hpp"

using namespace distd;
using namespace distd::registry;
using namespace std::chrono_literals;

TEST_CASE("probes are spread over the interval, and stay so") {
    course c;
    for (std::uint64_t i = 0; i < 3000; ++i)
        c.engine.watch(probed("s" + std::to_string(i)), 1, condition::unproven, c.now, i);
    c.run(30s);
    std::map<milliseconds::rep, int> per_tick;
    for (const auto& [at, url] : c.probes) ++per_tick[at / 100];
    for (const auto& [tick, count] : per_tick) CHECK(count <= 200);
}

TEST_CASE("instances with a long interval are looked at soon, and then spread over their interval") {
    course c;
    registration_extras e;
    e.heartbeat_interval = 60s;
    for (std::uint64_t i = 0; i < 600; ++i)
        c.engine.watch(probed("s" + std::to_string(i), e), 1, condition::unproven, c.now,
                       i * 0x9e3779b97f4a7c15ULL);
    c.run_for(3s);
    CHECK(c.probes.size() == 600);
    c.run_for(180s);
    std::map<milliseconds::rep, int> per_second;
    for (const auto& [at, url] : c.probes)
        if (at > 3000) ++per_second[at / 1000];
    for (const auto& [second, count] : per_second) CHECK(count <= 60);
}

TEST_CASE("hanging instances delay nobody else, however many they are") {
    health_engine::rules r;
    r.under_way = 64;
    r.suspects_under_way = 16;
    course c(r);
    for (std::uint64_t i = 0; i < 40; ++i) {
        c.engine.watch(probed("hangs" + std::to_string(i)), 1, condition::lost, c.now, i * 10);
        c.engine.watch(probed("well" + std::to_string(i)), 1, condition::unproven, c.now, i * 50);
    }
    std::set<std::string> hanging;
    for (; c.now < c.start + 10s; c.now += 10ms) {
        while (auto p = c.engine.take(c.now)) {
            if (p->url().starts_with("hangs")) {
                hanging.insert(p->url());
            } else {
                c.probes.push_back({c.ms(), p->url()});
                CHECK(c.engine.finish(*p, "", c.now) == transition::none);
            }
        }
    }
    CHECK(hanging.size() == 16);
    std::map<std::string, int> rounds;
    for (const auto& [at, url] : c.probes) ++rounds[url];
    CHECK(rounds.size() == 40);
    for (const auto& [url, count] : rounds) CHECK(count >= 3);
}

TEST_CASE("of 10,000 instances 500 hang, and each of the others is probed in its time") {
    course c;
    for (std::uint64_t i = 0; i < 10'000; ++i)
        c.engine.watch(probed("s" + std::to_string(i)), 1, condition::unproven, c.now, i * 7919);
    std::deque<std::pair<steady_point, health_engine::probe>> hanging;
    std::map<std::string, int> rounds;
    for (; c.now < c.start + 12s; c.now += 50ms) {
        while (!hanging.empty() && hanging.front().first <= c.now) {
            c.note("", c.engine.finish(hanging.front().second, "no answer in time", c.now));
            hanging.pop_front();
        }
        while (auto p = c.engine.take(c.now)) {
            const auto number = std::stoul(p->url().substr(1));
            if (number < 500) {
                hanging.emplace_back(c.now + p->timeout(), *p);
            } else {
                ++rounds[p->url()];
                CHECK(c.engine.finish(*p, "", c.now) == transition::none);
            }
        }
        CHECK(c.engine.review(c.now).empty());
    }
    CHECK(c.engine.lost() == 500);
    CHECK(rounds.size() == 9'500);
    CHECK(std::ranges::all_of(rounds, [](const auto& r) { return r.second >= 3; }));
}

TEST_CASE("probes under way are bounded") {
    health_engine::rules r;
    r.under_way = 8;
    course c(r);
    for (int i = 0; i < 20; ++i) c.watch("a" + std::to_string(i));
    c.now += 2s;
    std::vector<health_engine::probe> open;
    while (auto p = c.engine.take(c.now)) open.push_back(*p);
    CHECK(open.size() == 8);
    CHECK(c.engine.next_due() == steady_point::max());
    CHECK(c.engine.finish(open.front(), "", c.now) == transition::none);
    CHECK(c.engine.take(c.now));
}
