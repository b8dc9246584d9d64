#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "role/portal/gateway/gateway_balancer.hpp"

using namespace distd;
using namespace distd::portal;

namespace {

constexpr steady_point start{std::chrono::hours(1)};

std::vector<instance_facts> three() {
    return {{"http://a", 1, {}, {}}, {"http://b", 1, {}, {}}, {"http://c", 1, {}, {}}};
}

balancer of(std::vector<instance_facts> facts, std::string zone = {}) {
    balancer b({.own_zone = std::move(zone)});
    b.update(std::move(facts), start);
    return b;
}

std::string chosen_for(balancer& b, const std::string& key) {
    pick_wish wish;
    wish.sticky = key;
    return b.pick(wish, start)->facts.url;
}

std::map<std::string, int> picks(balancer& b, int many, steady_point now, const pick_wish& wish = {}) {
    std::map<std::string, int> counts;
    for (int i = 0; i < many; ++i) ++counts[b.pick(wish, now)->facts.url];
    return counts;
}

balanced_instance& named(balancer& b, const std::string& url) {
    for (const auto& i : b.all())
        if (i->facts.url == url) return *i;
    throw std::runtime_error("no such instance: " + url);
}

bool fail(balancer& b, const std::string& url, try_outcome o, int times, steady_point now = start) {
    bool ejected = false;
    for (int i = 0; i < times; ++i) ejected = b.learn(named(b, url), o, now);
    return ejected;
}

}  // namespace

TEST_CASE("without load the gateway shares by weight, and weight 0 gets nothing") {
    auto b = of({{"http://a", 3, {}, {}}, {"http://b", 1, {}, {}}, {"http://c", 0, {}, {}}});
    const auto counts = picks(b, 8000, start);
    CHECK(counts.count("http://c") == 0);
    CHECK(counts.at("http://a") > 5600);
    CHECK(counts.at("http://a") < 6400);
}

TEST_CASE("no instance outvotes the others: its weight counts for ten times the median of theirs at most") {
    auto b = of({{"http://a", 1, {}, {}}, {"http://b", 65'535, {}, {}}});
    CHECK(named(b, "http://b").facts.weight == 10);
    CHECK(named(b, "http://a").facts.weight == 1);
    b.update({{"http://a", 2, {}, {}},
              {"http://b", 100, {}, {}},
              {"http://c", 3, {}, {}},
              {"http://d", 0, {}, {}}},
             start);
    CHECK(named(b, "http://a").facts.weight == 2);
    CHECK(named(b, "http://b").facts.weight == 20);
    CHECK(named(b, "http://c").facts.weight == 3);
    CHECK(named(b, "http://d").facts.weight == 0);
    b.update({{"http://b", 100, {}, {}}}, start);
    CHECK(named(b, "http://b").facts.weight == 100);
}

TEST_CASE("many registrations of one listener, or of one machine, weigh no more than a single one may") {
    const auto at = [](const std::string& url, double weight, const std::string& place,
                       const std::string& machine) {
        return instance_facts{url, weight, {}, {}, place, machine};
    };
    const auto sum_of = [](const balancer& b, const std::string& start_of_url) {
        double sum = 0;
        for (const auto& i : b.all())
            if (i->facts.url.starts_with(start_of_url)) sum += i->facts.weight;
        return sum;
    };
    std::vector<instance_facts> paths{at("http://honest", 1, "honest 80", "honest")};
    std::vector<instance_facts> ports = paths;
    for (int i = 0; i < 40; ++i) {
        paths.push_back(at("http://evil/" + std::to_string(i), 65'535, "evil 80", "evil"));
        ports.push_back(at("http://evil:" + std::to_string(i), 65'535, "evil " + std::to_string(i), "evil"));
    }
    CHECK(sum_of(of(paths), "http://evil") == Approx(10));
    CHECK(sum_of(of(ports), "http://evil") == Approx(10));
    CHECK(sum_of(of(ports), "http://honest") == Approx(1));
    // Machines that run several instances of ordinary weights are no dominators.
    auto fair =
        of({at("http://a:1", 1, "a 1", "a"), at("http://a:2", 2, "a 2", "a"), at("http://b", 1, "b 1", "b")});
    CHECK(named(fair, "http://a:1").facts.weight == 1);
    CHECK(named(fair, "http://a:2").facts.weight == 2);
}

TEST_CASE(
    "nobody outvotes the others on its machine: a port counts for ten times the smallest there at most") {
    const auto at_port = [](const std::string& port, double weight, const std::string& machine = "here") {
        return instance_facts{
            "http://" + machine + ":" + port, weight, {}, {}, machine + " " + port, machine};
    };
    const bool has_others = GENERATE(false, true);
    const int ports = GENERATE(1, 3, 40);
    std::vector<instance_facts> facts{at_port("honest", 1)};
    if (has_others) facts.push_back(at_port("80", 1, "elsewhere"));
    for (int i = 0; i < ports; ++i) facts.push_back(at_port(std::to_string(i), 65'535));
    auto b = of(facts);
    const auto honest = named(b, "http://here:honest").facts.weight;
    double others = 0;
    for (const auto& i : b.all())
        if (i->facts.place.starts_with("here")) others += i->facts.weight;
    CHECK(honest / others > 0.999 / (10 * ports + 1));
    // Nor does one by a small weight: what honest ones have in common they keep.
    auto low = of({at_port("a", 100), at_port("b", 100), at_port("evil", 1)});
    CHECK(named(low, "http://here:a").facts.weight == Approx(10));
    CHECK(named(low, "http://here:b").facts.weight == Approx(10));
    CHECK(named(low, "http://here:evil").facts.weight == Approx(1));
}

TEST_CASE("an instance that is fifty times slower than two others gets less than a tenth of the traffic") {
    auto b = of(three());
    // 64 clients in a closed loop: b answers after 500 ms, the others after 10.
    std::multimap<int, instance_ptr> under_way;
    std::map<std::string, int> counts;
    const auto begin = [&](int at) {
        auto i = b.pick({}, start);
        ++i->in_flight;
        ++counts[i->facts.url];
        under_way.emplace(at + (i->facts.url == "http://b" ? 500 : 10), i);
    };
    for (int i = 0; i < 64; ++i) begin(0);
    for (int i = 0; i < 20'000; ++i) {
        const auto done = under_way.begin();
        const auto at = done->first;
        --done->second->in_flight;
        under_way.erase(done);
        begin(at);
    }
    CHECK(counts.at("http://b") * 10 < 20'000);
}

TEST_CASE("three connection failures in a row, or five answers of 502 to 504, eject for ten seconds") {
    auto b = of(three());
    const auto [outcome, enough] = GENERATE(
        table<try_outcome, int>({{try_outcome::connection_failed, 3}, {try_outcome::unavailable, 5}}));
    CHECK_FALSE(fail(b, "http://a", outcome, enough - 1));
    b.learn(named(b, "http://a"), try_outcome::good, start);
    CHECK_FALSE(fail(b, "http://a", outcome, enough - 1));
    CHECK(fail(b, "http://a", outcome, 1));
    CHECK(picks(b, 300, start + seconds(9)).count("http://a") == 0);
    CHECK(picks(b, 3000, start + seconds(25)).at("http://a") > 700);
}

TEST_CASE(
    "an instance that fails on its return is out again at once, for longer each time, two minutes at most") {
    auto b = of(three());
    REQUIRE(fail(b, "http://a", try_outcome::connection_failed, 3));
    auto now = start;
    for (const auto span : {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 120}) {
        CHECK(named(b, "http://a").is_ejected(now + seconds(span) - milliseconds(1)));
        now += seconds(span);
        CHECK_FALSE(named(b, "http://a").is_ejected(now));
        REQUIRE(fail(b, "http://a", try_outcome::connection_failed, 1, now));
    }
}

TEST_CASE("an instance that has been back for longer than its slow start is not on trial any more") {
    auto b = of(three());
    REQUIRE(fail(b, "http://a", try_outcome::connection_failed, 3));
    const auto later = start + balancing::ejection_step + balancing::slow_start;
    CHECK_FALSE(fail(b, "http://a", try_outcome::connection_failed, 2, later));
    CHECK(fail(b, "http://a", try_outcome::connection_failed, 1, later));
}

TEST_CASE("an instance that returns begins with a tenth of its share") {
    auto b = of(three());
    REQUIRE(fail(b, "http://a", try_outcome::connection_failed, 3));
    CHECK(effective_weight(named(b, "http://a"), start + seconds(10)) == Approx(0.1));
    CHECK(effective_weight(named(b, "http://a"), start + seconds(15)) == Approx(0.5));
    CHECK(effective_weight(named(b, "http://a"), start + seconds(20)) == Approx(1.0));
}

TEST_CASE("never more than half of the instances are ejected, and a single one never") {
    auto alone = of({{"http://a", 1, {}, {}}});
    CHECK_FALSE(fail(alone, "http://a", try_outcome::connection_failed, 100));
    auto b = of(three());
    CHECK(fail(b, "http://a", try_outcome::connection_failed, 3));
    CHECK_FALSE(fail(b, "http://b", try_outcome::connection_failed, 100));
    CHECK(picks(b, 100, start).size() == 2);
}

TEST_CASE("when all that could be tried are ejected, they are tried anyway") {
    auto b = of({{"http://a", 1, {}, {}}, {"http://b", 0, {}, {}}});
    REQUIRE(fail(b, "http://a", try_outcome::connection_failed, 3));
    CHECK(b.pick({}, start)->facts.url == "http://a");
    CHECK(b.panics() == 1);
}

TEST_CASE("a further try goes to another instance, and to none when all were tried") {
    auto b = of(three());
    std::vector<instance_ptr> tried;
    std::set<std::string> seen;
    pick_wish wish;
    wish.tried = &tried;
    for (int i = 0; i < 3; ++i) {
        tried.push_back(b.pick(wish, start));
        seen.insert(tried.back()->facts.url);
    }
    CHECK(seen.size() == 3);
    CHECK_FALSE(b.pick(wish, start));
}

TEST_CASE("the own zone comes first, while half of it can be used") {
    auto b = of({{"http://a", 1, "x", {}},
                 {"http://b", 1, "x", {}},
                 {"http://c", 1, "x", {}},
                 {"http://d", 1, "y", {}},
                 {"http://e", 1, "y", {}},
                 {"http://f", 1, "y", {}}},
                "x");
    CHECK(picks(b, 500, start).size() == 3);
    fail(b, "http://a", try_outcome::connection_failed, 3);
    CHECK(picks(b, 500, start).size() == 2);
    fail(b, "http://b", try_outcome::connection_failed, 3);
    CHECK(picks(b, 500, start).size() == 4);
}

TEST_CASE("no instance takes the traffic of the others by the zone that it writes") {
    const auto in_zone = [](const std::string& url, const std::string& zone, const std::string& machine) {
        return instance_facts{url, 1, zone, {}, url, machine};
    };
    const auto sees_honest = [](balancer b) { return picks(b, 500, start).count("http://honest") == 1; };
    const auto honest = in_zone("http://honest", "", "A");
    CHECK(sees_honest(of({honest, in_zone("http://thief", "x", "B")}, "x")));
    CHECK(sees_honest(of({honest, in_zone("http://thief", "x", "A"), in_zone("http://t2", "x", "A")}, "x")));
    CHECK(sees_honest(of({honest, in_zone("http://near", "x", "C"), in_zone("http://far", "y", "D"),
                          in_zone("http://thief", "x", "A")},
                         "x")));
    CHECK_FALSE(
        sees_honest(of({honest, in_zone("http://near", "x", "B"), in_zone("http://near2", "x", "C")}, "x")));
    balancer vouched({.own_zone = "x", .is_zone_vouched_for = true});
    vouched.update({honest, in_zone("http://near", "x", "B"), in_zone("http://far", "y", "C")}, start);
    CHECK(picks(vouched, 100, start) == std::map<std::string, int>{{"http://near", 100}});
}

TEST_CASE("nobody can search for a URL that is given a certain key, and keys stay over restarts") {
    balancer ours({.secret = "of this portal"});
    balancer guessed({.secret = "of another"});
    ours.update(three(), start);
    int stolen = 0;
    for (int n = 0; n < 200; ++n) {
        const auto key = "user-" + std::to_string(n);
        auto facts = three();
        facts.push_back({});
        for (int path = 0; facts.back().url.empty() || chosen_for(guessed, key) != facts.back().url; ++path) {
            facts.back().url = "http://thief/" + std::to_string(path);
            guessed.update(facts, start);
        }
        ours.update(facts, start);
        const auto now_at = chosen_for(ours, key);
        stolen += now_at.starts_with("http://thief") ? 1 : 0;
        balancer restarted({.secret = "of this portal"});
        restarted.update(facts, start);
        CHECK(chosen_for(restarted, key) == now_at);
    }
    CHECK(stolen < 90);  // chance has fifty
}

TEST_CASE("a key stays at its instance, and only the keys of one that goes move") {
    auto b = of(three());
    std::map<std::string, std::string> before;
    for (int i = 0; i < 300; ++i) {
        const auto key = "user-" + std::to_string(i);
        pick_wish wish;
        wish.sticky = key;
        before[key] = b.pick(wish, start)->facts.url;
        CHECK(b.pick(wish, start)->facts.url == before[key]);
    }
    b.update({{"http://a", 1, {}, {}}, {"http://c", 1, {}, {}}}, start);
    for (const auto& [key, url] : before) {
        pick_wish wish;
        wish.sticky = key;
        const auto now_at = b.pick(wish, start)->facts.url;
        if (url != "http://b") CHECK(now_at == url);
    }
}

TEST_CASE("a canary gets its share, and versions that nobody runs get nothing") {
    auto b = of({{"http://a", 1, {}, "1"}, {"http://b", 1, {}, "1"}, {"http://c", 1, {}, "2"}});
    const std::map<std::string, int> shares{{"1", 90}, {"2", 10}, {"3", 900}};
    pick_wish wish;
    wish.versions = &shares;
    const auto counts = picks(b, 10'000, start, wish);
    CHECK(counts.at("http://c") > 800);
    CHECK(counts.at("http://c") < 1200);
}

TEST_CASE("requests that belong together see one version of a canary, which has its share of them") {
    auto b = of({{"http://a", 1, {}, "1"}, {"http://b", 1, {}, "1"}, {"http://c", 1, {}, "2"}});
    const std::map<std::string, int> shares{{"1", 90}, {"2", 10}};
    int canaries = 0;
    for (int user = 0; user < 2000; ++user) {
        const auto key = "user-" + std::to_string(user);
        pick_wish wish;
        wish.versions = &shares;
        wish.sticky = key;
        const auto counts = picks(b, 5, start, wish);
        CHECK(counts.size() == 1);
        canaries += counts.contains("http://c") ? 1 : 0;
    }
    CHECK(canaries > 140);
    CHECK(canaries < 260);
}

TEST_CASE("what is known of an instance stays when the list changes around it, and newcomers start slowly") {
    auto b = of(three());
    named(b, "http://a").in_flight = 7;
    CHECK(b.update({{"http://a", 2, {}, {}}, {"http://new", 1, {}, {}}}, start));
    CHECK(named(b, "http://a").in_flight == 7);
    CHECK(effective_weight(named(b, "http://new"), start) == Approx(0.1));
    CHECK_FALSE(b.update({{"http://a", 2, {}, {}}, {"http://new", 1, {}, {}}}, start));
}

TEST_CASE("tries again are a fifth of the requests of ten seconds, and ten") {
    retry_budget budget;
    for (int i = 0; i < 100; ++i) budget.count_request(start);
    int granted = 0;
    while (granted < 1000 && budget.take_retry(start + seconds(3))) ++granted;
    CHECK(granted == 30);
    CHECK_FALSE(budget.take_retry(start + seconds(9)));
    CHECK(budget.take_retry(start + seconds(14)));
}
