// Health over fake time: every number here is milliseconds since the start.
#include "role/registry/core/health.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>
#include <vector>

using namespace distd;
using namespace std::chrono_literals;
using registry::condition;
using registry::health_engine;
using verdict = health_engine::verdict;

namespace {

registration probed(const std::string& url, registration_extras extras = {}) {
    return {"A", url, {}, "", url + "/heartbeat", std::make_shared<const registration_extras>(extras)};
}

registration reporting(const std::string& url, milliseconds ttl, registration_extras extras = {}) {
    extras.ttl = ttl;
    auto r = probed(url, std::move(extras));
    return r;
}

struct course {
    explicit course(health_engine::rules r = {}) : engine(r) {}

    void watch(const std::string& url, registration_extras extras = {}) {
        engine.watch(probed(url, std::move(extras)), 1, condition::unproven, now, 0);
    }
    // Runs until `end`; probes are answered at once, with what `answers` says.
    void run(milliseconds until) {
        const auto end = start + until;
        for (;;) {
            const auto due = engine.next_due();
            if (due > end) break;
            now = std::max(now, due);
            while (auto p = engine.take(now)) {
                const auto url = p->url();
                probes.push_back({ms(), url});
                note(url, engine.finish(*p, answers[url], now));
            }
            for (const auto& j : engine.review(now)) note(j.url, j.what);
        }
        now = end;
    }
    void run_for(milliseconds span) { run(milliseconds(ms()) + span); }
    void note(const std::string& url, verdict v) {
        if (v == verdict::none) return;
        verdicts.push_back({ms(), v});
        if (v == verdict::lost || v == verdict::gone) out.insert(url);
        if (v == verdict::back) out.erase(url);
    }
    // It reports by itself.
    void hear(const std::string& url, const std::string& failure = {}) {
        const auto heard = engine.hear(url, failure, now);
        CHECK(heard.how == health_engine::reporting::taken);
        note(url, heard.what.what);
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
    std::set<std::string> out;  // of rotation, as the verdicts say
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
    c.engine.restore(probed("a"), 1, condition::unproven, c.now, 0);
    c.answers["a"] = "nobody answers";
    c.run(5900ms);
    CHECK(c.verdicts.empty());
    CHECK(c.probe_times() == course::times{1000, 2000, 3000, 4000, 5000});
    c.run(7s);
    CHECK(c.verdicts == course::events{{6000, verdict::lost}});
}

TEST_CASE("an instance that was lost before the registry's restart is lost until it proves otherwise") {
    course c;
    c.engine.restore(probed("a"), 1, condition::lost, c.now, 0);
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
    c.engine.watch(probed("a"), 2, condition::unproven, c.now, 0);
    CHECK(c.engine.finish(*old, "nobody answers", c.now) == verdict::none);
    CHECK(c.engine.look_up("a")->now == condition::unproven);
    CHECK(c.engine.under_way() == 0);
}

TEST_CASE("probes are spread over the interval, and stay so") {
    course c;
    for (std::uint64_t i = 0; i < 3000; ++i)
        c.engine.watch(probed("s" + std::to_string(i)), 1, condition::unproven, c.now, i);
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
                CHECK(c.engine.finish(*p, "", c.now) == verdict::none);
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
    CHECK(c.engine.finish(open.front(), "", c.now) == verdict::none);
    CHECK(c.engine.take(c.now));
}

TEST_CASE("an instance's own interval, timeout and time to vanish hold for it alone") {
    course c;
    registration_extras e;
    e.heartbeat_interval = 1s;
    e.heartbeat_timeout = 300ms;
    e.deregister_after = 2s;
    c.watch("own", e);
    c.answers["own"] = "nobody answers";
    const auto p = c.engine.take(c.now + 400ms);
    REQUIRE(p);
    CHECK(p->timeout() == 300ms);
    CHECK(c.engine.finish(*p, "", c.now + 400ms) == verdict::none);
    c.run_for(20s);
    CHECK(c.probe_times() == course::times{1333, 2333, 3333});
    CHECK(c.verdicts == course::events{{1333, verdict::lost}, {3333, verdict::gone}});
    c.watch("usual");
    c.now += 2s;
    CHECK(c.engine.take(c.now)->timeout() == health_engine::rules().timeout);
}

TEST_CASE("an instance that wants never to vanish stays, however long it is lost") {
    course c;
    registration_extras e;
    e.deregister_after = 0ms;
    c.watch("a", e);
    c.answers["a"] = "nobody answers";
    c.run_for(24h);
    CHECK(c.verdicts == course::events{{1000, verdict::lost}});
    CHECK(c.engine.watched() == 1);
}

TEST_CASE("as many misses in a row as it says, an interval apart, lose an instance") {
    course c;
    registration_extras e;
    e.failures_before_lost = 3;
    c.watch("a", e);
    c.answers["a"] = "answered 503";
    c.run_for(6s);
    CHECK(c.verdicts.empty());
    CHECK(c.engine.look_up("a")->reason == "answered 503");
    c.answers["a"] = "";
    c.run_for(2s);
    CHECK(c.engine.look_up("a")->reason.empty());
    c.answers["a"] = "answered 503";
    c.run_for(9s);
    CHECK(c.verdicts == course::events{{16000, verdict::lost}});
    CHECK(c.probe_times() == course::times{1000, 4000, 7000, 10000, 13000, 16000, 17000});
}

TEST_CASE("as many successes in a row as it says bring an instance back") {
    course c;
    registration_extras e;
    e.successes_before_back = 2;
    c.watch("a", e);
    c.answers["a"] = "answered 503";
    c.run_for(1s);
    c.answers["a"] = "";
    c.run_for(2s);
    c.answers["a"] = "answered 503";
    c.run_for(3s);
    c.answers["a"] = "";
    c.run_for(6s);
    CHECK(c.verdicts.front() == std::pair<milliseconds::rep, verdict>{1000, verdict::lost});
    REQUIRE(c.verdicts.size() == 2);
    CHECK(c.verdicts.back().second == verdict::back);
    CHECK(c.engine.lost() == 0);
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

TEST_CASE("an instance that registers again and says the same keeps its health") {
    course c;
    c.watch("a");
    c.run_for(1s);
    CHECK(c.engine.look_up("a")->now == condition::passing);
    const auto since = c.engine.look_up("a")->since;
    const auto version = c.engine.version();
    c.now += 1s;
    const auto old = c.engine.take(c.now + 10s);
    REQUIRE(old);
    c.engine.renew(probed("a"), 2, c.now, 0);
    CHECK(c.engine.finish(*old, "nobody answers", c.now) == verdict::none);
    CHECK(c.engine.look_up("a")->since == since);
    CHECK(c.engine.version() == version);
    c.run_for(2s);
    CHECK(c.probe_times() == course::times{1000, 3000});
}

TEST_CASE("an instance that reports is not probed, and is well as long as it reports") {
    course c;
    c.engine.watch(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    for (int i = 0; i < 5; ++i) {
        c.run_for(9s);
        c.hear("a");
    }
    CHECK(c.engine.look_up("a")->now == condition::passing);
    CHECK(c.engine.look_up("a")->since == c.start + 9s);
    CHECK(c.probes.empty());
    CHECK(c.verdicts.empty());
}

TEST_CASE("an instance that reports no more is lost after its TTL, and gone when its time is up") {
    course c;
    c.engine.watch(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    c.run_for(4s);
    c.hear("a");
    c.run_for(10s);
    CHECK(c.verdicts == course::events{{14000, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "no report for 10s (TTL 10s)");
    c.run_for(1h);
    CHECK(c.verdicts.back() == std::pair<milliseconds::rep, verdict>{74000, verdict::gone});
    CHECK(c.engine.hear("a", "", c.now).how == health_engine::reporting::unknown);
}

TEST_CASE("a report brings a silent instance back, or as many as it says") {
    course c;
    registration_extras e;
    e.failures_before_lost = 2;
    e.successes_before_back = 2;
    c.engine.watch(reporting("a", 10s, e), 1, condition::unproven, c.now, 0);
    c.run_for(15s);
    CHECK(c.verdicts.empty());
    c.run_for(5s);
    CHECK(c.verdicts == course::events{{20000, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "no report for 20s (TTL 10s)");
    c.hear("a");
    CHECK(c.verdicts.size() == 1);
    c.hear("a");
    CHECK(c.verdicts.back().second == verdict::back);
    c.run_for(9s);
    CHECK(c.verdicts.size() == 2);
}

TEST_CASE("an instance that reports its own failure is lost at once, with that reason") {
    course c;
    registration_extras e;
    e.failures_before_lost = 5;
    c.engine.watch(reporting("a", 10s, e), 1, condition::unproven, c.now, 0);
    c.hear("a");
    c.hear("a", "disk full");
    CHECK(c.verdicts == course::events{{0, verdict::lost}});
    CHECK(c.engine.look_up("a")->reason == "disk full");
    for (int i = 0; i < 10; ++i) {
        c.run_for(5s);
        c.hear("a", "disk full");
    }
    c.run_for(1h);  // its time runs from its loss
    CHECK(c.verdicts.back() == std::pair<milliseconds::rep, verdict>{60000, verdict::gone});
}

TEST_CASE("an instance that reported before our restart has its TTL to do so again") {
    course c;
    c.engine.restore(reporting("a", 10s), 1, condition::unproven, c.now, 0);
    c.engine.restore(reporting("b", 10s), 1, condition::lost, c.now, 0);
    c.run_for(9s);
    CHECK(c.verdicts.empty());
    c.hear("b");
    c.run_for(1s);
    CHECK(c.verdicts == course::events{{9000, verdict::back}, {10000, verdict::lost}});
}

TEST_CASE("reports of an instance that is probed are not taken") {
    course c;
    c.watch("a");
    CHECK(c.engine.hear("a", "", c.now).how == health_engine::reporting::is_probed);
    CHECK(c.engine.hear("b", "", c.now).how == health_engine::reporting::unknown);
}

namespace {

// So many instances, all well; then some of them fail.
struct crowd : course {
    explicit crowd(int size, health_engine::rules r = {}) : course(r), size(size) {
        for (int i = 0; i < size; ++i)
            engine.watch(probed(name(i)), 1, condition::unproven, now, static_cast<std::uint64_t>(i) * 37);
        run_for(6s);
        CHECK(verdicts.empty());
    }
    static std::string name(int i) { return "s" + std::to_string(i); }
    void fail(int first, int last, const std::string& how = "nobody answers") {
        for (int i = first; i < last; ++i) answers[name(i)] = how;
    }
    int size;
};

}  // namespace

TEST_CASE("when most instances fail at once all stay in rotation, lost as they are", "[guard]") {
    crowd c(20);
    c.fail(0, 20);
    c.run_for(6s);
    CHECK(c.engine.guard().is_on());
    CHECK(c.engine.lost() == 20);
    CHECK(c.out.empty());
    CHECK(c.engine.look_up("s3")->is_guarded);
    CHECK(c.engine.look_up("s3")->reason == "nobody answers");
    CHECK_THAT(c.engine.guard().reason(), Catch::Contains("of 20 watched instances"));
    c.fail(0, 20, "");
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.engine.lost() == 0);
    CHECK(c.out.empty());
}

TEST_CASE("the guard ends as soon as fewer than a third fail, and these are then taken out", "[guard]") {
    crowd c(20);
    c.fail(0, 20);
    c.run_for(6s);
    REQUIRE(c.engine.guard().is_on());
    c.fail(5, 20, "");
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.out.size() == 5);
    CHECK(c.engine.lost() == 5);
}

TEST_CASE("when most are well again nobody is taken out who is well at the next probe", "[guard]") {
    crowd c(20);
    c.fail(0, 20);
    c.run_for(6s);
    REQUIRE(c.engine.guard().is_on());
    c.fail(0, 20, "");
    const auto before = c.verdicts.size();
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    for (auto i = before; i < c.verdicts.size(); ++i) CHECK(c.verdicts[i].second != verdict::lost);
    CHECK(c.engine.lost() == 0);
}

TEST_CASE("the guard holds for a bounded time only, and comes on once for the same losses", "[guard]") {
    health_engine::rules r;
    r.guard.longest = 30s;
    r.deregister_after = 20s;
    crowd c(20, r);
    c.fail(0, 20);
    c.run_for(30s);
    CHECK(c.engine.watched() == 20);  // their time to vanish does not run
    CHECK(c.out.empty());
    c.run_for(8s);
    CHECK(c.out.size() == 20);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.engine.watched() == 20);
    c.run_for(20s);
    CHECK(c.engine.watched() == 0);
}

TEST_CASE("losses after the guard's time go through, until most have been well again", "[guard]") {
    health_engine::rules r;
    r.guard.longest = 10s;
    r.deregister_after = 1h;
    crowd c(20, r);
    c.fail(0, 14);
    c.run_for(30s);
    CHECK(c.out.size() == 14);
    c.fail(14, 20);
    c.run_for(6s);
    CHECK(c.out.size() == 20);
    c.fail(0, 20, "");
    c.run_for(6s);
    CHECK(c.out.empty());
    c.fail(0, 20);
    c.run_for(6s);
    CHECK(c.engine.guard().is_on());
    CHECK(c.out.empty());
}

TEST_CASE("the losses of a small system are real", "[guard]") {
    crowd c(9);
    c.fail(0, 9);
    c.run_for(6s);
    CHECK_FALSE(c.engine.guard().is_on());
    CHECK(c.out.size() == 9);
}

TEST_CASE("half of the instances, or many over a longer time, are no mass failure", "[guard]") {
    crowd half(20);
    half.fail(0, 10);
    half.run_for(6s);
    CHECK(half.out.size() == 10);
    crowd slow(20);
    for (int i = 0; i < 20; ++i) {
        slow.fail(i, i + 1);
        slow.run_for(3s);
        CHECK_FALSE(slow.engine.guard().is_on());
    }
}

TEST_CASE("a guard of no length is never on", "[guard]") {
    health_engine::rules r;
    r.guard.longest = 0ms;
    crowd c(20, r);
    c.fail(0, 20);
    c.run_for(6s);
    CHECK(c.out.size() == 20);
}

TEST_CASE("instances that reported count for the guard as well", "[guard]") {
    course c;
    for (int i = 0; i < 12; ++i) {
        const auto url = "r" + std::to_string(i);
        c.engine.watch(reporting(url, 5s), 1, condition::unproven, c.now, 0);
        c.hear(url);
    }
    c.run_for(5s);
    CHECK(c.engine.guard().is_on());
    CHECK(c.engine.lost() == 12);
    CHECK(c.out.empty());
    for (int i = 0; i < 12; ++i) c.hear("r" + std::to_string(i));
    CHECK(c.engine.review(c.now).empty());
    CHECK_FALSE(c.engine.guard().is_on());
}
