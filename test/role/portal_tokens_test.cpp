// Whose forms are taken: this site's, and a program's of the base protocol; never another site's.
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "role/portal_fixture.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;

// All that a page offers to send again, but the token.
std::string hidden_fields(const std::string& page) {
    std::string fields;
    for (const auto* name : {"Title", "Type", "Score", "Version", "Key"})
        fields += std::string("&") + name + "=" + hidden(page, name);
    return fields;
}

}  // namespace

TEST_CASE("a form without a valid CSRF token changes nothing, and keeps its input") {
    class_room r;
    const auto url = r.added("Essay", "50");
    const auto before = r.elsewhere("GET", "/students/1").body;
    const std::string fields = "Title=Essay&Type=Quiz&Score=1";
    const std::string others = "Cookie: distd_form=ffffffffffffffffffffffffffffffff\r\n";
    for (const auto& path :
         {url, url + "/delete", std::string("/students/1/delete"), std::string("/students/1/name"),
          std::string("/students/1/history/1"), std::string("/students"), std::string("/tests/enter"),
          std::string("/import"), std::string("/import/confirm")}) {
        INFO(path);
        for (const auto& [body, headers] :
             std::vector<std::pair<std::string, std::string>>{{fields, ""},
                                                              {fields + "&Token=", ""},
                                                              {fields + "&Token=" + r.token, ""},
                                                              {fields + "&Token=" + r.token, others}}) {
            const auto refused = r.send("POST", path, body, urlencoded, headers);
            CHECK(refused.status == 403);
            CHECK_THAT(refused.body, Contains("name=\"Title\" value=\"Essay\""));
        }
        const auto foreign = r.send("POST", path, fields + "&Token=" + r.token, urlencoded,
                                    "Cookie: " + r.cookie + "\r\nSec-Fetch-Site: cross-site\r\n");
        CHECK(foreign.status == 403);
        CHECK_THAT(foreign.body, Contains("another site"));
    }
    CHECK(r.elsewhere("GET", "/students/1").body == before);

    // What is offered again is taken.
    const auto whole = fields + "&Version=" + hidden(r.visit(url), "Version");
    auto again = r.send("POST", url, whole, urlencoded, "Cookie: " + r.cookie + "\r\n");
    r.take(again);
    CHECK(r.post(url, hidden_fields(again.body)).status == 303);
}

TEST_CASE("a program may add a grade without a CSRF token, a browser form with a wrong one may not") {
    class_room r;
    const std::string grade = "Title=From+a+program&Type=Exam&Score=64";
    const auto path = "/students/2/grades";
    CHECK(r.send("POST", path, grade, urlencoded, "").status == 303);
    CHECK(r.send("POST", path, grade, urlencoded, "Cookie: " + r.cookie + "\r\n").status == 303);
    CHECK(r.send("POST", path, grade, urlencoded, "Sec-Fetch-Site: cross-site\r\n").status == 403);
    CHECK(r.send("POST", path, grade, urlencoded, "Origin: http://other.example\r\n").status == 403);
    CHECK(r.send("POST", path, grade + "&Token=x", urlencoded, "Cookie: " + r.cookie + "\r\n").status == 403);
}
