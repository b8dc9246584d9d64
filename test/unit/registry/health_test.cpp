// Health over fake time: every number here is milliseconds since the start.
#include "role/registry/core/health.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <vector>

using namespace distd;
using namespace std::chrono_literals;
using registry::condition;
using registry::health_engine;
using verdict = health_engine::verdict;

namespace {

struct course {
    explicit course(health_engine::rules r = {}) : engine(r) {}

    void watch(const std::string& url, condition c = condition::unproven, milliseconds grace = 0ms) {
        engine.watch(url, 1, url + "/heartbeat", c, now, 0, grace);
    }
    // Runs until `end`; probes are answered at once, with what `answers` says.
    void run(milliseconds until) {
        const auto end = start + until;
        for (;;) {
            const auto due = engine.next_due();
            if (due > end) break;
            now = std::max(now, due);
            while (auto p = engine.take(now)) {
                probes.push_back({ms(), p->url});
                const auto v = engine.finish(*p, answers[p->url], now);
                if (v != verdict::none) verdicts.push_back({ms(), v});
            }
        }
        now = end;
    }
    [[nodiscard]] milliseconds::rep ms() const {
        return std::chrono::duration_cast<milliseconds>(now - start).count();
    }
    [[nodiscard]] std::vector<milliseconds::rep> probe_times() const {
        std::vector<milliseconds::rep> times;
        for (const auto& [at, url] : probes) times.push_back(at);
        return times;
    }

    using times = std::vector<milliseconds::rep>;
    using events = std::vector<std::pair<milliseconds::rep, verdict>>;

    steady_point start{1h};
    steady_point now = start;
    health_engine engine;
    std::map<std::string, std::string> answers;  // empty: healthy
    std::vector<std::pair<milliseconds::rep, std::string>> probes;
    events verdicts;
};

}  // namespace

TEST_CASE("a healthy instance is probed at the interval and nothing is said of it") {
    course c;
    c.watch("a");
    CHECK(c.engine.look_up("a")->now == condition::unproven);
    c.run(8s);
    CHECK(c.probe_times() == course::times{1000, 4000, 7000});
    CHECK(c.verdicts.empty());
    CHECK(c.engine.look_up("a")->now == condition::passing);
    CHECK(c.engine.look_up("a")->since == c.start + 1s);
}

TEST_CASE(
    "after the first failure an instance is lost, is tried twice more a second apart, then at the interval") {
    course c;
    c.watch("a");
    c.answers["a"] = "answered 503";
    c.run(12s);
    CHECK(c.probe_times() == course::times{1000, 2000, 3000, 6000, 9000, 12000});
    CHECK(c.verdicts == course::events{{1000, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "answered 503");
    CHECK(c.engine.look_up("a")->since == c.start + 1s);
    CHECK(c.engine.lost() == 1);
}

TEST_CASE("a success brings a lost instance back") {
    course c;
    c.watch("a");
    c.answers["a"] = "no answer in time";
    c.run(1500ms);
    c.answers["a"] = "";
    c.run(5s);
    CHECK(c.verdicts == course::events{{1000, verdict::lost}, {2000, verdict::back}});
    CHECK(c.engine.look_up("a")->reason.empty());
    CHECK(c.engine.lost() == 0);
}

TEST_CASE("an instance that stays lost has a last chance when its time is up, and is gone") {
    health_engine::rules r;
    r.deregister_after = 10s;
    course c(r);
    c.watch("a");
    c.answers["a"] = "nobody answers";
    c.run(1h);
    CHECK(c.verdicts == course::events{{1000, verdict::lost}, {11000, verdict::gone}});
    CHECK(c.engine.watched() == 0);
    CHECK(c.engine.lost() == 0);
}

TEST_CASE("an instance that comes back at its last chance stays") {
    health_engine::rules r;
    r.deregister_after = 10s;
    course c(r);
    c.watch("a");
    c.answers["a"] = "nobody answers";
    c.run(10500ms);
    c.answers["a"] = "";
    c.run(1h);
    CHECK(c.verdicts == course::events{{1000, verdict::lost}, {11000, verdict::back}});
    CHECK(c.engine.watched() == 1);
}

TEST_CASE("failures within its grace are not held against an instance, and count afterwards") {
    course c;
    c.watch("a", condition::unproven, 6s);
    c.answers["a"] = "nobody answers";
    c.run(5900ms);
    CHECK(c.verdicts.empty());
    CHECK(c.probe_times() == course::times{1000, 2000, 3000, 4000, 5000});
    c.run(7s);
    CHECK(c.verdicts == course::events{{6000, verdict::lost}});
}

TEST_CASE("an instance that was lost before the registry's restart is lost until it proves otherwise") {
    course c;
    c.watch("a", condition::lost, 6s);
    CHECK(c.engine.lost() == 1);
    c.run(2s);
    CHECK(c.verdicts == course::events{{1000, verdict::back}});
}

TEST_CASE("a second registration starts over, and an answer to an earlier probe counts no more") {
    course c;
    c.watch("a");
    c.now += 1s;
    const auto old = c.engine.take(c.now);
    REQUIRE(old);
    c.engine.watch("a", 2, "a/heartbeat", condition::unproven, c.now, 0);
    CHECK(c.engine.finish(*old, "nobody answers", c.now) == verdict::none);
    CHECK(c.engine.look_up("a")->now == condition::unproven);
    CHECK(c.engine.under_way() == 0);
}

TEST_CASE("probes are spread over the interval, and stay so") {
    course c;
    for (std::uint64_t i = 0; i < 3000; ++i)
        c.engine.watch("s" + std::to_string(i), 1, "", condition::unproven, c.now, i);
    c.run(30s);
    std::map<milliseconds::rep, int> per_tick;
    for (const auto& [at, url] : c.probes) ++per_tick[at / 100];
    for (const auto& [tick, count] : per_tick) CHECK(count <= 200);
}

TEST_CASE("hanging instances delay nobody else, however many they are") {
    health_engine::rules r;
    r.under_way = 64;
    r.suspects_under_way = 16;
    course c(r);
    for (std::uint64_t i = 0; i < 40; ++i) {
        c.engine.watch("hangs" + std::to_string(i), 1, "", condition::lost, c.now, i * 10);
        c.engine.watch("well" + std::to_string(i), 1, "", condition::unproven, c.now, i * 50);
    }
    std::set<std::string> hanging;
    for (; c.now < c.start + 10s; c.now += 10ms) {
        while (auto p = c.engine.take(c.now)) {
            if (p->url.starts_with("hangs")) {
                hanging.insert(p->url);
            } else {
                c.probes.push_back({c.ms(), p->url});
                CHECK(c.engine.finish(*p, "", c.now) == verdict::none);
            }
        }
    }
    CHECK(hanging.size() == 16);
    std::map<std::string, int> rounds;
    for (const auto& [at, url] : c.probes) ++rounds[url];
    CHECK(rounds.size() == 40);
    for (const auto& [url, count] : rounds) CHECK(count >= 3);
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
    CHECK(c.engine.finish(open.front(), "", c.now) == verdict::none);
    CHECK(c.engine.take(c.now));
}
