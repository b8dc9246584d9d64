// An instance that was frozen or cut off for so long that it was taken off the list, and answers again.
#include <optional>

#include "http/message/url.hpp"
#include "role/registry_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

struct scene : watched_registry {
    scene() : watched_registry(), server(w.loop, answers()) {
        w.stop("registry");
        w.start("registry", "registry", {"--registry-deregister-after=1s"});
        post(instance("A", url_of_a, R"(,"Zone":"eu","HeartbeatURL":")" + server.url("/h") + '"'));
        until_listed(R"("passing")");
    }
    raw_server::script answers() {
        return [this](int, const std::string&) {
            ++probes;
            return raw_server::action{"HTTP/1.1 " + status + " X\r\nContent-Length: 0\r\n\r\n"};
        };
    }
    void until_listed(const std::string& words) {
        w.until("it is " + words, [&] { return get("/services").body.find(words) != std::string::npos; });
    }
    void until_gone() {
        status = "503";
        w.until("it is gone", [&] { return get("/services").body == "[]"; });
    }
    // Long enough for several probes.
    void wait_for_probes() {
        status = "200";
        w.time.advance(std::chrono::minutes(2));
        w.pump();
    }

    const std::string url_of_a = "http://a:1";
    std::string status = "200";
    int probes = 0;
    raw_server server;
};

}  // namespace

TEST_CASE("an instance that is gone comes back by itself when it answers again") {
    scene s;
    s.until_gone();
    s.status = "200";
    s.until_listed(R"("passing")");
    CHECK_THAT(s.get("/services").body, Contains(R"("ServiceName":"A")") && Contains(R"("Zone":"eu")"));
    CHECK_THAT(s.get("/events?limit=1").body,
               Contains(R"("Type":"registered")") && Contains(R"("Reason":"answers again"})"));
}

TEST_CASE("what registers again, leaves or is forgotten meanwhile does not come back") {
    scene s;
    s.until_gone();
    SECTION("deregistered") { CHECK(s.registry_service::withdraw(s.url_of_a).status == 404); }
    SECTION("forgotten") {
        const auto path = "/services/" + http::percent_encode(s.url_of_a);
        CHECK(s.w.http("DELETE", s.url() + path).status == 200);
        CHECK(s.w.http("DELETE", s.url() + path).status == 404);
    }
    SECTION("registered, and left") {
        s.post(instance("A", s.url_of_a));
        s.withdraw(s.url_of_a);
    }
    const auto before = s.probes;
    s.wait_for_probes();
    CHECK(s.probes == before);
    CHECK(s.get("/services").body == "[]");
}

TEST_CASE("an instance that is forgotten while it is well is not probed any more") {
    scene s;
    CHECK(s.w.http("DELETE", s.url() + "/services/" + http::percent_encode(s.url_of_a)).status == 200);
    const auto before = s.probes;
    s.wait_for_probes();
    CHECK(s.probes == before);
    CHECK(s.get("/services").body == "[]");
}
