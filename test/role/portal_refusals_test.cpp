// What people get to read when nobody takes their request: nothing at that address, or no grading service.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "role/portal_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("an unanswerable request gets a page in a browser, a problem document in a program") {
    class_room c;
    const auto ask = [&](const std::string& method, const std::string& path, const std::string& body,
                         const std::string& accept) {
        return c.send(method, path, body, urlencoded, "Accept: " + accept + "\r\n");
    };
    const std::string large(65 * 1024, 'x');
    const std::string far_too_large(8 << 20, 'x');
    for (const auto& answer : {ask("GET", "/students/1/grades", {}, "text/html,*/*;q=0.8"),
                               ask("POST", "/students/1/grades", large, "text/html,*/*;q=0.8"),
                               ask("POST", "/import", far_too_large, "text/html,*/*;q=0.8")}) {
        CHECK((answer.status == 405 || answer.status == 413));
        CHECK_THAT(answer.header("Content-Type"), Contains("text/html"));
        CHECK_THAT(answer.header("Content-Security-Policy"), Contains("frame-ancestors 'none'"));
        CHECK_THAT(answer.body, Contains("href=\"/students\""));
    }
    CHECK_THAT(ask("GET", "/students/1/grades", {}, "*/*").header("Content-Type"), Contains("problem+json"));
    CHECK(ask("GET", "/students/1/grades", {}, "text/html").header("Allow") == "POST, OPTIONS");
}

TEST_CASE("without a grading service every page says so, and every form keeps its input") {
    class_room r;
    const auto url = r.added("Essay", "50");
    r.w.stop("grading");
    r.w.until("the portal knows", [&] { return r.get("/students").status == 503; });
    for (const auto& path :
         {std::string("/students?q=a"), std::string("/students/1"), url, url + "/delete",
          std::string("/students/1/name"), std::string("/students/1/delete"),
          std::string("/students/1/history"), std::string("/tests"), std::string("/tests/enter"),
          std::string("/tests/distribution?title=a"), std::string("/export.csv")}) {
        INFO(path);
        const auto page = r.get(path);
        CHECK(page.status == 503);
        CHECK_THAT(page.body, Contains("GradingService is missing") && Contains("away since") &&
                                  Contains("Try again</a>"));
    }
    const std::string grade = "Title=Kept&Type=Quiz&Score=51&Version=2";
    for (const auto& [path, fields] : std::vector<std::pair<std::string, std::string>>{
             {url, grade},
             {url + "/delete", "Version=2&Title=Kept"},
             {"/students", "FirstName=Kept&LastName=b"},
             {"/students/1/name", "FirstName=Kept&LastName=b&Version=2"},
             {"/students/1/delete", "Version=2&Note=Kept"},
             {"/students/1/history/3", "Note=Kept"},
             {"/tests/enter", "Title=Kept&Type=Quiz&Score-1=51&Step=store"},
             {"/tests/enter", "Title=Kept&Type=Quiz&Score-1=51&Step=check"}}) {
        INFO(path);
        const auto page = r.post(path, fields);
        CHECK(page.status == 503);
        CHECK_THAT(page.body, Contains("GradingService is missing") && Contains("value=\"Kept\"") &&
                                  Contains("action=\"" + path + "\""));
    }
    const auto table = r.upload("/import", {{"Token", r.token}, {"Table", "Kept,b\n"}});
    CHECK(table.status == 503);
    CHECK_THAT(table.body, Contains("value=\"Kept,b") && Contains("multipart/form-data"));
}
