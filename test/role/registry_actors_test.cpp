// Who changed what: the timeline says it of instances and of the configuration.
#include "http/message/url.hpp"
#include "role/registry_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

struct scene : watched_registry {
    http_answer call(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& headers = {}) {
        auto a = exchange(
            method, url() + path, body, "application/json", [this] { w.pump(); }, headers);
        w.pump();
        return a;
    }
    http_answer call_because(const std::string& reason, const std::string& method, const std::string& path,
                             const std::string& body = {}) {
        return call(method, path, body, "X-Distd-Reason: " + reason + "\r\n");
    }
    http_answer call_as(const std::string& who, const std::string& method, const std::string& path,
                        const std::string& body = {}) {
        return call(method, path, body, "X-Distd-Actor: " + who + "\r\n");
    }
    // Of the configuration: stored a moment after its change was answered.
    void until_last_event(const std::string& words) {
        w.until("an event says " + words, [&] { return last_event().find(words) != std::string::npos; });
    }
    std::string last_event() { return get("/events?limit=1").body; }
};

const std::string a = "http://a:1/x";
const std::string path_of_a = "/services/" + http::percent_encode(a);

}  // namespace

TEST_CASE("events name who asked for the change, over restarts") {
    scene s;
    s.post(instance("A", a));
    CHECK_THAT(s.last_event(), Contains(R"("Type":"registered")") && Contains(R"("Actor":"127.0.0.1")"));
    CHECK(s.call_as("Ada", "PUT", path_of_a + "/drain", R"({"Reason":"disk swap"})").status == 200);
    CHECK_THAT(s.last_event(),
               Contains(R"("Type":"drained")") && Contains(R"("Reason":"disk swap","Actor":"Ada")"));
    CHECK(s.call_as("Bob", "DELETE", path_of_a + "/drain", R"({"Reason":"new disk"})").status == 200);
    CHECK_THAT(s.last_event(),
               Contains(R"("Type":"undrained")") && Contains(R"("Reason":"new disk","Actor":"Bob")"));
    const auto all = s.get("/events").body;
    s.restart();
    CHECK(s.get("/events").body == all);
    CHECK(s.call_as(std::string(257, 'x'), "PUT", path_of_a + "/drain").status == 400);
}

TEST_CASE("drains take a URL that is not escaped in their body") {
    scene s;
    s.post(instance("A", a));
    CHECK(s.call("PUT", "/drain", R"({"ServiceURL":")" + a + R"(","Reason":"disk"})").status == 200);
    CHECK_THAT(s.get("/services").body, Contains(R"("DrainReason":"disk")"));
    CHECK(s.call("DELETE", "/drain", R"({"ServiceURL":")" + a + R"("})").status == 200);
    CHECK_THAT(s.get("/services").body, !Contains("Drained"));
    CHECK_THAT(s.call("PUT", "/drain", R"({"Reason":"disk"})").body, Contains("ServiceURL: it is missing"));
    CHECK(s.call("PUT", "/drain").status == 400);
    CHECK(s.call("PUT", "/drain", R"({"ServiceURL":"b"})").status == 404);
}

TEST_CASE("an instance is forgotten on request, durably, and can register again") {
    scene s;
    s.post(instance("B", "b", R"(,"RequiredServices":["A"])"));
    s.post(instance("A", a));
    CHECK(s.call_as("Ada", "DELETE", path_of_a, R"({"Reason":"moved away"})").status == 200);
    CHECK_THAT(s.last_event(), Contains(R"("Type":"forgotten","Name":"A")") &&
                                   Contains(R"("Reason":"moved away","Actor":"Ada")"));
    CHECK(s.get("/services/A").status == 404);
    CHECK(s.call("DELETE", path_of_a).status == 404);
    s.restart();
    CHECK(s.get("/services/A").status == 404);
    s.post(instance("A", a));
    CHECK(s.get("/services/A").status == 200);
    CHECK(s.get("/events?type=forgotten").body.find("moved away") != std::string::npos);
}

TEST_CASE("changes of the configuration are in the same timeline, and wake no reader of lists") {
    scene s;
    s.post(instance("A", a));
    auto reader = s.connect();
    s.park(reader, "/services?wait=10m&index=" + s.index("/services"));
    auto watcher = s.connect();
    s.park(watcher, "/events?wait=10m&index=" + s.index("/events"));
    CHECK(s.call_as("Ada", "PUT", "/config/cart/limits", "7").status == 201);
    CHECK_THAT(watcher.read_answer(),
               Contains(R"("Type":"config_put","Key":"cart/limits","Version":1,"Reason":"","Actor":"Ada"})"));
    CHECK(reader.is_silent());
    CHECK(s.call_as("Ada", "PUT", "/config/cart/limits", "7").status == 200);  // no event
    CHECK(s.call("PUT", "/config/cart/limits", "8").status == 200);
    s.until_last_event(R"("Version":2,"Was":1,"Reason":"","Actor":"127.0.0.1")");
    CHECK(s.call("POST", "/config/cart/limits?restore=1").status == 200);
    s.until_last_event(
        R"("Type":"config_restored","Key":"cart/limits","Version":3,"Was":2,"Reason":"version 1")");
    CHECK(s.call("DELETE", "/config/cart/limits").status == 204);
    s.until_last_event(R"("Type":"config_deleted","Key":"cart/limits","Version":4,"Was":3)");
    CHECK(s.call("PUT", "/config/cart/limits", "9").status == 201);
    s.until_last_event(R"("Version":5,"Reason")");
    CHECK(s.get("/events?name=cart/limits").body == "[]");
    const auto all = s.get("/events").body;
    s.restart();
    CHECK(s.get("/events").body == all);
}

TEST_CASE("events tell the reason of a change of the configuration, over restarts") {
    scene s;
    CHECK(s.call_because("more carts", "PUT", "/config/cart/limits", "7").status == 201);
    s.until_last_event(
        R"("Type":"config_put","Key":"cart/limits","Version":1,"Reason":"more carts","Actor")");
    CHECK(s.call_because("unused", "DELETE", "/config/cart/limits").status == 204);
    s.until_last_event(R"("Version":2,"Was":1,"Reason":"unused","Actor")");
    CHECK(s.call_because("used after all", "POST", "/config/cart/limits?restore=1").status == 201);
    s.until_last_event(
        R"("Type":"config_restored","Key":"cart/limits","Version":3,"Reason":"version 1: used after all")");
    const auto all = s.get("/events").body;
    s.restart();
    CHECK(s.get("/events").body == all);
}
