// A registry whose disk takes no more, as it is full or may only be read: what is to be kept is refused, with
// the reason, and everybody else is served. What it judged meanwhile is right again by itself when it is
// started anew. For the configuration see config_role_test.cpp.
#include <catch2/catch.hpp>

#include "http/message/url.hpp"
#include "role/registry_fixture.hpp"
#include "support/full_disk.hpp"
#include "support/read_only_disk.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct scene : registry_service {
    http_answer enroll(const std::string& name) { return post(instance(name, "http://" + name)); }
    http_answer withdraw(const std::string& name) { return registry_service::withdraw("http://" + name); }
    http_answer drain(const std::string& method, const std::string& name) {
        return w.http(method, url() + "/services/" + http::percent_encode("http://" + name) + "/drain");
    }
};

void check_refusal(const http_answer& a) {
    CHECK(a.status >= 500);
    CHECK_THAT(a.body, Contains("nothing was stored"));
    CHECK(a.header("Content-Type") == "application/problem+json");
    CHECK_FALSE(a.header("X-Distd-Registry").empty());
}

template <class Trouble>
void check_that_writes_are_refused_and_reads_go_on() {
    scene s;
    REQUIRE(s.enroll("kept").status == 200);
    REQUIRE(s.enroll("drained").status == 200);
    REQUIRE(s.drain("PUT", "drained").status == 200);
    const auto list = s.get("/services");
    {
        const Trouble now;
        check_refusal(s.enroll("late"));
        check_refusal(s.withdraw("kept"));
        check_refusal(s.drain("PUT", "kept"));
        check_refusal(s.drain("DELETE", "drained"));
        CHECK(s.get("/services").body == list.body);
        CHECK(s.get("/services").header("X-Distd-Index") == list.header("X-Distd-Index"));
        CHECK(s.get("/services/late").status == 404);
        CHECK(s.get("/events").status == 200);
        CHECK(s.get("/graph").status == 200);
        CHECK(s.withdraw("nobody").status == 404);
    }
    CHECK(s.enroll("late").status == 200);
    CHECK(s.drain("DELETE", "drained").status == 200);
    CHECK(s.withdraw("kept").status == 200);
    s.restart();
    const auto after = s.get("/services").body;
    CHECK_THAT(after, Contains("http://late") && Contains("http://drained") && !Contains("http://kept") &&
                          !Contains("Drained\":true"));
}

}  // namespace

TEST_CASE(
    "on a full disk registrations, withdrawals and drains are refused, reads go on, and later all is well") {
    // All that is stored by then is larger than a file may become.
    check_that_writes_are_refused_and_reads_go_on<full_disk>();
}

TEST_CASE("a read-only disk refuses writes, too, and reads continue") {
    read_only_disk::watch_sqlite();
    check_that_writes_are_refused_and_reads_go_on<read_only_disk>();
}

TEST_CASE(
    "what a registry showed on a full disk does not turn back when it ends there, and the timeline says so") {
    scene s;
    // It is silent, and lost after its TTL.
    REQUIRE(s.post(instance("A", "http://a", R"(,"TTL":"1s")")).status == 200);
    std::uint64_t shown = 0;
    std::uint64_t last_event = 0;
    {
        const full_disk now;
        s.w.until("it is lost", [&] { return s.get("/events?type=lost").body != "[]"; });
        shown = std::stoull(s.index("/services/A"));
        last_event = std::stoull(s.index("/events"));
        s.w.stop("registry");
    }
    s.w.start("registry", "registry");
    CHECK(std::stoull(s.index("/services/A")) > shown);
    CHECK(std::stoull(s.index("/events")) > last_event);
    CHECK_THAT(s.get("/events?after=" + std::to_string(last_event)).body, Contains(R"("Type":"in_doubt")"));
    // Once it is over, it is.
    s.restart();
    CHECK(s.get("/events?type=in_doubt&after=1").body == s.get("/events?type=in_doubt&limit=1").body);
}
