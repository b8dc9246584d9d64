// Two people at the same grade: nobody overwrites what they have not seen.
#include <catch2/catch.hpp>

#include "role/portal_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("an edit conflict shows both values and lets the second user choose") {
    class_room r;
    const auto url = r.added("Essay", "50");
    const auto version = hidden(r.visit(url), "Version");
    const auto other = R"({"Title":"Essay","Type":"Quiz","Score":60})";
    REQUIRE(r.elsewhere("PUT", url, other).status == 200);

    const auto both = r.post(url, "Title=Essay&Type=Quiz&Score=70&Version=" + version);
    CHECK(both.status == 409);
    CHECK_THAT(both.body, Contains("<td><strong>60</strong></td><td><strong>70</strong></td>"));
    CHECK_THAT(r.elsewhere("GET", "/students/1").body,
               Contains(R"("Title":"Essay","Type":"Quiz","Score":60)"));
    for (const auto* none : {"", "&Version=", "&Version=0", "&Version=x"})
        CHECK(r.post(url, "Title=Essay&Type=Quiz&Score=70" + std::string(none)).status == 409);
    const auto asked = r.post(url + "/delete", "Version=" + version);
    CHECK(asked.status == 409);
    CHECK_THAT(asked.body, Contains("Essay (Quiz), 60"));

    const auto mine = "Title=Essay&Type=Quiz&Score=70&Version=" + hidden(both.body, "Version");
    CHECK(r.post(url, mine).status == 303);
    CHECK_THAT(r.elsewhere("GET", "/students/1").body,
               Contains(R"("Title":"Essay","Type":"Quiz","Score":70)"));
}

TEST_CASE("a change to another grade of the same student is no conflict") {
    class_room r;
    const auto url = r.added("Essay", "50");
    const auto version = hidden(r.visit(url), "Version");
    const auto other = r.added("Other", "1");
    CHECK(r.post(url, "Title=Essay&Type=Quiz&Score=70&Version=" + version).status == 303);
    CHECK(r.post(other + "/delete", "Version=" + version).status == 409);  // it came after that version
    CHECK(r.post(url + "/delete", "Version=1").status == 409);             // and this one changed since
}

TEST_CASE("editing a grade that was deleted meanwhile offers to add it as a new one") {
    class_room r;
    const auto url = r.added("Essay", "50");
    const auto version = hidden(r.visit(url), "Version");
    REQUIRE(r.elsewhere("DELETE", url).status == 204);
    const auto late = r.post(url, "Title=Essay&Type=Quiz&Score=70&Version=" + version);
    CHECK(late.status == 409);
    CHECK_THAT(late.body, Contains("deleted this grade meanwhile") && Contains("value=\"70\"") &&
                              Contains("action=\"/students/1/grades\""));
    CHECK(r.post(url + "/delete", "Version=" + version).status == 303);
}
