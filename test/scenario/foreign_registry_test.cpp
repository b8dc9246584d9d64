// Our roles with a registry of another make, which appends whatever it is sent and forgets everything at its
// end.
#include <catch2/catch.hpp>

#include "scenario/scenario.hpp"
#include "support/foreign_grading.hpp"
#include "support/foreign_log.hpp"
#include "support/foreign_registry.hpp"

using namespace distd::test;

namespace {

constexpr int heartbeat_ms = 40;  // well within the interval at which our roles expect it, in either world
constexpr int an_hour_ms = 3'600'000;

template <class World>
struct guests {
    guests() {
        registry.start();
        for (const auto* role : {"log", "grading", "portal"})
            start_role(w, role, {registry_at(registry.url())});
        portal = w.address("portal", "portal");
        until_all_are_listed_once("all are registered");
        let_it_probe(9);  // what ties them to the registry is there by then
        w.until("the portal shows students",
                [&] { return w.http("GET", portal + "/students").status == 200; });
    }
    [[nodiscard]] bool all_listed_once() const {
        return registry.times_listed("LogService") == 1 && registry.times_listed("GradingService") == 1 &&
               registry.times_listed("Portald") == 1;
    }
    void until_all_are_listed_once(const std::string& what) {
        try {
            w.until(what, [&] { return all_listed_once(); });
        } catch (const std::exception& e) {
            std::string counts;
            for (const auto* name : {"LogService", "GradingService", "Portald"})
                counts +=
                    std::string(", ") + name + " " + std::to_string(registry.times_listed(name)) + " times";
            throw std::runtime_error(e.what() + counts);
        }
    }
    void let_it_probe(int times) {
        const auto before = registry.probes_passed();
        w.until("its heartbeats are answered", [&] { return registry.probes_passed() >= before + times; });
    }

    foreign_registry registry{heartbeat_ms};
    World w;
    std::string portal;
};

}  // namespace

TEMPLATE_TEST_CASE("our roles register once with a third-party registry and work through it",
                   "[scenario]", in_process_world, process_world) {
    guests<TestType> g;
    g.let_it_probe(60);
    CHECK(g.registry.posts() == 3);
    CHECK(g.all_listed_once());
    g.w.stop("portal");
    CHECK(g.registry.times_listed("Portald") == 0);
}

TEMPLATE_TEST_CASE("a restarted third-party registry gets each role again exactly once",
                   "[scenario]", in_process_world, process_world) {
    guests<TestType> g;
    for (int life = 2; life <= 3; ++life) {
        g.registry.stop();
        g.registry.start();
        g.until_all_are_listed_once("all are registered again");
        g.let_it_probe(60);
        CHECK(g.all_listed_once());
        CHECK(g.registry.posts() == 3 * life);
        g.w.until("the portal shows students",
                  [&] { return g.w.http("GET", g.portal + "/students").status == 200; });
    }
}

TEMPLATE_TEST_CASE("a third-party registry after an outage gets each role again exactly once",
                   "[scenario]", in_process_world, process_world) {
    guests<TestType> g;
    g.registry.stop();
    CHECK(g.w.http("GET", g.portal + "/students").status == 200);
    const auto away_until = std::chrono::steady_clock::now() + std::chrono::milliseconds(700);
    g.w.until("some time has passed", [&] { return std::chrono::steady_clock::now() > away_until; });
    g.registry.start();
    g.until_all_are_listed_once("all are registered again");
    g.let_it_probe(60);
    CHECK(g.all_listed_once());
    CHECK(g.registry.posts() == 6);
}

TEMPLATE_TEST_CASE("a third-party registry that closes idle connections gets no role twice",
                   "[scenario]", in_process_world, process_world) {
    guests<TestType> g;
    for (int round = 0; round < 3; ++round) {
        g.registry.drop_connections();
        g.let_it_probe(60);
        CHECK(g.registry.posts() == 3);
        CHECK(g.all_listed_once());
    }
}

TEMPLATE_TEST_CASE("a role restarted before a third-party registry notices is listed once",
                   "[scenario]", in_process_world, process_world) {
    foreign_registry registry(an_hour_ms);
    registry.start();
    TestType w;
    const auto grading = start_role(w, "grading", {registry_at(registry.url())});
    w.until("it is registered", [&] { return registry.times_listed("GradingService") == 1; });
    for (int life = 2; life <= 4; ++life) {
        crash(w, "grading");
        start_role(w, "grading", {registry_at(registry.url()), listen_at("grading", grading)});
        w.until("its next life is registered", [&] { return registry.posts() == life; });
        CHECK(registry.times_listed("GradingService") == 1);
    }
}

TEMPLATE_TEST_CASE("a third-party registry that restarts right after its answer gets the role again, once",
                   "[scenario]", in_process_world, process_world) {
    foreign_registry registry(an_hour_ms);
    registry.start();
    registry.restart_after_next_registration();
    TestType w;
    start_role(w, "grading", {registry_at(registry.url())});
    w.until("it is registered again",
            [&] { return registry.posts() == 2 && registry.times_listed("GradingService") == 1; });
    const auto portal = start_role(w, "portal", {registry_at(registry.url())});
    w.until("others find it", [&] { return w.http("GET", portal + "/students").status == 200; });
    CHECK(registry.posts() == 3);
    CHECK(registry.times_listed("GradingService") == 1);
}

TEMPLATE_TEST_CASE("the portal works with third-party services only, whose URLs may lack a scheme",
                   "[scenario]", in_process_world, process_world) {
    foreign_registry registry(heartbeat_ms);
    registry.start();
    const bool with_scheme = GENERATE(true, false);
    foreign_log log(with_scheme);
    foreign_grading grading(with_scheme);
    TestType w;
    for (auto* s : {&log.service(), &grading.service()}) {
        s->start();
        enroll(w, *s, registry.url());
    }
    const auto portal = start_role(w, "portal", {registry_at(registry.url())});
    w.until("it shows their students", [&] { return w.http("GET", portal + "/students").status == 200; });
    CHECK(w.http("GET", portal + "/students").body.find("Lovelace, Ada") != std::string::npos);
    w.until("its lines are in their log", [&] { return log.place_of("[Portald] - ", "/students") >= 0; });

    grading.service().stop();
    w.until("it hears that the grading service is lost", [&] {
        return w.http("GET", portal + "/students").body.find("GradingService is missing") !=
               std::string::npos;
    });
    grading.service().start();
    enroll(w, grading.service(), registry.url());
    w.until("it shows their students again",
            [&] { return w.http("GET", portal + "/students").status == 200; });
}
