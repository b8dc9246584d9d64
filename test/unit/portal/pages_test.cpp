// The pages: what a visitor reads, and that nothing somebody typed becomes markup.
#include "role/portal/pages.hpp"

#include <catch2/catch.hpp>
#include <regex>

using namespace distd;
using namespace distd::portal;

namespace {

const student nick{
    1, "Nick", "Carter", {{"Quiz 1", "Quiz", 85}, {"Final Exam", "Exam", 94}, {"Quiz 2", "Quiz", 82}}};
const student newcomer{6, "Ada", "Lovelace", {}};
const std::string attack = R"(<script>alert("1")</script>' onload='x' &amp;)";
const std::string attack_shown =
    "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&apos; onload=&apos;x&apos; &amp;amp;";

pages make_pages() { return {web_files(), "Portald"}; }

bool holds(const std::string& page, std::string_view part) { return page.find(part) != std::string::npos; }

std::size_t times(const std::string& page, std::string_view part) {
    std::size_t count = 0;
    for (auto at = page.find(part); at != std::string::npos; at = page.find(part, at + part.size())) ++count;
    return count;
}

outage missing_service() {
    outage o;
    o.sentence = "GradingService is missing: no instance of it is registered.";
    o.since = wall_point(seconds(1'800'000'000));
    o.consequence = "The students cannot be shown until it is back.";
    o.retry_url = "/students";
    return o;
}

// One of each kind, with what an attacker would type in every place that takes text.
std::vector<std::string> every_page() {
    const auto p = make_pages();
    const student hostile{7, attack, attack, {{attack, attack, 12.5}}};
    const grade_form form{{attack, attack, attack}, {attack, attack, attack}, attack};
    auto o = missing_service();
    o.sentence = o.consequence = o.retry_url = attack;
    auto with_form = o;
    with_form.student_id = 7;
    with_form.form = form;
    return {p.students({nick, hostile}),
            p.students({}),
            p.student_page(hostile, form),
            p.student_page(newcomer),
            p.outage_page(o, attack),
            p.outage_page(with_form, attack),
            p.message(attack, attack, attack),
            p.status({{attack, {attack}, {}}, {attack, {}, wall_point(seconds(1))}})};
}

}  // namespace

TEST_CASE("the list is headed Grade Book and links every student by last name, with the average") {
    const auto page = make_pages().students({nick, newcomer});
    CHECK(holds(page, "<h1>Grade Book</h1>"));
    CHECK(holds(page, R"(<a href="/students/1">Carter, Nick</a>)"));
    CHECK(holds(page, "87.0%"));
    CHECK(holds(page, R"(<a href="/students/6">Lovelace, Ada</a>)"));
}

TEST_CASE("a student without grades has a dash for an average and does not lower the class") {
    const auto page = make_pages().students({nick, newcomer, nick});
    CHECK(holds(page, R"(title="no grades yet">–</span>)"));
    CHECK(holds(page, "3 students, class average 87.0%"));
    CHECK_FALSE(holds(page, "nan"));
    CHECK_FALSE(holds(make_pages().students({newcomer}), "%"));
}

TEST_CASE("an empty grade book says so") {
    CHECK(holds(make_pages().students({}), "There are no students yet."));
}

TEST_CASE("a student's page shows the grades and a form") {
    const auto page = make_pages().student_page(nick);
    CHECK(holds(page, "<h1>Nick Carter</h1>"));
    CHECK(holds(page, "Final Exam"));
    CHECK(holds(page, R"(<span class="figure">94</span>)"));
    CHECK(holds(page, R"(<form class="card" method="post" action="/students/1/grades">)"));
    for (const auto* name : {R"(name="Title")", R"(name="Type")", R"(name="Score")"})
        CHECK(holds(page, name));
    for (const auto type : grade_types) CHECK(holds(page, R"(<option value=")" + std::string(type)));
    CHECK_FALSE(holds(page, "No grades available"));
    CHECK_FALSE(holds(page, "aria-invalid"));
}

TEST_CASE("a student without grades reads No grades available") {
    const auto page = make_pages().student_page(newcomer);
    CHECK(holds(page, "No grades available"));
    CHECK_FALSE(holds(page, "Average"));
}

TEST_CASE("a name with only one part, or none, still reads as a name") {
    CHECK(holds(make_pages().students({{8, "", "Cher", {}}}), ">Cher</a>"));
    CHECK(holds(make_pages().students({{9, "", "", {}}}), ">Student 9</a>"));
}

TEST_CASE("a refused form keeps what was typed and has its error beside the field") {
    const typed_grade typed{"Quiz 3", "Homework", "ninety"};
    const auto page = make_pages().student_page(nick, {typed, judge(typed).errors, ""});
    CHECK(holds(page, R"(value="Quiz 3")"));
    CHECK(holds(page, R"(value="ninety")"));
    CHECK(holds(page, R"(<option value="Homework" selected>)"));
    CHECK(holds(page, R"(id="score-error">The score is a number from 0 to 100)"));
    CHECK(times(page, "aria-invalid") == 1);
    CHECK(holds(page, R"(aria-describedby="score-error score-hint")"));
}

TEST_CASE("a missing service is named, with since when, and a way to try again") {
    const auto page = make_pages().outage_page(missing_service(), "r-1");
    CHECK(holds(page, "GradingService is missing"));
    CHECK(holds(page, R"(<time datetime="2027-01-15T08:00:00Z">15 January 2027, 08:00:00 UTC</time>)"));
    CHECK(holds(page, R"(<a class="button" href="/students">Try again</a>)"));
    CHECK(holds(page, "request r-1"));
    CHECK_FALSE(holds(page, "<form"));
}

TEST_CASE("a grade that could not be stored is offered again as it was typed") {
    auto o = missing_service();
    o.student_id = 1;
    o.form.typed = {"Quiz 3", "Exam", "91"};
    const auto page = make_pages().outage_page(o, "");
    CHECK(holds(page, R"(action="/students/1/grades")"));
    CHECK(holds(page, R"(value="Quiz 3")"));
    CHECK(holds(page, R"(<option value="Exam" selected>)"));
    CHECK(holds(page, R"(value="91")"));
}

TEST_CASE("the status page tells a missing service from one that does not answer") {
    const auto page = make_pages().status({{"GradingService", {"http://localhost:6000"}, {}},
                                           {"Silent", {"http://localhost:7000"}, wall_point(seconds(1))},
                                           {"LogService", {}, wall_point(seconds(1))}});
    CHECK(times(page, "✓ available") == 1);
    CHECK(times(page, "✕ not answering") == 1);
    CHECK(times(page, "✕ missing") == 1);
    CHECK(holds(page, "http://localhost:6000"));
}

TEST_CASE("text that looks like markup shows as text on every page") {
    for (const auto& page : every_page()) {
        INFO(page);
        CHECK_FALSE(holds(page, "<script"));
        CHECK_FALSE(holds(page, "onload='"));
        CHECK_FALSE(holds(page, "onload=\""));
    }
    CHECK(holds(make_pages().student_page({7, "A", "B", {{attack, "Quiz", 1}}}), attack_shown));
}

TEST_CASE("no template tag is left in a page, and each page has one main heading, a title and a language") {
    for (const auto& page : every_page()) {
        INFO(page);
        CHECK_FALSE(holds(page, "{{"));
        CHECK(times(page, "<h1>") == 1);
        CHECK(times(page, "<title>") == 1);
        CHECK(holds(page, R"(<html lang="en">)"));
    }
}

TEST_CASE("pages need no inline style or script and ask nobody else for anything") {
    for (const auto& page : every_page()) {
        INFO(page);
        CHECK_FALSE(std::regex_search(page, std::regex(R"(<style|\sstyle="|\son\w+=")")));
        CHECK_FALSE(std::regex_search(page, std::regex(R"((href|src|action)="(https?:|//|[^/#"&]))")));
    }
}

TEST_CASE("every control has a label") {
    const auto page = make_pages().student_page(nick);
    for (const auto* id : {"title", "type", "score"}) {
        CHECK(holds(page, "<label for=\"" + std::string(id) + "\">"));
        CHECK(holds(page, "id=\"" + std::string(id) + "\""));
    }
}

TEST_CASE("times before, at and after the turn of a year are written in UTC") {
    CHECK(as_rfc3339(wall_point(seconds(0))) == "1970-01-01T00:00:00Z");
    CHECK(as_date_and_time(wall_point(seconds(-1))) == "31 December 1969, 23:59:59 UTC");
    CHECK(as_rfc3339(wall_point(seconds(1'709'210'096))) == "2024-02-29T12:34:56Z");
}
