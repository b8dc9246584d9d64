// When an alert says what: once for each service and loss, and that it is back.
#include <algorithm>

#include "unit/registry/alerts/alerts_scene.hpp"

using namespace distd;
using namespace distd::test;
using namespace std::chrono_literals;
using Catch::Contains;
using texts = std::vector<std::string>;

TEST_CASE("a loss is reported once it has lasted, and its end with how long it was") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(29s);
    CHECK(s.take_sent().empty());
    s.pass(1s);
    CHECK(s.take_sent() == texts{"cart lost: http://a:1: connection refused, 1 of 1"});
    s.pass(10min);
    s.heal("http://a:1");
    s.pass(29s);
    CHECK(s.take_sent().empty());
    s.pass(1s);
    CHECK(s.take_sent() == texts{"cart back: well again after 10m30s, 1 of 1"});
    s.pass(3h);
    CHECK(s.take_sent().empty());
    CHECK(s.stored.empty());  // nothing is kept of what is over
}

TEST_CASE("a loss that ends before it has lasted is not reported") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(29s);
    s.heal("http://a:1");
    s.pass(2h);
    CHECK(s.sent.empty());
}

TEST_CASE("an instance that flaps sends one message in `again`, and one when it has become quiet") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    const auto flap_for = [&](milliseconds span, milliseconds lost, milliseconds well) {
        for (milliseconds passed{0}; passed < span; passed += lost + well) {
            s.lose("http://a:1");
            s.pass(lost);
            s.heal("http://a:1");
            s.pass(well);
        }
    };
    SECTION("faster than `after`") {
        flap_for(59min, 5s, 5s);
        CHECK(s.take_sent().size() == 1);
        flap_for(2h, 5s, 5s);
        CHECK(s.take_sent().size() == 2);
        s.pass(1h);
        CHECK_THAT(s.take_sent().at(0), Contains("cart back"));
    }
    SECTION("slower: what is lost again within it is held back") {
        flap_for(59min, 2min, 2min);
        const auto sent = s.take_sent();
        REQUIRE(sent.size() == 2);
        CHECK_THAT(sent.at(0), Contains("cart lost"));
        CHECK_THAT(sent.at(1), Contains("cart back"));
        s.lose("http://a:1");
        s.pass(1h);
        CHECK(s.take_sent().size() == 1);
    }
}

TEST_CASE("a loss that lasts is reported again after `again`, or never") {
    const bool is_repeated = GENERATE(true, false);
    alerts_scene s(is_repeated ? R"(,"again":"10m")" : R"(,"again":"0s")");
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(35min);
    CHECK(s.sent.size() == (is_repeated ? 4U : 1U));
}

TEST_CASE("a storm of a hundred instances of ten services is ten messages, with their counts") {
    alerts_scene s;
    for (int i = 0; i < 100; ++i) s.add("s" + std::to_string(i % 10), "http://h:" + std::to_string(i + 1));
    for (int i = 0; i < 100; ++i) {
        s.lose("http://h:" + std::to_string(i + 1));
        s.pass(50ms);
    }
    s.pass(1min);
    REQUIRE(s.sent.size() == 10);
    for (const auto& m : s.sent) CHECK_THAT(m, Contains("and 9 more: connection refused, 10 of 10"));
}

TEST_CASE("a storm of a hundred services is one message for each") {
    alerts_scene s;
    for (int i = 0; i < 100; ++i) s.add("s" + std::to_string(i), "http://h:" + std::to_string(i + 1), {"s0"});
    for (int i = 0; i < 100; ++i) s.lose("http://h:" + std::to_string(i + 1));
    s.pass(1min);
    CHECK(s.sent.size() == 100);
    std::ranges::sort(s.sent);
    CHECK(std::ranges::adjacent_find(s.sent) == s.sent.end());
}

TEST_CASE("what an operator drains is silent, before and after it is reported") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.add("cart", "http://a:2");
    SECTION("before it is lost") {
        s.drain("http://a:1");
        s.lose("http://a:1");
    }
    SECTION("while it is lost") {
        s.lose("http://a:1");
        s.drain("http://a:1");
    }
    SECTION("the only ones that others require") {
        s.add("shop", "http://b:1", {"cart"});
        s.drain("http://a:1");
        s.drain("http://a:2");
    }
    s.pass(1h);
    CHECK(s.sent.empty());
    SECTION("the drain ends, and it is lost still") {
        if (s.state->instances().find("http://a:1")->healthy) return;
        s.drain("http://a:1", false);
        s.pass(1min);
        CHECK(s.sent.size() == 1);
    }
}

TEST_CASE("a loss that was reported and is drained, or leaves, ends without a word") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.add("cart", "http://a:2");
    s.lose("http://a:1");
    s.pass(1min);
    REQUIRE(s.take_sent().size() == 1);
    SECTION("drained") { s.drain("http://a:1"); }
    SECTION("deregistered") { s.remove("http://a:1", false); }
    s.pass(30min);
    CHECK(s.sent.empty());
    CHECK(s.stored.empty());
}

TEST_CASE("an instance that is gone is lost until it, or another one in its place, registers") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.add("cart", "http://a:2");
    s.lose("http://a:1");
    s.pass(1min);
    REQUIRE(s.take_sent().size() == 1);
    s.remove("http://a:1", true);
    s.pass(30min);
    CHECK(s.take_sent().empty());
    SECTION("itself") { s.add("cart", "http://a:1"); }
    SECTION("another one") { s.add("cart", "http://a:3"); }
    s.pass(1min);
    CHECK(s.take_sent() == texts{"cart back: well again after 31m, 2 of 2"});
}

TEST_CASE("a service that others require and nobody offers is missing") {
    alerts_scene s;
    s.add("shop", "http://b:1", {"cart"});
    s.pass(1min);
    CHECK(s.take_sent() == texts{"cart missing: nobody offers it, and shop requires it, 0 of 0"});
    s.add("cart", "http://a:1");
    s.pass(1min);
    CHECK_THAT(s.take_sent().at(0), Contains("cart back"));
    s.pass(2h);
    s.lose("http://a:1");  // lost and missing: one message
    s.pass(1min);
    CHECK(s.take_sent().size() == 1);
    s.remove("http://a:1", true);
    s.pass(1min);
    CHECK(s.take_sent().empty());
}

TEST_CASE("what nobody requires any more is not missing, and did not come back") {
    alerts_scene s;
    s.add("shop", "http://b:1", {"cart"});
    s.pass(1min);
    REQUIRE(s.take_sent().size() == 1);
    s.remove("http://b:1", false);
    s.pass(1h);
    CHECK(s.sent.empty());
}

TEST_CASE("while the guard is on it is the one message; what is lost when it ends is reported then") {
    alerts_scene s;
    for (int i = 0; i < 12; ++i) s.add("s" + std::to_string(i), "http://h:" + std::to_string(i + 1));
    for (int i = 0; i < 8; ++i) s.lose("http://h:" + std::to_string(i + 1));
    s.guard(true, "8 of 12 watched instances were lost at once: the fault may be ours");
    for (int i = 0; i < 8; ++i) s.heal("http://h:" + std::to_string(i + 1));  // offered all the same
    s.pass(59s);
    CHECK(s.take_sent() ==
          texts{"registry guard: 8 of 12 watched instances were lost at once: the fault may be ours"});
    SECTION("the losses are real") {
        for (int i = 0; i < 8; ++i) s.lose("http://h:" + std::to_string(i + 1));
        s.guard(false, "its time is over: the losses are real");
        s.pass(1min);
        CHECK(s.sent.size() == 8);
    }
    SECTION("they were not") {
        s.guard(false, std::string(registry::failure_guard::few_are_lost));
        s.pass(1min);
        CHECK(s.sent == texts{"registry back: fewer than a third are lost"});
    }
}

TEST_CASE("an alert says only what it is about") {
    alerts_scene s(R"(,"on":["lost","missing"],"services":["cart*"])");
    s.add("cart", "http://a:1");
    s.add("shop", "http://b:1", {"pay"});
    s.lose("http://a:1");
    s.lose("http://b:1");
    s.guard(true, "many");
    s.guard(false, "few");
    s.pass(1min);
    CHECK(s.take_sent().size() == 1);
    s.heal("http://a:1");
    s.pass(1min);
    CHECK(s.take_sent().empty());
}

TEST_CASE("what was reported is not reported again after a restart, and that it is back still is") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.add("shop", "http://b:1", {"pay"});
    s.lose("http://a:1");
    s.pass(1min);
    REQUIRE(s.take_sent().size() == 2);
    SECTION("lost all the time") { s.restart(); }
    SECTION("gone meanwhile") {
        s.remove("http://a:1", true);
        s.restart();
    }
    s.pass(10min);
    CHECK(s.take_sent().empty());
    s.add("cart", "http://a:1");
    s.add("pay", "http://c:1");
    s.pass(1min);
    auto sent = s.take_sent();
    std::ranges::sort(sent);
    CHECK(sent == texts{"cart back: well again after 11m, 1 of 1", "pay back: well again after 11m, 1 of 1"});
    s.restart();
    s.lose("http://a:1");  // within the hour still
    s.pass(1min);
    CHECK(s.take_sent().empty());
    s.pass(1h);
    CHECK(s.take_sent().size() == 1);
}

TEST_CASE("a loss that had not lasted long enough before a restart has lasted since its beginning") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(20s);
    s.restart();
    s.pass(9s);
    CHECK(s.take_sent().empty());
    s.pass(1s);
    CHECK(s.take_sent().size() == 1);
}

TEST_CASE("what a webhook did not take before a restart is sent after it") {
    alerts_scene s;
    s.takes = false;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(1min);
    CHECK(s.tries > 2);
    s.takes = true;
    s.restart();
    s.look();
    CHECK(s.take_sent().size() == 1);
    s.restart();
    s.pass(10min);
    CHECK(s.take_sent().empty());
}

TEST_CASE("a webhook that is away gets the state of things once it is there again, of each service once") {
    alerts_scene s;
    s.takes = false;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(5min);
    s.heal("http://a:1");
    s.pass(10min);
    s.takes = true;
    s.pass(10min);
    CHECK(s.take_sent() == texts{"cart back: well again after 5m, 1 of 1"});
}

TEST_CASE("an alert that is deleted is silent, and is new when it is made again") {
    alerts_scene s;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(1min);
    REQUIRE(s.take_sent().size() == 1);
    s.all->remove("ops");
    s.look();
    CHECK(s.stored.empty());
    s.heal("http://a:1");
    s.lose("http://a:1");
    s.pass(1h);
    CHECK(s.take_sent().empty());
    s.all->configure("ops", s.rules, s.now);
    s.look();
    CHECK(s.take_sent().size() == 1);
}

TEST_CASE("of a service that an alert is not about any more nothing is said, not even what waited") {
    alerts_scene s;
    s.takes = false;
    s.add("cart", "http://a:1");
    s.lose("http://a:1");
    s.pass(1min);
    CHECK(s.all->pending() == 1);
    s.all->configure("ops", R"({"url":"http://127.0.0.1:9/","services":["shop"]})", s.now);
    s.takes = true;
    s.pass(1h);
    CHECK(s.sent.empty());
    CHECK(s.stored.empty());
}

TEST_CASE("what is shown of an alert has neither its URL's path nor a header's value") {
    alerts_scene s(R"(,"headers":{"Authorization":"Bearer s3cret"})");
    s.rules.insert(s.rules.find(":9/") + 3, "s3cret");
    s.all->configure("ops", s.rules, s.now);
    const auto shown = s.all->as_json(s.now);
    CHECK_THAT(shown, Contains(R"("url":"http://127.0.0.1:9/…")") && !Contains("s3cret"));
}

TEST_CASE("there are at most thirty-two alerts") {
    alerts_scene s;
    for (int i = 0; i < 31; ++i) s.all->configure("a" + std::to_string(i), s.rules, s.now);
    CHECK(s.all->fault_in("ops", s.rules).empty());
    CHECK_THAT(s.all->fault_in("one-more", s.rules), Contains("as many as there may be"));
}
