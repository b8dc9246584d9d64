// Watching the registry over HTTP: indexes, blocking reads, streams that resume, and who is not woken.
#include <catch2/catch.hpp>
#include <string>

#include "role/registry_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE("every answer about a name has that name's index, which is never 0") {
    watched_registry s;
    const auto min = s.index("/services");
    CHECK(std::stoull(min) > 0);
    const auto nobody = s.get("/services/Nobody");
    CHECK(nobody.status == 404);
    CHECK(nobody.header("X-Distd-Index") == min);
    s.post(instance("A", "a"));
    s.post(instance("B", "b"));
    const auto a = s.index("/services/A");
    CHECK(std::stoull(s.index("/services/B")) > std::stoull(a));
    CHECK(s.index("/services") == s.index("/services/B"));
    s.post(instance("A", "a"));  // says what is known
    CHECK(s.index("/services/A") == a);
    CHECK(s.index("/services") == s.index("/services/B"));
}

TEST_CASE("a name without instances keeps an index that only grows, over restarts too") {
    watched_registry s;
    const auto min = s.index("/services");
    s.post(instance("A", "a"));
    const auto first = std::stoull(s.index("/services/A"));
    s.withdraw("a");
    const auto departed = s.index("/services/A");
    CHECK(std::stoull(departed) > first);
    const auto all = s.index("/services");
    s.restart();
    CHECK(s.index("/services/A") == departed);
    CHECK(s.index("/services") == all);
    CHECK(s.index("/services/Nobody") == min);
    s.post(instance("A", "a"));
    CHECK(std::stoull(s.index("/services/A")) > std::stoull(departed));
}

TEST_CASE(
    "a reader of one name is woken by its changes, not by others and not by a write that changes nothing") {
    watched_registry s;
    s.post(instance("A", "a1"));
    const auto index = s.index("/services/A");
    auto peer = s.connect();
    s.park(peer, "/services/A?index=" + index + "&wait=10m");
    CHECK(peer.is_silent());
    s.post(instance("B", "b"));
    s.post(instance("A", "a1"));
    s.withdraw("b");
    s.w.pump();
    CHECK(peer.is_silent());
    s.post(instance("A", "a2"));
    const auto answer = peer.read_answer();
    CHECK_THAT(answer, Contains("200 OK") && Contains(R"("ServiceURL":"a2")"));
    CHECK_THAT(answer, Contains("X-Distd-Index: " + s.index("/services/A")));
    CHECK_THAT(answer, Contains("X-Distd-Registry: "));
}

TEST_CASE("a blocking read with another index is answered at once") {
    watched_registry s;
    s.post(instance("A", "a"));
    for (const char* index : {"0", "1", "999999"})
        CHECK(s.get("/services/A?wait=10m&index=" + std::string(index)).status == 200);
}

TEST_CASE("a blocking read of an unknown name waits for it, or ends with 404") {
    watched_registry s;
    const auto index = s.index("/services/A");
    auto peer = s.connect();
    s.park(peer, "/services/A?wait=10m&index=" + index);
    CHECK(peer.is_silent());
    s.post(instance("A", "a"));
    CHECK_THAT(peer.read_answer(), Contains("200 OK") && Contains(R"("ServiceURL":"a")"));

    auto other = s.connect();
    const auto never = s.index("/services/Never");
    s.park(other, "/services/Never?wait=1s&index=" + never);
    CHECK(other.is_silent());
    s.w.time.advance(seconds(2));
    CHECK_THAT(other.read_answer(), Contains("404 Not Found") && Contains("X-Distd-Index: " + never));
}

TEST_CASE("a blocking read that times out repeats the state and the index") {
    watched_registry s;
    s.post(instance("A", "a"));
    const auto index = s.index("/services");
    auto peer = s.connect();
    s.park(peer, "/services?wait=1s&index=" + index);
    s.w.time.advance(seconds(2));
    CHECK_THAT(peer.read_answer(), Contains("X-Distd-Index: " + index) && Contains(R"("ServiceURL":"a")"));
}

TEST_CASE("a blocking read of /services?name= is woken by that name only") {
    watched_registry s;
    s.post(instance("A", "a1"));
    auto peer = s.connect();
    s.park(peer, "/services?name=A&wait=10m&index=" + s.index("/services?name=A"));
    s.post(instance("B", "b"));
    CHECK(peer.is_silent());
    s.withdraw("a1");
    CHECK_THAT(peer.read_answer(), Contains("\r\n\r\n[]"));
}

TEST_CASE("the graph can be watched") {
    watched_registry s;
    auto peer = s.connect();
    s.park(peer, "/graph?wait=10m&index=" + s.index("/graph"));
    CHECK(peer.is_silent());
    s.post(instance("A", "a", R"(,"RequiredServices":["B"])"));
    CHECK_THAT(peer.read_answer(), Contains(R"("missing":[{"name":"B","required_by":["A"]}])"));
}

TEST_CASE("a stream of a name sends its list at once and after each change, and resumes") {
    watched_registry s;
    auto nobody = s.connect();
    s.stream(nobody, "/services/A");
    s.hear(nobody, "data: []\n");
    s.post(instance("A", "a1"));
    s.hear(nobody, R"("ServiceURL":"a1")");
    const auto index = s.index("/services/A");
    auto again = s.connect();
    s.stream(again, "/services/A", "Last-Event-ID: " + index + "\r\n");
    s.post(instance("B", "b"));
    s.post(instance("A", "a2"));
    const auto heard = s.hear(again, "a2");
    CHECK_THAT(heard, Contains("id: " + s.index("/services/A") + "\n"));
    CHECK(heard.find("id: " + index + "\n") == std::string::npos);  // what it has is not said again
}

TEST_CASE("a stream of all services may skip intermediate states, never the latest") {
    watched_registry s;
    auto peer = s.connect();
    s.stream(peer, "/services");
    s.hear(peer, "data: []");
    for (int i = 0; i < 20; ++i) s.post(instance("A", "a" + std::to_string(i)));
    const auto heard = s.hear(peer, "a19");
    std::size_t events = 0;
    for (auto at = heard.find("id: "); at != std::string::npos; at = heard.find("id: ", at + 1)) ++events;
    CHECK(events <= 3);
}
