// A page whose name was made to lead here: to its browser it is one of ours.
#include <catch2/catch.hpp>

#include "abuse/abuse.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

struct wish {
    std::string role;
    std::string method;
    std::string path;
    std::string body;
};

const std::vector<wish> wishes{
    {"registry", "GET", "/services", ""},
    {"registry", "PUT", "/config/a", "evil"},
    {"registry", "POST", "/services", R"({"ServiceName":"Evil","ServiceURL":"http://127.0.0.1:9"})"},
    {"registry", "DELETE", "/services", "http://127.0.0.1:9"},
    {"log", "POST", "/log", "[Evil] - evil"},
    {"log", "GET", "/log", ""},
    {"grading", "GET", "/backup", ""},
    {"grading", "DELETE", "/students/1", ""},
    {"portal", "GET", "/students/1", ""},
    {"portal", "POST", "/students/1/grades", "Title=evil&Type=Exam&Score=1"},
    {"console", "GET", "/", ""},
    {"console", "GET", "/live?page=now", ""},
    {"console", "POST", "/services/Registryd/drain", "url=http://127.0.0.1:9&reason=evil"},
};

std::string send(const victim& v, const wish& w, const std::string& host) {
    raw_peer peer(v.port(w.role));
    static_cast<void>(peer.send(
        w.method + " " + w.path + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: http://" + host +
        "\r\nSec-Fetch-Site: same-origin\r\nContent-Type: text/plain\r\n" +
        "Connection: close\r\nContent-Length: " + std::to_string(w.body.size()) + "\r\n\r\n" + w.body));
    return peer.read_until_close();
}

}  // namespace

// Points a name at this machine, whose pages then are of the same origin as ours to a browser.
TEST_CASE("a page whose name leads here reads and changes nothing of any role") {
    victim v("all");
    for (const auto& w : wishes) {
        CAPTURE(w.role, w.method, w.path);
        for (const auto& host :
             {"evil.example:" + std::to_string(v.port(w.role)), std::string("evil.example"),
              std::string("127.0.0.1.evil.example"), std::string("localhost.evil.example")})
            CHECK_THAT(send(v, w, host), StartsWith("HTTP/1.1 421") && Contains("not answered here"));
    }
    CHECK_THAT(exchange("GET", v.url("registry") + "/services").body, !Contains("Evil"));
    CHECK(exchange("GET", v.url("registry") + "/config/a").status == 404);
    CHECK(exchange("GET", v.url("grading") + "/students/1").status == 200);
    CHECK_THAT(exchange("GET", v.url("log") + "/log").body, !Contains("evil"));
    check_served("rebinding", ask(v.url("portal") + "/heartbeat", 50));
}
