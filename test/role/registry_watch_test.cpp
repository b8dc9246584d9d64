// Watching the registry over HTTP: blocking reads, streams that resume, and who is not woken.
#include <algorithm>
#include <catch2/catch.hpp>

#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Matchers::Contains;

std::string instance(const std::string& name, const std::string& url, const std::string& more = {}) {
    return R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + "\"" + more + "}";
}

struct scene {
    scene() { w.start("registry", "registry"); }

    std::string url() const { return w.address("registry", "registry"); }
    http_answer get(const std::string& path) { return w.http("GET", url() + path); }
    void post(const std::string& body) {
        CHECK(w.http("POST", url() + "/services", body).status == 200);
        w.pump();
    }
    void withdraw(const std::string& instance_url) {
        CHECK(w.http("DELETE", url() + "/services", instance_url, "text/plain").status == 200);
        w.pump();
    }
    std::string index(const std::string& path) { return get(path).header("X-Distd-Index"); }
    void restart() {
        w.stop("registry");
        w.start("registry", "registry");
    }
    raw_peer connect() {
        return raw_peer(port_of(url()), [this] { w.pump(); });
    }
    // The reader is parked once this returns.
    void park(raw_peer& peer, const std::string& target, const std::string& headers = {}) {
        peer.send(get_request(target, headers));
        w.pump();
    }
    void stream(raw_peer& peer, const std::string& target, const std::string& headers = {}) {
        park(peer, target, "Accept: text/event-stream\r\n" + headers);
    }
    std::string hear(raw_peer& peer, const std::string& what) {
        std::string heard;
        w.until("the stream says " + what, [&] {
            if (!peer.is_silent()) heard += peer.read_some();
            return heard.find(what) != std::string::npos;
        });
        return heard;
    }

    in_process_world w;
};

}  // namespace

TEST_CASE("an index is never 0, is the name's own, and stands on every answer about it") {
    scene s;
    const auto least = s.index("/services");
    CHECK(std::stoull(least) > 0);
    const auto nobody = s.get("/services/Nobody");
    CHECK(nobody.status == 404);
    CHECK(nobody.header("X-Distd-Index") == least);
    s.post(instance("A", "a"));
    s.post(instance("B", "b"));
    const auto a = s.index("/services/A");
    CHECK(std::stoull(s.index("/services/B")) > std::stoull(a));
    CHECK(s.index("/services") == s.index("/services/B"));
    s.post(instance("A", "a"));  // says what is known
    CHECK(s.index("/services/A") == a);
    CHECK(s.index("/services") == s.index("/services/B"));
}

TEST_CASE(
    "a reader of one name is woken by its changes, not by others and not by a write that changes nothing") {
    scene s;
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

TEST_CASE("a reader whose index is another one is answered at once") {
    scene s;
    s.post(instance("A", "a"));
    for (const char* index : {"0", "1", "999999"})
        CHECK(s.get("/services/A?wait=10m&index=" + std::string(index)).status == 200);
}

TEST_CASE("a reader of an unknown name waits until it is there, and is told 404 when that does not happen") {
    scene s;
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

TEST_CASE("at the end of a wait the answer is the same, with the same index") {
    scene s;
    s.post(instance("A", "a"));
    const auto index = s.index("/services");
    auto peer = s.connect();
    s.park(peer, "/services?wait=1s&index=" + index);
    s.w.time.advance(seconds(2));
    CHECK_THAT(peer.read_answer(), Contains("X-Distd-Index: " + index) && Contains(R"("ServiceURL":"a")"));
}

TEST_CASE("a name that has lost its last instance keeps an index that only grows, over a restart too") {
    scene s;
    const auto least = s.index("/services");
    s.post(instance("A", "a"));
    const auto first = std::stoull(s.index("/services/A"));
    s.withdraw("a");
    const auto departed = s.index("/services/A");
    CHECK(std::stoull(departed) > first);
    const auto all = s.index("/services");
    s.restart();
    CHECK(s.index("/services/A") == departed);
    CHECK(s.index("/services") == all);
    CHECK(s.index("/services/Nobody") == least);
    s.post(instance("A", "a"));
    CHECK(std::stoull(s.index("/services/A")) > std::stoull(departed));
}

TEST_CASE("a stream of a name says its list now and after each change, and goes on after a reconnect") {
    scene s;
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

TEST_CASE("a stream of all services skips what was overtaken, never the last") {
    scene s;
    auto peer = s.connect();
    s.stream(peer, "/services");
    s.hear(peer, "data: []");
    for (int i = 0; i < 20; ++i) s.post(instance("A", "a" + std::to_string(i)));
    const auto heard = s.hear(peer, "a19");
    std::size_t events = 0;
    for (auto at = heard.find("id: "); at != std::string::npos; at = heard.find("id: ", at + 1)) ++events;
    CHECK(events <= 3);
}

TEST_CASE("the graph can be watched") {
    scene s;
    auto peer = s.connect();
    s.park(peer, "/graph?wait=10m&index=" + s.index("/graph"));
    CHECK(peer.is_silent());
    s.post(instance("A", "a", R"(,"RequiredServices":["B"])"));
    CHECK_THAT(peer.read_answer(), Contains(R"("missing":[{"name":"B","required_by":["A"]}])"));
}

TEST_CASE("a list that the reader has is answered with 304 until it changes") {
    scene s;
    s.post(instance("A", "a"));
    for (const std::string path : {"/services", "/services/A", "/graph"}) {
        const auto tag = s.get(path).header("ETag");
        REQUIRE_FALSE(tag.empty());
        const auto again = [&] {
            return exchange(
                "GET", s.url() + path, {}, {}, [&] { s.w.pump(); }, "If-None-Match: " + tag + "\r\n");
        };
        CHECK(again().status == 304);
        s.post(instance("A", "a" + path));
        CHECK(again().status == 200);
    }
}

TEST_CASE("lists are filtered by name, tag, zone, health and whether they are offered") {
    scene s;
    s.post(instance("A", "a1", R"(,"Tags":["x","y"],"Zone":"north")"));
    s.post(instance("A", "a2", R"(,"Tags":["x"])"));
    s.post(instance("B", "b1", R"(,"Tags":["x"],"Zone":"north")"));
    const auto found = [&](const std::string& path) {
        const auto body = s.get(path).body;
        std::string urls;
        for (const char* u : {"a1", "a2", "b1"})
            if (body.find(R"("ServiceURL":")" + std::string(u) + "\"") != std::string::npos)
                urls += std::string(u) + " ";
        return urls;
    };
    CHECK(found("/services?name=A") == "a1 a2 ");
    CHECK(found("/services?tag=x&tag=y") == "a1 ");
    CHECK(found("/services?tag=x&zone=north") == "a1 b1 ");
    CHECK(found("/services/A?zone=north") == "a1 ");
    CHECK(found("/services?health=unchecked") == "a1 a2 b1 ");
    CHECK(found("/services?health=lost").empty());
    CHECK(s.get("/services?name=Nobody").body == "[]");
    CHECK(s.w.http("PUT", s.url() + "/services/a1/drain", R"({"Reason":"disk"})").status == 200);
    CHECK(found("/services?health=drained") == "a1 ");
    CHECK(found("/services/A?offered=1") == "a2 ");
    CHECK_THAT(s.get("/services?health=well").body,
               Contains("passing, lost, unproven, unchecked and drained"));
    CHECK(s.get("/services?offered=perhaps").status == 400);
}

TEST_CASE(
    "a read names the parameter that it does not know, or that stands there twice, and says what it knows") {
    scene s;
    s.post(instance("A", "a", R"(,"Tags":["x","y"])"));
    const auto refused = [&](const std::string& path, const std::string& why) {
        INFO(path);
        const auto a = s.get(path);
        CHECK(a.status == 400);
        CHECK_THAT(a.body, Contains(why));
        CHECK_FALSE(a.header("X-Distd-Registry").empty());
    };
    const std::string filters = "tag, zone, health, offered, index, wait";
    refused("/services?nmae=A", "expected one of name, " + filters + ", found 'nmae'.");
    refused("/services?name=A&limit=5", "found 'limit'");
    refused("/services?Name=A", "found 'Name'");
    refused("/services?=A", "found ''");
    refused("/services?name=A&n%61me=B", "name stands there twice");
    refused("/services/A?name=B", "expected one of " + filters + ", found 'name'.");
    refused("/services/A?stale", "found 'stale'");
    refused("/graph?name=A", "expected one of index, wait, found 'name'.");
    refused("/events?since=5", "expected one of after, limit, name, type, index, wait, found 'since'.");
    refused("/events?limit=1&limit=2", "limit stands there twice");
    refused("/sd/prometheus?tag=x", "expected name, found 'tag'.");
    refused("/status?verbose=1", "expected none, found 'verbose'.");
    CHECK(s.w.http("PUT", s.url() + "/services/a/drain?reason=disk", "").status == 400);
    CHECK(s.w.http("DELETE", s.url() + "/services/a/drain?force", "").status == 400);
    CHECK(s.get("/services?health=drained").body == "[]");
    CHECK_THAT(s.get("/services?&tag=x&tag=y&zone=&").body, Contains(R"("ServiceURL":"a")"));
    auto peer = s.connect();
    s.stream(peer, "/events?types=lost");
    CHECK_THAT(peer.read_answer(), Contains("400") && Contains("found 'types'"));
}

TEST_CASE("a filtered reader of all is woken with its name only") {
    scene s;
    s.post(instance("A", "a1"));
    auto peer = s.connect();
    s.park(peer, "/services?name=A&wait=10m&index=" + s.index("/services?name=A"));
    s.post(instance("B", "b"));
    CHECK(peer.is_silent());
    s.withdraw("a1");
    CHECK_THAT(peer.read_answer(), Contains("\r\n\r\n[]"));
}

TEST_CASE("the timeline tells what happened, in order, with a place to go on from, over restarts") {
    scene s;
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

TEST_CASE("the timeline can be waited for, and only what was asked for answers") {
    scene s;
    s.post(instance("A", "a"));
    auto peer = s.connect();
    s.park(peer, "/events?name=A&type=deregistered&wait=10m&index=" + s.index("/events"));
    s.post(instance("B", "b"));
    s.post(instance("A", "a2"));
    CHECK(peer.is_silent());
    s.withdraw("a2");
    CHECK_THAT(peer.read_answer(), Contains(R"("Type":"deregistered","Name":"A","URL":"a2")"));
}

TEST_CASE("a stream of events resumes exactly after the last one that was heard") {
    scene s;
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
    scene s;
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

TEST_CASE("Prometheus gets every instance that is not drained, with labels to choose by") {
    scene s;
    s.post(instance(
        "Log Service", "https://logs.example",
        R"(,"Tags":["a","b"],"Zone":"north","Version":"1.2","Meta":{"team.name":"y","team-name":"x"})"));
    s.post(instance("Grading", "localhost:6000"));
    s.post(instance("Portal", "http://[::1]:5005/base/"));
    const auto a = s.get("/sd/prometheus");
    CHECK(a.header("Content-Type") == "application/json");
    CHECK(a.header("X-Distd-Registry") == s.get("/status").header("X-Distd-Registry"));
    CHECK_THAT(a.body, Contains(R"({"targets":["logs.example:443"],"labels":{)"
                                R"("__meta_distd_service":"Log Service",)"
                                R"("__meta_distd_instance_url":"https://logs.example",)"
                                R"("__meta_distd_health":"unchecked","__meta_distd_zone":"north",)"
                                R"("__meta_distd_version":"1.2","__meta_distd_tags":",a,b,",)"
                                R"("__meta_distd_meta_team_name":"x","__scheme__":"https"}})"));
    CHECK_THAT(a.body, !Contains("\"y\""));  // a label that is taken is not written twice
    CHECK_THAT(a.body, Contains(R"("targets":["localhost:6000"])"));
    CHECK_THAT(a.body,
               Contains(R"("targets":["[::1]:5005"])") && Contains(R"("__metrics_path__":"/base/metrics")"));
    CHECK_THAT(s.get("/sd/prometheus?name=Grading").body,
               Contains("localhost:6000") && !Contains("logs.example"));
    CHECK(s.w.http("PUT", s.url() + "/services/localhost%3A6000/drain", "{}").status == 200);
    CHECK(s.get("/sd/prometheus?name=Grading").body == "[]");
}
