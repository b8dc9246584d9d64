// Instances that an operator takes out of rotation, and instances that seem to be gone all at once: what
// those who require them hear of it.
#include <catch2/catch.hpp>

#include "http/message/url.hpp"
#include "scenario/scenario.hpp"

using namespace distd::test;
using mood = foreign_service::mood;

namespace {

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// A registry, two providers and one who requires them.
template <class World>
struct four {
    four() : registry(start_role(w, "registry")) {
        for (auto* s : {&first, &second, &user}) s->start();
        for (auto* s : {&user, &first, &second}) enroll(w, *s, registry);
        soon(w, "the user knows both", [&] { return known() == 2; });
    }
    [[nodiscard]] std::size_t known() const { return user.providers("LogService").size(); }
    [[nodiscard]] bool knows_only(const foreign_service& s) const {
        return user.providers("LogService") == strings{s.url()};
    }
    int drain(const std::string& method) {
        const auto url = registry + "/services/" + distd::http::percent_encode(first.url()) + "/drain";
        return w.http(method, url, method == "PUT" ? R"({"Reason":"disk swap"})" : "").status;
    }
    [[nodiscard]] bool lists_a_drain() {
        return holds(w.http("GET", registry + "/services/LogService").body, R"("DrainReason":"disk swap")");
    }
    void check_promises() const {
        CHECK(user.added_twice() == 0);
        CHECK(user.removed_unheld() == 0);
    }

    World w;
    foreign_service first{{.name = "LogService"}};
    foreign_service second{{.name = "LogService"}};
    foreign_service user{{.name = "User", .required = {"LogService"}}};
    std::string registry;
};

}  // namespace

TEMPLATE_TEST_CASE("a drained instance is Removed, still probed, and Added when its drain ends", "[scenario]",
                   in_process_world, process_world) {
    four<TestType> f;
    CHECK(f.drain("PUT") == 200);
    soon(f.w, "the user knows the other only", [&] { return f.knows_only(f.second); });
    CHECK(f.drain("PUT") == 200);
    const auto probed = f.first.heartbeats();
    f.w.until("it is probed on", [&] { return f.first.heartbeats() >= probed + 2; });
    enroll(f.w, f.first, f.registry);
    CHECK(f.lists_a_drain());
    CHECK(f.knows_only(f.second));
    CHECK(f.drain("DELETE") == 200);
    soon(f.w, "the user knows both", [&] { return f.known() == 2; });
    f.check_promises();
}

TEMPLATE_TEST_CASE("a drain survives a crash of the registry, and so does its end", "[scenario]",
                   in_process_world, process_world) {
    four<TestType> f;
    CHECK(f.drain("PUT") == 200);
    soon(f.w, "the user knows the other only", [&] { return f.knows_only(f.second); });
    crash(f.w, "registry");
    start_role(f.w, "registry", {listen_at("registry", f.registry)});
    CHECK(f.lists_a_drain());
    const auto probed = f.first.heartbeats();
    f.w.until("it is probed again", [&] { return f.first.heartbeats() >= probed + 2; });
    CHECK(f.knows_only(f.second));
    CHECK(f.drain("DELETE") == 200);
    crash(f.w, "registry");
    start_role(f.w, "registry", {listen_at("registry", f.registry)});
    f.w.until("the user knows both", [&] { return f.known() == 2; });
    CHECK_FALSE(f.lists_a_drain());
    CHECK(f.user.added_twice() == 0);
}

TEMPLATE_TEST_CASE("a drained instance that is lost and comes back stays out of rotation", "[scenario]",
                   in_process_world, process_world) {
    four<TestType> f;
    CHECK(f.drain("PUT") == 200);
    soon(f.w, "the user knows the other only", [&] { return f.knows_only(f.second); });
    f.first.heartbeat_is(mood::failing);
    const auto has = [&](const char* health) {
        for (const auto& i : listed(f.w, f.registry, "LogService"))
            if (i.url == f.first.url()) return i.health == health;
        return false;
    };
    f.w.until("it is lost", [&] { return has("lost"); });
    f.first.heartbeat_is(mood::well);
    f.w.until("it is back", [&] { return has("passing"); });
    CHECK(f.knows_only(f.second));
    f.check_promises();
}

TEST_CASE("when most instances fail at once subscribers keep them until the guard ends",
          "[scenario]") {
    in_process_world w;
    const auto registry = start_role(w, "registry", {"--registry-guard-time=30s"});
    foreign_service heart({.name = "Heart"});
    foreign_service user({.name = "User", .required = {"Many"}});
    for (auto* s : {&heart, &user}) s->start();
    enroll(w, user, registry);
    for (int i = 0; i < 12; ++i) {
        const auto body = R"({"ServiceName":"Many","ServiceURL":"http://many)" + std::to_string(i) +
                          R"(","HeartbeatURL":")" + heart.base_url() + "/heartbeat\"}";
        CHECK(w.http("POST", registry + "/services", body).status == 200);
    }
    const auto known = [&] { return user.providers("Many").size(); };
    w.until("all are known and well", [&] {
        return known() == 12 && !holds(w.http("GET", registry + "/services/Many").body, "unproven");
    });
    const auto guarded = [&] { return holds(w.http("GET", registry + "/status").body, R"("active":true)"); };
    const auto lost = [&](int n) {
        return holds(w.http("GET", registry + "/status").body, R"("lost":)" + std::to_string(n) + ",");
    };
    heart.heartbeat_is(mood::failing);
    w.until("the guard is on", guarded);
    w.until("all are lost and all are held", [&] { return lost(12) && known() == 12; });
    heart.heartbeat_is(mood::well);
    w.until("all are well", [&] { return lost(0) && !guarded(); });
    CHECK(known() == 12);

    heart.heartbeat_is(mood::failing);
    w.until("the guard is on again", guarded);
    w.until("its time is over", [&] { return !guarded(); });
    soon(w, "they are lost indeed", [&] { return known() == 0; });
    CHECK(user.added_twice() == 0);
    CHECK(user.removed_unheld() == 0);
}
