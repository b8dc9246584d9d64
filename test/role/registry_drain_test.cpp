// An instance that is drained for a long repair, over everything that may happen to it meanwhile.
#include <catch2/catch.hpp>

#include "http/message/url.hpp"
#include "support/world.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

const std::string instance = "http://localhost:7000";

struct scene {
    scene() { start(); }

    void start() { w.start("registry", "registry", {"--registry-deregister-after=1s"}); }
    void restart() {
        w.stop("registry");
        start();
    }
    std::string url() const { return w.address("registry", "registry"); }
    void enroll(const std::string& where, const std::string& more = {}) {
        const auto body = R"({"ServiceName":"A","ServiceURL":")" + where + R"(","TTL":"1s")" + more + "}";
        CHECK(w.http("POST", url() + "/services", body).status == 200);
    }
    int drain(const char* method) {
        return w.http(method, url() + "/services/" + http::percent_encode(instance) + "/drain").status;
    }
    std::string list() { return w.http("GET", url() + "/services").body; }
    // Another one that registers now has been lost for long enough to be gone.
    void let_one_go() {
        enroll("other:1");
        w.until("another one is gone", [&] { return list().find("other:1") == std::string::npos; });
    }

    in_process_world w;
};

}  // namespace

TEST_CASE("a drained instance that is off for longer than DeregisterAfter stays, and is drained when back") {
    scene s;
    s.enroll(instance);
    CHECK(s.drain("PUT") == 200);
    s.let_one_go();
    CHECK_THAT(s.list(), Contains(R"("Health":"lost")") && Contains(R"("Drained":true)"));
    s.restart();
    s.let_one_go();
    CHECK_THAT(s.list(), Contains(R"("Health":"lost")") && Contains(R"("Drained":true)"));
    s.enroll(instance, R"(,"Version":"2")");
    CHECK_THAT(s.list(), Contains(R"("Version":"2")") && Contains(R"("Drained":true)"));
    s.let_one_go();
    CHECK_THAT(s.list(), Contains(R"("Drained":true)"));
    s.enroll(instance, R"(,"Version":"2")");  // says what is known
    s.let_one_go();
    CHECK_THAT(s.list(), Contains(R"("Drained":true)"));
    CHECK(s.drain("DELETE") == 200);
    s.w.until("it is gone like any other", [&] { return s.list() == "[]"; });
}
