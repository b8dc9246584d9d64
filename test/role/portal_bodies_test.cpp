// Grading services that do not read the bodies of requests take them for the next ones, and answer those,
// too. What such an answer meets must not be the next visitor.
#include <catch2/catch.hpp>

#include "role/portal_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd::test;

namespace {

const std::string request_in_body = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

// Remembers on which connections it got bodies, and on which the list of students was asked for last. What it
// takes for a request it answers late: here never, so that nothing gives the connection away.
struct deaf_site {
    deaf_site() : grading(w.loop, [this](int c, const std::string& request) { return answer(c, request); }) {
        grading.ignore_bodies();
        w.start("registry", "registry");
        w.start("portal", "portal", {"--registry=" + w.address("registry", "registry")});
        w.http("POST", w.address("registry", "registry") + "/services",
               R"({"ServiceName":"GradingService","ServiceURL":")" + grading.url("") + "\"}");
        w.until("the portal knows it", [&] { return send("GET", "/students").status == 200; });
    }
    raw_server::action answer(int connection, const std::string& request) {
        if (request.starts_with("POST "))
            with_body = connection;
        else if (request.starts_with("GET /students"))
            asked = connection;
        else
            return {};
        return {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[]\n"};
    }
    http_answer send(const std::string& method, const std::string& path, const std::string& body = {},
                     const std::string& type = {}, const std::string& headers = {}) {
        return exchange(
            method, w.address("portal", "portal") + path, body, type, [this] { w.pump(); }, headers);
    }

    in_process_world w;
    raw_server grading;
    int with_body = -1;
    int asked = -1;
};

}  // namespace

TEST_CASE("a table that a grading service takes for a request spoils no other visitor's answer") {
    deaf_site s;
    const auto form = s.send("GET", "/import");
    const auto part = [](const std::string& name, const std::string& text) {
        return "--x\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + text + "\r\n";
    };
    s.send("POST", "/import",
           part("Token", hidden(form.body, "Token")) + part("Table", request_in_body) + "--x--\r\n",
           "multipart/form-data; boundary=x",
           "Cookie: " + between(form.header("Set-Cookie"), "", ";") + "\r\n");
    REQUIRE(s.with_body >= 0);
    s.asked = -1;
    CHECK(s.send("GET", "/students").status == 200);
    CHECK(s.asked >= 0);
    CHECK(s.asked != s.with_body);
}

TEST_CASE("a grade that a grading service does not read spoils no other visitor's answer") {
    deaf_site s;
    s.send("POST", "/students/1/grades", "Title=Essay&Type=Exam&Score=50",
           "application/x-www-form-urlencoded");
    REQUIRE(s.with_body >= 0);
    s.asked = -1;
    CHECK(s.send("GET", "/students").status == 200);
    CHECK(s.asked >= 0);
    CHECK(s.asked != s.with_body);
}
