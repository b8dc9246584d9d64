// The timeline: what happened, in order, with the reasons, for those who ask, wait or listen.
#include <algorithm>
#include <catch2/catch.hpp>

#include "role/registry_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("the timeline has all changes in order with their index, over restarts") {
    watched_registry s;
    CHECK(s.get("/events").body == "[]");
    CHECK(s.index("/events") == s.index("/services"));
    s.post(instance("A", "a"));
    s.post(instance("A", "a"));  // no event
    s.post(instance("A", "a", R"(,"RequiredServices":["B"])"));
    s.post(instance("A2", "a"));
    s.withdraw("a");
    const auto all = s.get("/events");
    CHECK_THAT(all.body, Contains(R"("Type":"registered","Name":"A","URL":"a")"));
    CHECK_THAT(all.body, Contains(R"("Type":"replaced","Name":"A2","URL":"a","Reason":"was A")"));
    CHECK_THAT(all.body, Contains(R"("Type":"deregistered","Name":"A2")"));
    CHECK(std::count(all.body.begin(), all.body.end(), '\n') == 3);
    s.restart();
    CHECK(s.get("/events").body == all.body);
    CHECK(s.index("/events") == all.header("X-Distd-Index"));

    CHECK(std::count(all.body.begin(), all.body.end(), '{') == 4);
    const auto last = s.get("/events?limit=1").body;
    CHECK_THAT(last, Contains("deregistered"));
    CHECK(s.get("/events?after=" + s.index("/events")).body == "[]");
    CHECK_THAT(s.get("/events?after=0&limit=1").body, Contains("registered"));
    CHECK_THAT(s.get("/events?type=replaced&name=A").body, Contains("replaced") && !Contains("A2"));
    CHECK_THAT(s.get("/events?type=eaten").body, Contains("registered, replaced"));
    CHECK(s.get("/events?limit=0").status == 400);
    CHECK(s.get("/events?after=x").status == 400);
}

TEST_CASE("a blocking read of the timeline is answered by matching events only") {
    watched_registry s;
    s.post(instance("A", "a"));
    auto peer = s.connect();
    s.park(peer, "/events?name=A&type=deregistered&wait=10m&index=" + s.index("/events"));
    s.post(instance("B", "b"));
    s.post(instance("A", "a2"));
    CHECK(peer.is_silent());
    s.withdraw("a2");
    CHECK_THAT(peer.read_answer(), Contains(R"("Type":"deregistered","Name":"A","URL":"a2")"));
}

TEST_CASE("an event stream resumes exactly after the last event received") {
    watched_registry s;
    auto peer = s.connect();
    s.stream(peer, "/events");
    s.post(instance("A", "a"));
    s.post(instance("B", "b"));
    const auto heard = s.hear(peer, R"("Name":"B")");
    const auto first = heard.find("id: ");
    REQUIRE(first != std::string::npos);
    const auto id_of_a = heard.substr(first + 4, heard.find('\n', first) - first - 4);
    s.post(instance("C", "c"));
    auto again = s.connect();
    s.stream(again, "/events", "Last-Event-ID: " + id_of_a + "\r\n");
    const auto rest = s.hear(again, R"("Name":"C")");
    CHECK_THAT(rest, Contains(R"("Name":"B")") && !Contains(R"("Name":"A")"));
}

TEST_CASE("an instance that is lost, comes back and vanishes is in the timeline with the reasons") {
    watched_registry s;
    s.post(instance("A", "a", R"(,"HeartbeatURL":"http://127.0.0.1:1/hb")"));
    const auto before = s.index("/services/A");
    s.w.until("it is lost", [&] { return s.index("/services/A") != before; });
    CHECK(std::stoull(s.index("/services/A")) > std::stoull(before));
    CHECK_THAT(s.get("/services/A").body, Contains(R"("Health":"lost")"));
    CHECK_THAT(s.get("/events").body, Contains(R"("Type":"lost","Name":"A","URL":"a",)"
                                               R"("Reason":"nobody answers at that address")"));
    s.post(instance("A", "a", R"(,"HeartbeatURL":"http://127.0.0.1:1/hb")"));
    CHECK_THAT(s.get("/events").body,
               Contains(R"("Type":"back","Name":"A","URL":"a","Reason":"registered again")"));
    s.w.until("it is gone", [&] { return s.get("/services/A").status == 404; });
    CHECK_THAT(s.get("/events?type=gone").body, Contains(R"("Name":"A")"));
}
