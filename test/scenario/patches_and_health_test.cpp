// Who is told of whom: those who require it, once, when it joins, leaves, is lost and comes back.
#include <catch2/catch.hpp>

#include "scenario/scenario.hpp"

using namespace distd::test;
using mood = foreign_service::mood;

namespace {

// A registry, a provider and one who requires it.
template <class World>
struct three {
    explicit three(const strings& flags = {}) : registry(start_role(w, "registry", flags)) {
        for (auto* s : {&provider, &user}) s->start();
        enroll(w, user, registry);
        enroll(w, provider, registry);
        soon(w, "the user knows the provider", [&] { return knows(); });
    }
    [[nodiscard]] bool knows() const { return user.providers("LogService") == strings{provider.url()}; }
    [[nodiscard]] bool knows_nobody() const { return user.providers("LogService").empty(); }
    void check_promises() const {
        CHECK(user.added_twice() == 0);
        CHECK(user.removed_unheld() == 0);
    }

    World w;
    foreign_service provider{{.name = "LogService", .update_path = ""}};
    foreign_service user{{.name = "User", .required = {"LogService"}}};
    std::string registry;
};

}  // namespace

TEMPLATE_TEST_CASE("Added is sent only to services that require the name", "[scenario]",
                   in_process_world, process_world) {
    three<TestType> t;
    foreign_service stranger({.name = "Stranger", .required = {"Other"}});
    foreign_service second({.name = "LogService"});
    foreign_service other({.name = "Other"});
    for (auto* s : {&stranger, &second, &other}) s->start();
    enroll(t.w, stranger, t.registry);
    enroll(t.w, second, t.registry);
    enroll(t.w, other, t.registry);
    soon(t.w, "both know theirs", [&] {
        return t.user.providers("LogService").size() == 2 && stranger.providers("Other").size() == 1;
    });
    CHECK(stranger.providers("LogService").empty());
    CHECK(t.user.providers("Other").empty());
    CHECK(t.provider.patches().empty());  // it named no update URL
    t.check_promises();
}

TEMPLATE_TEST_CASE("an instance whose heartbeat fails is Removed, and Added again when it recovers",
                   "[scenario]", in_process_world, process_world) {
    three<TestType> t;
    for (int round = 0; round < 2; ++round) {
        t.provider.heartbeat_is(mood::failing);
        t.w.until("it is lost", [&] { return t.knows_nobody(); });
        CHECK(listed(t.w, t.registry, "LogService").at(0).health == "lost");
        t.provider.heartbeat_is(mood::well);
        t.w.until("it is back", [&] { return t.knows(); });
    }
    t.check_promises();
}

TEMPLATE_TEST_CASE("an instance whose connections are refused is Removed, and Added when it listens again",
                   "[scenario]", in_process_world, process_world) {
    three<TestType> t;
    t.provider.stop();
    t.w.until("it is lost", [&] { return t.knows_nobody(); });
    t.provider.start();
    t.w.until("it is back", [&] { return t.knows(); });
    t.check_promises();
}

TEMPLATE_TEST_CASE("a hanging heartbeat affects only its own instance", "[scenario]",
                   in_process_world, process_world) {
    three<TestType> t;
    foreign_service healthy({.name = "LogService"});
    foreign_service watcher({.name = "Watcher", .required = {"LogService"}});
    for (auto* s : {&healthy, &watcher}) s->start();
    enroll(t.w, healthy, t.registry);
    enroll(t.w, watcher, t.registry);
    t.provider.heartbeat_is(mood::hanging);
    const auto hung = t.provider.heartbeats();
    t.w.until("its probe hangs", [&] { return t.provider.heartbeats() > hung; });
    const auto before = healthy.heartbeats();
    const auto hung_by_now = t.provider.heartbeats();
    t.w.until("the other is probed meanwhile", [&] { return healthy.heartbeats() >= before + 2; });
    CHECK(t.provider.heartbeats() == hung_by_now);
    t.w.until("only the hanging one is lost",
              [&] { return watcher.providers("LogService") == strings{healthy.url()}; });
    t.provider.heartbeat_is(mood::well);
    t.w.until("it is back", [&] { return watcher.providers("LogService").size() == 2; });
    CHECK(watcher.added_twice() == 0);
    CHECK(watcher.removed_unheld() == 0);
}

TEMPLATE_TEST_CASE("an instance that stays lost is delisted, and Added when it registers again",
                   "[scenario]", in_process_world, process_world) {
    three<TestType> t({"--registry-deregister-after=1s"});
    t.provider.stop();
    t.w.until("it has vanished", [&] { return listed(t.w, t.registry, "LogService").empty(); });
    soon(t.w, "the user knows", [&] { return t.knows_nobody(); });
    t.provider.start();
    enroll(t.w, t.provider, t.registry);
    soon(t.w, "it is known again", [&] { return t.knows(); });
    t.check_promises();
}

TEMPLATE_TEST_CASE("an instance without a heartbeat URL is not probed and stays", "[scenario]",
                   in_process_world, process_world) {
    three<TestType> t;
    foreign_service quiet({.name = "LogService", .heartbeat_path = ""});
    quiet.start();
    enroll(t.w, quiet, t.registry);
    quiet.stop();
    t.provider.heartbeat_is(mood::failing);
    t.w.until("the other is lost", [&] { return t.user.providers("LogService") == strings{quiet.url()}; });
    CHECK(quiet.heartbeats() == 0);
    CHECK(listed(t.w, t.registry, "LogService").size() == 2);
}

TEMPLATE_TEST_CASE(
    "a subscriber that hangs delays neither registrations nor other subscribers, and catches up",
    "[scenario]", in_process_world, process_world) {
    three<TestType> t;
    foreign_service stuck({.name = "Stuck", .required = {"LogService"}});
    foreign_service second({.name = "LogService"});
    foreign_service third({.name = "LogService"});
    for (auto* s : {&stuck, &second, &third}) s->start();
    enroll(t.w, stuck, t.registry);
    stuck.update_is(mood::hanging);
    enroll(t.w, second, t.registry);
    soon(t.w, "its patch hangs", [&] { return stuck.unanswered_patches() > 0; });
    enroll(t.w, third, t.registry);
    soon(t.w, "the other knows all three", [&] { return t.user.providers("LogService").size() == 3; });
    CHECK(stuck.providers("LogService").size() == 1);
    second.leave(t.registry);
    soon(t.w, "one has left", [&] { return second.idle(); });
    stuck.update_is(mood::well);
    t.w.until("it has caught up", [&] {
        const auto held = stuck.providers("LogService");
        return held.size() == 2 && std::ranges::find(held, second.url()) == held.end();
    });
    CHECK(stuck.added_twice() == 0);
    t.check_promises();
}

TEMPLATE_TEST_CASE("a subscriber whose answer to a patch is lost ends up without duplicates",
                   "[scenario]", in_process_world, process_world) {
    three<TestType> t;
    foreign_service second({.name = "LogService"});
    second.start();
    t.user.update_is(mood::deaf);
    enroll(t.w, second, t.registry);
    soon(t.w, "it has taken the patch", [&] { return t.user.unanswered_patches() > 0; });
    CHECK(t.user.providers("LogService").size() == 2);
    t.user.update_is(mood::well);
    const auto taken = t.user.patches().size();
    // Taken back where it may be held, and given again: two patches more.
    t.w.until("it has been told again", [&] { return t.user.patches().size() >= taken + 2; });
    CHECK(t.user.providers("LogService").size() == 2);
    CHECK(t.user.added_twice() == 0);
}

TEMPLATE_TEST_CASE("a lost subscriber gets the missed changes once it is back", "[scenario]",
                   in_process_world, process_world) {
    three<TestType> t;
    foreign_service second({.name = "LogService"});
    second.start();
    t.user.stop();
    enroll(t.w, second, t.registry);
    t.provider.leave(t.registry);
    soon(t.w, "the first has left", [&] { return t.provider.idle(); });
    t.user.start();
    t.w.until("it has caught up", [&] { return t.user.providers("LogService") == strings{second.url()}; });
    CHECK(t.user.added_twice() == 0);
}
