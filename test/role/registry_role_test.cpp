// The registry over HTTP, as the protocol says it, and what it offers to those who look.
#include <catch2/catch.hpp>

#include "role/registry_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

const std::string log_instance = R"({"ServiceName":"Log Service","ServiceURL":"localhost:4000"})";

}  // namespace

TEST_CASE("an instance is registered, listed, found by its name and withdrawn by its URL") {
    registry_service s;
    CHECK(s.get("/services").body == "[]");
    CHECK(s.post(log_instance).status == 200);
    CHECK_THAT(s.get("/services").body, Contains(R"("ServiceURL":"localhost:4000")"));
    const auto found = s.get("/services/Log%20Service");
    CHECK(found.status == 200);
    CHECK(found.header("Content-Type") == "application/json");
    CHECK(found.body == s.get("/services").body);
    CHECK(s.withdraw("localhost:4000/").status == 404);  // compared as a string
    CHECK(s.withdraw("localhost:4000").status == 200);
    CHECK(s.withdraw("localhost:4000").status == 404);
    CHECK(s.get("/services").body == "[]");
    CHECK(s.get("/services/Log%20Service").status == 404);
}

TEST_CASE(
    "every answer about services says that the registry is one of ours, by the same id after a restart") {
    registry_service s;
    const auto id = s.post(log_instance).header("X-Distd-Registry");
    CHECK(id.size() == 16);
    CHECK(s.get("/services").header("X-Distd-Registry") == id);
    CHECK(s.get("/services/Nobody").header("X-Distd-Registry") == id);
    CHECK(s.withdraw("nobody").header("X-Distd-Registry") == id);
    CHECK(s.post("{}").header("X-Distd-Registry") == id);
    s.restart();
    CHECK(s.get("/services").header("X-Distd-Registry") == id);
    CHECK_THAT(s.get("/services").body, Contains("Log Service"));
}

TEST_CASE("a second registration of a URL replaces the first") {
    registry_service s;
    s.post(log_instance);
    CHECK(s.post(R"({"service_name":"Other","service_url":"localhost:4000","required_services":["A"]})")
              .status == 200);
    CHECK(s.get("/services/Log%20Service").status == 404);
    CHECK_THAT(s.get("/services/Other").body, Contains(R"("RequiredServices":["A"])"));
}

TEST_CASE("what cannot be registered is refused with the field and the reason") {
    registry_service s;
    const auto refusal = [&](const std::string& body) {
        const auto a = s.post(body);
        CHECK(a.status == 400);
        CHECK(a.header("Content-Type") == "application/problem+json");
        return a.body;
    };
    CHECK_THAT(refusal("not json"), Contains("This registration was not taken."));
    CHECK_THAT(refusal(R"({"ServiceURL":"http://a"})"), Contains("ServiceName"));
    CHECK_THAT(refusal(R"({"ServiceName":"A","ServiceURL":"http://u:p@a"})"), Contains("credentials"));
    CHECK_THAT(refusal(R"({"ServiceName":"A","ServiceURL":"a","HeartbeatURL":"file:///etc/passwd"})"),
               Contains("HeartbeatURL"));
    CHECK(s.get("/services").body == "[]");
}

TEST_CASE("methods that are not offered are answered with 405 and the list of those that are") {
    registry_service s;
    const auto a = s.w.http("PUT", s.url() + "/services", log_instance);
    CHECK(a.status == 405);
    CHECK_THAT(a.header("Allow"), Contains("POST") && Contains("DELETE") && Contains("GET"));
}

TEST_CASE(
    "a full registry refuses newcomers and says how much room there is, and still takes those it knows") {
    in_process_world w;
    w.start("registry", "registry", {"--registry-max-instances=1"});
    const auto url = w.address("registry", "registry") + "/services";
    CHECK(w.http("POST", url, log_instance).status == 200);
    CHECK(w.http("POST", url, log_instance).status == 200);
    const auto a = w.http("POST", url, R"({"ServiceName":"B","ServiceURL":"b"})");
    CHECK(a.status == 503);
    CHECK_THAT(a.body, Contains("room for 1 instances"));
}

TEST_CASE("the graph shows what is missing") {
    registry_service s;
    s.post(R"({"ServiceName":"Grading","ServiceURL":"g","RequiredServices":["Log Service"]})");
    CHECK_THAT(s.get("/graph").body,
               Contains(R"("missing":[{"name":"Log Service","required_by":["Grading"]}])"));
    s.post(log_instance);
    CHECK_THAT(s.get("/graph").body, Contains(R"("missing":[])"));
}

TEST_CASE("a newcomer whose update URL nobody answers is registered after a second") {
    registry_service s;
    const std::string body =
        R"({"ServiceName":"B","ServiceURL":"b","ServiceUpdateURL":"http://127.0.0.1:1/u"})";
    auto peer = s.connect();
    peer.send("POST /services HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
    // The disk takes its own time; the second begins when the registration is stored.
    const auto is_listed = [&] { return s.get("/services").body.find(R"("ServiceName":"B")") != body.npos; };
    for (int tries = 0; tries < 10'000 && !is_listed(); ++tries) s.w.pump();
    const auto stored = s.w.time.now();
    s.w.until("the registration is answered", [&] { return !peer.is_silent(); });
    CHECK(s.w.time.now() - stored >= milliseconds(900));
    CHECK(s.w.time.now() - stored <= milliseconds(1100));
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200"));
}
