// Registrations as peers spell them, and what is refused with which sentence.
#include <catch2/catch.hpp>

#include "wire/plain_registration.hpp"
#include "wire/registration.hpp"
#include "wire/rules.hpp"

using namespace distd;

namespace {

registration parsed(std::string_view text) {
    json_error error;
    auto r = parse_registration(text, error);
    INFO(error.text);
    REQUIRE(r);
    return *r;
}

std::string refusal(std::string_view text) {
    json_error error;
    REQUIRE_FALSE(parse_registration(text, error));
    REQUIRE_FALSE(error.text.empty());
    return error.text;
}

const registration grading{"GradingService",
                           "http://localhost:6000",
                           {"LogService"},
                           "http://localhost:6000/services",
                           "http://localhost:6000/heartbeat"};

}  // namespace

TEST_CASE("a registration is understood in all three spellings and in any letter case") {
    CHECK(parsed(
              R"({"ServiceName":"GradingService","ServiceURL":"http://localhost:6000",
        "RequiredServices":["LogService"],
        "ServiceUpdateURL":"http://localhost:6000/services",
        "HeartbeatURL":"http://localhost:6000/heartbeat"})") == grading);
    CHECK(parsed(
              R"({"serviceName":"GradingService","serviceUrl":"http://localhost:6000",
        "requiredServices":["LogService"],
        "serviceUpdateUrl":"http://localhost:6000/services",
        "heartbeatUrl":"http://localhost:6000/heartbeat"})") == grading);
    CHECK(parsed(
              R"({"service_name":"GradingService","service_url":"http://localhost:6000",
        "required_services":["LogService"],
        "service_update_url":"http://localhost:6000/services",
        "heartbeat_url":"http://localhost:6000/heartbeat"})") == grading);
    CHECK(parsed(
              R"({"SERVICENAME":"GradingService","SERVICEURL":"http://localhost:6000",
        "REQUIREDSERVICES":["LogService"],
        "SERVICEUPDATEURL":"http://localhost:6000/services",
        "HEARTBEATURL":"http://localhost:6000/heartbeat"})") == grading);
}

TEST_CASE("only a name and a URL are needed; lists and addresses may be null or missing") {
    const registration min{"Log Service", "localhost:8000", {}, "", ""};
    CHECK(parsed(R"({"ServiceName":"Log Service","ServiceURL":"localhost:8000"})") == min);
    CHECK(parsed(R"({"ServiceName":"Log Service","ServiceURL":"localhost:8000","RequiredServices":null,
        "ServiceUpdateURL":null,"HeartbeatURL":""})") == min);
}

TEST_CASE("fields that we do not know are passed over") {
    CHECK(parsed(R"({"ServiceName":"A","ServiceURL":"http://a:1","Colours":[1,{"x":null}],"Weigh":"3"})")
              .name == "A");
}

TEST_CASE("a service that names a requirement twice requires it once") {
    const auto r =
        parsed(R"({"ServiceName":"A","ServiceURL":"http://a:1","RequiredServices":["B","C","B",""]})");
    CHECK(r.required_services == std::vector<std::string>{"B", "C"});
}

TEST_CASE("a URL is kept exactly as it was sent") {
    const auto url =
        GENERATE("http://LOCALHOST:6000", "http://localhost:6000/", "HTTP://a.b/c/../d?e=http://f",
                 "localhost:8000", "http://[::1]:6000", "https://example.org", "10.0.0.7", "svc_1:80/base");
    const auto text = std::string(R"({"ServiceName":"A","ServiceURL":")") + url + "\"}";
    CHECK(parsed(text).url == url);
}

TEST_CASE("what is no registration is refused with a sentence that names the field") {
    const auto with_url = [](const std::string& url) {
        return R"({"ServiceName":"A","ServiceURL":")" + url + "\"}";
    };
    CHECK_FALSE(refusal("").empty());
    CHECK_FALSE(refusal("[]").empty());
    CHECK_FALSE(refusal("{\"ServiceName\":").empty());
    CHECK(refusal(R"({"ServiceURL":"http://a:1"})") == "ServiceName: it is empty; a name is required");
    CHECK(refusal(R"({"ServiceName":"  ","ServiceURL":"http://a:1"})") ==
          "ServiceName: it holds nothing but spaces; a name is required");
    CHECK(refusal(R"({"ServiceName":"A"})") == "ServiceURL: it is empty; write http://HOST:PORT");
    CHECK_THAT(refusal(R"({"ServiceName":7,"ServiceURL":"http://a:1"})"), Catch::Contains("ServiceName"));
    CHECK_THAT(refusal(R"({"ServiceName":"A\nB","ServiceURL":"http://a:1"})"),
               Catch::Contains("control byte"));
    CHECK_THAT(refusal(with_url("http://user:secret@a:1")), Catch::Contains("credentials"));
    CHECK_THAT(refusal(with_url("ftp://a:1")), Catch::Contains("only http:// and https://"));
    CHECK_THAT(refusal(with_url("file:///etc/passwd")), Catch::Contains("only http:// and https://"));
    CHECK_THAT(refusal(with_url("javascript:alert(1)")), Catch::Contains("port"));
    CHECK_THAT(refusal(with_url("http://")), Catch::Contains("no host"));
    CHECK_THAT(refusal(with_url("http://a:0")), Catch::Contains("port"));
    CHECK_THAT(refusal(with_url("http://a:65536")), Catch::Contains("port"));
    CHECK_THAT(refusal(with_url("http://a:1/b c")), Catch::Contains("space"));
    CHECK_THAT(refusal(with_url("http://[::1")), Catch::Contains("no host"));
    CHECK_THAT(refusal(R"({"ServiceName":"A","ServiceURL":"a:1","HeartbeatURL":"gopher://x"})"),
               Catch::Contains("HeartbeatURL"));
    CHECK_THAT(refusal(R"({"ServiceName":"A","ServiceURL":"a:1","ServiceUpdateURL":"http://x@y"})"),
               Catch::Contains("ServiceUpdateURL"));
}

TEST_CASE("the limits on lengths are real") {
    const auto named = [](std::size_t n) {
        return R"({"ServiceURL":"a:1","ServiceName":")" + std::string(n, 'x') + "\"}";
    };
    CHECK(parsed(named(wire::max_name)).name.size() == wire::max_name);
    CHECK_THAT(refusal(named(wire::max_name + 1)), Catch::Contains("at most 256"));

    const auto at = [](std::size_t n) {
        return R"({"ServiceName":"A","ServiceURL":")" + ("a:1/" + std::string(n - 4, 'x')) + "\"}";
    };
    CHECK(parsed(at(wire::max_url)).url.size() == wire::max_url);
    CHECK_THAT(refusal(at(wire::max_url + 1)), Catch::Contains("at most 2048"));

    std::string many = R"({"ServiceName":"A","ServiceURL":"a:1","RequiredServices":[)";
    for (std::size_t i = 0; i <= wire::max_required_services; ++i)
        many += (i ? ",\"s" : "\"s") + std::to_string(i) + '"';
    CHECK_THAT(refusal(many + "]}"), Catch::Contains("RequiredServices"));
}

TEST_CASE("what is written is read back as the same") {
    CHECK(parsed(to_wire(grading)) == grading);
    const registration odd{"Name \"with\" \\ quotes \u00fc", "localhost:1", {}, "", ""};
    CHECK(parsed(to_wire(odd)) == odd);
}

TEST_CASE("a registration is written as the protocol spells it") {
    CHECK(to_wire(grading) ==
          R"({"ServiceName":"GradingService","ServiceURL":"http://localhost:6000",)"
          R"("RequiredServices":["LogService"],"ServiceUpdateURL":"http://localhost:6000/services",)"
          R"("HeartbeatURL":"http://localhost:6000/heartbeat"})");
}

TEST_CASE("a registration is read in the quick way only where that says all there is to it") {
    const auto is_plain = [](std::string_view text) {
        registration r;
        return wire::read_plain_registration(text, r);
    };
    CHECK(is_plain(
        R"( {"ServiceName":"A\u0042","service_url":"a:1","RequiredServices":["B"],"heartbeatUrl":null} )"));
    CHECK(parsed(R"({"ServiceName":"A\u0042","service_url":"a:1","RequiredServices":["B",""]})") ==
          registration{"AB", "a:1", {"B"}, "", ""});
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","service_name":"B","ServiceURL":"a:1"})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":"a:1","Zone":"z"})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":1,"ServiceURL":"a:1"})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":["A"],"ServiceURL":"a:1"})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":"a:1","RequiredServices":"B"})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":"a:1","RequiredServices":[["B"]]})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":"a:1","RequiredServices":[null]})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":{"x":1}})"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":"a:1"} x)"));
    CHECK_FALSE(is_plain(R"({"ServiceName":"A","ServiceURL":"a:1")"));
    CHECK_FALSE(is_plain(R"(["ServiceName"])"));
    CHECK_FALSE(is_plain(R"("ServiceName")"));
    CHECK_FALSE(is_plain("null"));
    CHECK_FALSE(is_plain(""));
}
