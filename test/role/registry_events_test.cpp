// The timeline as a reader sees it who was away: where a stream goes on, and what a lost registry costs.
#include <catch2/catch.hpp>

#include "role/asked_at_once.hpp"
#include "role/large_answers.hpp"
#include "role/registry/registry_store.hpp"
#include "support/raw_peer.hpp"
#include "support/world.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Matchers::Contains;

struct scene {
    explicit scene(std::vector<std::string> f = {}) : flags(std::move(f)) { start(); }

    void start() { w.start("registry", "registry", flags); }
    // By default as many events as make a registry that starts with them forget the first ones.
    void fill_timeline(std::size_t count = registry::timeline::max_events) {
        w.stop("registry");
        registry::registry_store store(w.data_dir("registry") + "/registry/registry.db");
        std::vector<registry::change> changes;
        auto revision = store.load().revision;
        for (std::size_t n = 0; n < count; ++n)
            changes.emplace_back(registry::guard_change{n % 2 == 0, "made up", ++revision});
        std::vector<const registry::change*> batch;
        for (const auto& c : changes) batch.push_back(&c);
        store.apply(batch);
        start();
    }
    std::string url() const { return w.address("registry", "registry"); }
    http_answer events(const std::string& query) { return w.http("GET", url() + "/events" + query); }
    void enroll(const std::string& name) {
        const auto body = R"({"ServiceName":")" + name + R"(","ServiceURL":")" + name + R"(:1"})";
        CHECK(w.http("POST", url() + "/services", body).status == 200);
        w.pump();
    }
    // Large answers that were made.
    double made() {
        const auto text = w.http("GET", url() + "/metrics").body;
        const std::string name = "\ndistd_large_answers_total ";
        const auto found = text.find(name);
        REQUIRE(found != text.npos);
        return std::stod(text.substr(found + name.size()));
    }
    std::string index() { return events("").header("X-Distd-Index"); }
    // What a stream says up to `last`.
    std::string heard(const std::string& query, const std::string& headers, const std::string& last) {
        raw_peer peer(port_of(url()), [this] { w.pump(); });
        peer.send(get_request("/events" + query, "Accept: text/event-stream\r\n" + headers));
        std::string text;
        w.until("the stream says " + last, [&] {
            if (!peer.is_silent()) text += peer.read_some();
            return text.find(last) != std::string::npos;
        });
        return text;
    }

    std::vector<std::string> flags;
    in_process_world w;
};

}  // namespace

TEST_CASE("a stream opened with after= resumes after the last event received") {
    scene s;
    s.enroll("A");
    s.enroll("B");
    const auto b = s.index();
    s.enroll("C");
    // A browser comes back to the same address, with the id of the last event.
    const auto again = s.heard("?after=1", "Last-Event-ID: " + b + "\r\n", R"("Name":"C")");
    CHECK_THAT(again, !Contains(R"("Name":"A")") && !Contains(R"("Name":"B")"));
}

TEST_CASE("a stream that resumes with index 0 begins with the first event") {
    scene s;
    s.enroll("A");
    CHECK_THAT(s.heard("", "Last-Event-ID: 0\r\n", R"("Name":"A")"), !Contains("missed"));
}

TEST_CASE("a blocking read with an index of lost data gets all events since") {
    scene s;
    s.enroll("A");
    const auto answer = s.events("?index=9000000000000&wait=10m");
    CHECK_THAT(answer.body, Contains(R"("Name":"A")"));
    CHECK(answer.header("X-Distd-Index") == s.index());
}

TEST_CASE("a stream reports once which events are gone") {
    scene s;
    s.enroll("A");
    const auto a = s.index();
    s.enroll("B");
    s.fill_timeline();
    const auto only_lost = "?type=lost";
    const auto missed = s.heard(only_lost, "Last-Event-ID: " + a + "\r\n", "Forgotten");
    const auto id = std::to_string(std::stoull(a) + 1);
    CHECK_THAT(missed, Contains("id: " + id + "\n") && Contains("event: missed\n"));
    CHECK_THAT(missed, Contains(R"({"After":)" + a + R"(,"Forgotten":)" + id + "}"));
    s.w.pump();
    const auto again = s.heard("", "Last-Event-ID: " + id + "\r\n", "made up");
    CHECK_THAT(again, !Contains("missed"));
}

TEST_CASE("of many who ask for all of a long history at once, a few get it, and the others cost nothing") {
    scene s;
    s.fill_timeline(1'100);
    auto seen = asked_at_once(s.w, s.url(), "/events?limit=10000", 40);
    CHECK(seen["200"] == large_answers::max_at_once);
    CHECK(seen["503"] == 40 - large_answers::max_at_once);
    s.w.time.advance(large_answers::pause);
    CHECK(s.events("?limit=10000").status == 200);
    CHECK(s.events("?limit=1000").status == 200);
}

TEST_CASE(
    "of many who connect and ask for a long history one after the other, few get it in the same moment") {
    scene s;
    s.fill_timeline(1'100);
    const auto made_before = s.made();
    CHECK(s.events("?limit=10000").status == 200);
    std::list<raw_peer> askers;
    while (askers.size() < 40) {
        askers.emplace_back(port_of(s.url()), [&] { s.w.pump(); }).send(get_request("/events?limit=10000"));
        s.w.pump();
    }
    CHECK(s.made() - made_before == 1);
    std::map<std::string, std::size_t> seen;
    for (auto& asker : askers)
        if (!asker.is_silent()) ++seen[asker.read_answer().substr(9, 3)];
    CHECK(seen == std::map<std::string, std::size_t>{{"503", 40 - large_answers::max_at_once}});
    s.w.time.advance(large_answers::pause);
    CHECK(s.made() - made_before == 2);
    s.w.time.advance(3 * large_answers::pause);
    CHECK(s.made() - made_before == 1 + large_answers::max_at_once);
}

TEST_CASE("a long history for which there is no memory is refused before it is written") {
    scene s({"--max-request-memory=1MiB"});
    s.fill_timeline();
    const auto made_before = s.made();
    for (int i = 0; i < 3; ++i) CHECK(s.events("?limit=10000").status == 503);
    CHECK(s.made() == made_before);
    CHECK(s.events("?limit=100").status == 200);
}

TEST_CASE("of many who wait for news and want a long history with it, few get it in the same moment") {
    scene s;
    s.fill_timeline(1'100);
    const auto made_before = s.made();
    const auto index = s.index();
    std::list<raw_peer> waiting;
    while (waiting.size() < 40) {
        waiting.emplace_back(port_of(s.url()), [&] { s.w.pump(); })
            .send(get_request("/events?after=1&limit=10000&wait=10m&index=" + index));
        s.w.pump();
    }
    CHECK(s.made() == made_before);
    s.enroll("A");
    CHECK(s.made() - made_before == 1);
    std::map<std::string, std::size_t> seen;
    s.w.time.advance(4 * large_answers::pause);
    for (auto& one : waiting) ++seen[one.read_answer().substr(9, 3)];
    CHECK(seen["200"] == large_answers::max_at_once);
    CHECK(seen["503"] == 40 - large_answers::max_at_once);
}
