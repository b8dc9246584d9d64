// The answer to "is anything wrong?".
#include "ops/model/headline.hpp"

#include <catch2/catch.hpp>

#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;

namespace {

std::string line_of(const headline& h) {
    std::string out;
    for (const auto& p : h.parts) {
        out += (out.empty() ? "" : " | ") + p.service + p.text;
        if (p.since) out += " @";
    }
    return out;
}

headline of(const system_overview& t, const std::vector<event>* events = nullptr) {
    return make_headline(t, events, std::nullopt, "last hour", noon);
}

}  // namespace

TEST_CASE("one that is sick is in the headline, with what it has lost below") {
    const auto h = of(overview_of({lost("cart", "http://10.0.0.7:1", "refused", seconds(60)),
                                   listed("cart", "http://10.0.0.6:1"), listed("cart", "http://10.0.0.8:1"),
                                   listed("search", "http://10.0.0.8:2")}));
    CHECK(h.text == "1 of 2 services is sick");
    CHECK(h.tone == "sick");
    CHECK(h.title == "▲ 1 sick · distd");
    CHECK(line_of(h) ==
          "cart has lost one of three instances 1\u00a0min ago | everything else is well | 4 instances on 3 "
          "machines");
}

TEST_CASE("when all are well the page says since when") {
    const std::vector<event> events{
        {1, noon - seconds(90), "lost", "a", "http://10.0.0.6:1", "x", {}, {}, {}, {}},
        {2, noon - seconds(30), "back", "a", "http://10.0.0.6:1", {}, {}, {}, {}, {}}};
    const auto t = overview_of({listed("a", "http://10.0.0.6:1"), listed("b", "http://10.0.0.6:2")});
    const auto h = of(t, &events);
    CHECK(h.text == "All 2 services are well");
    CHECK(h.tone == "well");
    CHECK(line_of(h) == "since @ | 2 instances on 1 machine");
    CHECK(h.parts.front().since == noon - seconds(30));
}

TEST_CASE("a service that is not up is never counted as well") {
    const auto h =
        of(overview_of({listed("a", "http://10.0.0.6:1"), listed("b", "http://10.0.0.6:2", "unproven")}));
    CHECK(h.text == "1 of 2 services is starting");
    CHECK(line_of(h) == "b is starting | everything else is well | 2 instances on 1 machine");
}

TEST_CASE("what is not up is named by what it is, also where that is the only one") {
    CHECK(of(overview_of({listed("a", "http://10.0.0.6:1", "unproven")})).text ==
          "The only service is starting");
    auto drained = listed("a", "http://10.0.0.6:1");
    drained.is_drained = true;
    CHECK(of(overview_of({drained})).text == "The only service is drained");
    CHECK(of(overview_of({drained, listed("b", "http://10.0.0.6:2", "unproven")})).text ==
          "0 of 2 services are well");
    CHECK(of(overview_of({drained, listed("b", "http://10.0.0.6:2")})).text == "1 of 2 services is well");
}

TEST_CASE("without the registry nothing is said to be well") {
    const auto t = overview_of({listed("a", "http://10.0.0.6:1")});
    const auto h = make_headline(t, nullptr, away_note{noon, "connection refused"}, "last hour", noon);
    CHECK(h.text == "The registry is unreachable");
    CHECK(h.tone == "unknown");
    CHECK(line_of(h) == "connection refused | what is shown is of @ | 1 instance on 1 machine");
}

TEST_CASE("many that are sick are counted, a few are named") {
    std::vector<instance> all;
    for (int i = 0; i < 9; ++i)
        all.push_back(lost("s" + std::to_string(i), "http://10.0.0.6:" + std::to_string(i), "x", seconds(1)));
    const auto h = of(overview_of(all));
    CHECK(h.text == "All 9 services are sick");
    CHECK(h.parts.size() == 6);
    CHECK(h.parts[4].text == "5 more are sick");
}
