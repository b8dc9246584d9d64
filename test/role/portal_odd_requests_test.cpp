// What the pages answer to those who ask for what is not there, and what every answer tells a browser.
#include <catch2/catch.hpp>

#include "role/portal_site.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("a page number beyond the end shows the last page") {
    portal_site s;
    const auto far = GENERATE(Catch::Generators::values<std::string>({"2", "1000000000", "9999999999"}));
    const auto one_page = s.get("/students?page=" + far).body;
    CHECK_THAT(one_page, Contains("5 students") && Contains("Baggio") && Contains("type=\"search\"") &&
                             !Contains("no students"));
    CHECK_THAT(s.get("/students?q=nick&page=" + far).body, Contains("1 student found") && Contains("Carter"));
    for (int i = 0; i < 50; ++i)
        s.elsewhere("POST", "/students", R"({"FirstName":"F","LastName":"Z)" + std::to_string(i) + "\"}");
    const auto last = s.get("/students?sort=-name&page=" + far).body;
    CHECK_THAT(last, Contains("55 students") && Contains("Page 2 of 2") && Contains("Baggio") &&
                         Contains("href=\"/students?sort=-name\" rel=\"prev\""));
    CHECK_THAT(s.get("/students?q=nobody&page=" + far).body, Contains("Nobody is called"));
}

TEST_CASE("undoing an unknown history entry is not reported as an unknown student") {
    portal_site s;
    const auto page = s.get("/students/1");
    const auto cookie = page.header("Set-Cookie").substr(0, page.header("Set-Cookie").find(';'));
    const auto answer = s.send("POST", "/students/1/history/4711",
                               "Token=" + cookie.substr(cookie.find('=') + 1), "Cookie: " + cookie + "\r\n");
    CHECK(answer.status == 404);
    CHECK_THAT(answer.body, Contains("The history has no such entry") && !Contains("no student"));
}

TEST_CASE("every answer of the portal itself has a content security policy and nosniff") {
    portal_site s;
    const auto [method, path, status] = GENERATE(
        Catch::Generators::table<std::string, std::string, int>({{"GET", "/", 301},
                                                                 {"GET", "/students", 200},
                                                                 {"HEAD", "/students", 200},
                                                                 {"GET", "/export.csv", 200},
                                                                 {"GET", "/gateway/status", 200},
                                                                 {"GET", "/assets/icon.svg", 200},
                                                                 {"GET", "/assets/none.svg", 404},
                                                                 {"GET", "/api/Nobody/x", 404},
                                                                 {"GET", "/nowhere", 404},
                                                                 {"PUT", "/students", 405},
                                                                 {"BREW", "/students", 501},
                                                                 {"POST", "/students/1/grades", 303}}));
    const auto answer = s.send(method, path, method == "POST" ? "Title=A&Type=Quiz&Score=1" : "");
    CHECK(answer.status == status);
    INFO(method << " " << path);
    CHECK_THAT(answer.header("Content-Security-Policy"),
               Contains("default-src '") && Contains("frame-ancestors 'none'"));
    CHECK(answer.header("X-Content-Type-Options") == "nosniff");
}

TEST_CASE("an invalid grade ID is not reported as an unknown student") {
    portal_site s;
    const auto page = s.get("/students/1/grades/abc");
    CHECK(page.status == 404);
    CHECK_THAT(page.body, Contains("Nick Carter no longer has this grade") && !Contains("no student"));
    CHECK_THAT(s.get("/students/x/grades/1").body, Contains("no student with the number x"));
}
