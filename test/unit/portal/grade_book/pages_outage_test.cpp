// What is shown while a service is missing, and since when.
#include <catch2/catch.hpp>

#include "base/timestamp.hpp"
#include "role/portal/grade_book/page_values.hpp"
#include "unit/portal/grade_book/pages_fixture.hpp"

using namespace distd;
using namespace distd::portal;

TEST_CASE("the outage page names the service, since when, and offers a retry") {
    const auto page = make_pages().outage_page(missing_service(), {"r-1"});
    CHECK(holds(page, "GradingService is missing"));
    CHECK(holds(page, R"(<time datetime="2027-01-15T08:00:00Z">15 January 2027, 08:00:00 UTC</time>)"));
    CHECK(holds(page, R"(<a class="button" href="/students">Try again</a>)"));
    CHECK(holds(page, "request r-1"));
    CHECK_FALSE(holds(page, "<form"));
}

TEST_CASE("a grade that could not be stored is shown again with its input") {
    auto o = missing_service();
    o.student_id = 1;
    o.form.typed = {"Quiz 3", "Exam", "91"};
    const auto page = make_pages().outage_page(o, {});
    CHECK(holds(page, R"(action="/students/1/grades")"));
    CHECK(holds(page, R"(value="Quiz 3")"));
    CHECK(holds(page, R"(<option value="Exam" selected>)"));
    CHECK(holds(page, R"(value="91")"));
}

TEST_CASE("a form that was not accepted is shown again with all its fields") {
    auto o = missing_service();
    o.kept = kept_form{"/students/1/grades/3", {{"Title", "Quiz 3"}, {"Version", "4"}, {"Token", "x"}}};
    const auto page = make_pages().outage_page(o, {}, csrf);
    CHECK(holds(page, R"(action="/students/1/grades/3")"));
    CHECK(holds(page, R"(<input type="hidden" name="Title" value="Quiz 3">)"));
    CHECK(holds(page, R"(<input type="hidden" name="Version" value="4">)"));
    CHECK(holds(page, R"(<th scope="row">Title</th><td>Quiz 3</td>)"));
    CHECK(times(page, R"(name="Token")") == 1);
    CHECK_FALSE(holds(page, R"(<a class="button")"));
}

TEST_CASE("the status page distinguishes a missing service from a silent one") {
    const auto page = make_pages().status({{"GradingService", {"http://localhost:6000"}, {}},
                                           {"Silent", {"http://localhost:7000"}, wall_point(seconds(1))},
                                           {"LogService", {}, wall_point(seconds(1))}},
                                          {});
    CHECK(times(page, "✓ available") == 1);
    CHECK(times(page, "✕ not answering") == 1);
    CHECK(times(page, "✕ missing") == 1);
    CHECK(holds(page, "http://localhost:6000"));
    CHECK_FALSE(holds(page, "Certificate"));
}

TEST_CASE("the status page says of certificates how long they hold, and not where they lie") {
    const auto page = make_pages().status({}, {{"/etc/a.pem", {"a.example", "b.example"}, {}, 1, "", ""},
                                               {"/etc/c.pem", {"c.example"}, {}, -2, "it is over", ""},
                                               {"/etc/d.pem", {"d.example"}, {}, 30, "", "it is damaged"}});
    CHECK(holds(page, "<code>b.example</code>"));
    CHECK(holds(page, "1 day left"));
    CHECK(times(page, "✓ in use") == 1);
    CHECK(times(page, "✕ its time is over") == 1);
    CHECK(times(page, "✕ the new one cannot be used") == 1);
    CHECK_FALSE(holds(page, "/etc/"));
    CHECK_FALSE(holds(page, "damaged"));
}

TEST_CASE("times before, at and after the turn of a year are written in UTC") {
    CHECK(rfc3339(wall_point(seconds(0))) == "1970-01-01T00:00:00Z");
    CHECK(as_date_and_time(wall_point(seconds(-1))) == "31 December 1969, 23:59:59 UTC");
    CHECK(rfc3339(wall_point(seconds(1'709'210'096))) == "2024-02-29T12:34:56Z");
}
