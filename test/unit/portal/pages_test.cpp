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

const form_seal seal{"0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210", true};

// The list as a service of another make sends it, and as a page of one of ours.
std::string list_of(std::vector<student> students) {
    return make_pages().students({std::move(students), {}}, {});
}
std::string listed(std::vector<student> students, std::size_t total, const listing_query& asked = {}) {
    return make_pages().students({std::move(students), total}, asked);
}

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
    auto with_kept = o;
    with_kept.kept = kept_form{attack, {{attack, attack}, {"Score-7", attack}}, true};
    listing_query asked;
    asked.search = attack;
    score_sheet sheet;
    sheet.title = sheet.search = sheet.problem = sheet.errors.title = attack;
    sheet.rows[7] = {attack, attack, {}};
    sheet.rows[8] = {{}, {}, attack};
    const student other{8, attack, attack, {{attack, attack, 1}}};
    const recorded was{attack, attack, 1.0, {}, {}};
    const recorded named{{}, {}, {}, attack, attack};
    const std::vector<history_entry> entries{{1, attack, attack, was, named, 1},
                                             {2, attack, "", {}, was, {}}};
    const test_figures figures{attack, 3, 50, 50, 0, 100, {1, 0, 0, 0, 0, 1, 0, 0, 0, 1}};
    const grade_edit edit{7, 3, attack, 2, form, grade{attack, attack, 1}};
    const name_form names{7, 2, {attack, attack}, {attack, attack}, attack, typed_name{attack, attack}};
    const import_report report{2, 1, 0, 0, 1, {{2, "added", attack}, {3, "rejected", attack}}, attack};
    return {list_of({nick, hostile}),
            list_of({}),
            listed({nick, hostile}, 120, asked),
            listed({}, 0, asked),
            p.student_page(hostile, form),
            p.student_page(newcomer),
            p.edit_grade(edit, seal),
            p.edit_name(names, seal),
            p.ask({attack, attack, attack, attack, 1, attack, attack}, seal),
            p.history(hostile, entries, attack, seal),
            p.tests({figures}, true),
            p.tests({}, false),
            p.distribution(figures),
            p.sheet(sheet, {{hostile, other}, {}}, seal),
            p.import_form(attack, seal),
            p.import_preview(report, attack, attack, seal),
            p.outage_page(o, attack),
            p.outage_page(with_form, attack),
            p.outage_page(with_kept, attack, seal),
            p.send_again({attack, {{attack, attack}}}, seal, attack),
            p.message(attack, attack, attack),
            p.status({{attack, {attack}, {}}, {attack, {}, wall_point(seconds(1))}})};
}

}  // namespace

TEST_CASE("the list is headed Grade Book and links every student by last name, with the average") {
    const auto page = list_of({nick, newcomer});
    CHECK(holds(page, "<h1>Grade Book</h1>"));
    CHECK(holds(page, R"(<a href="/students/1">Carter, Nick</a>)"));
    CHECK(holds(page, "87.0%"));
    CHECK(holds(page, R"(<a href="/students/6">Lovelace, Ada</a>)"));
}

TEST_CASE("a student without grades has a dash for an average and does not lower the class") {
    const auto page = list_of({nick, newcomer, nick});
    CHECK(holds(page, R"(title="no grades yet">–</span>)"));
    CHECK(holds(page, "3 students, class average 87.0%"));
    CHECK_FALSE(holds(page, "nan"));
    CHECK_FALSE(holds(list_of({newcomer}), "%"));
}

TEST_CASE("an empty grade book says so") { CHECK(holds(list_of({}), "There are no students yet.")); }

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
    CHECK(holds(list_of({{8, "", "Cher", {}}}), ">Cher</a>"));
    CHECK(holds(list_of({{9, "", "", {}}}), ">Student 9</a>"));
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

TEST_CASE("with another highest score pages name it and measure by it") {
    const pages p(web_files(), "Portald", 20);
    const student s{1, "A", "B", {{"Oral", "Test", 15}}, {}, {}};
    const auto page = p.student_page(s, {}, seal);
    CHECK(holds(page, "0–20<"));
    CHECK(holds(page, ">15.0<"));
    CHECK_FALSE(holds(page, "15.0%"));
    CHECK(holds(page, R"(class="fill" width="75")"));
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
        CHECK_FALSE(holds(page, "<script>"));
        CHECK(times(page, "<script") == times(page, R"(<script src="/assets/enter-next.js)"));
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

TEST_CASE("the list of a service that can search offers search, both orders and pages") {
    listing_query asked;
    asked.search = "a&b";
    asked.page = 2;
    asked.sort = "-average";
    const auto page = listed({nick, newcomer}, 120, asked);
    CHECK(holds(page, R"(name="q" type="search" value="a&amp;b")"));
    CHECK(holds(page, R"(aria-sort="descending"><a href="/students?sort=average&amp;q=a%26b">Average)"));
    CHECK(holds(page, R"(<a href="/students?sort=name&amp;q=a%26b">Name)"));
    CHECK(holds(page, "Page 2 of 3"));
    CHECK(holds(page, R"(<a href="/students?sort=-average&amp;q=a%26b" rel="prev">)"));
    CHECK(holds(page, R"(<a href="/students?sort=-average&amp;q=a%26b&amp;page=3" rel="next">)"));
    CHECK(holds(page, "120 students found"));
    CHECK_FALSE(holds(page, "class average"));  // of one page it would be wrong
}

TEST_CASE("what a service of another make does not offer is left out") {
    const auto list = list_of({nick});
    for (const auto* part : {R"(name="q")", "sort=", "/import", "/export.csv", "/students/new"})
        CHECK_FALSE(holds(list, part));
    const auto page = make_pages().student_page(nick, {}, seal);
    for (const auto* part : {"/history", "/delete", ">Edit"}) CHECK_FALSE(holds(page, part));
    CHECK(holds(make_pages().tests({}, false), "keeps no figures"));
    listing_query asked;
    asked.search = "Nick";
    CHECK(holds(make_pages().students({{nick}, {}}, asked), "cannot search"));
}

TEST_CASE("grades with an ID can be changed and deleted, each with a name of its own for the link") {
    auto s = nick;
    s.version.value = 4;
    s.grades[0].id.value = 11;
    const auto page = make_pages().student_page(s, {}, seal);
    CHECK(holds(page, R"(<a href="/students/1/grades/11">Edit<span class="unseen"> Quiz 1</span>)"));
    CHECK(holds(page, R"(<a href="/students/1/grades/11/delete">Delete)"));
    CHECK(times(page, ">Edit<") == 1);
}

TEST_CASE("the average is the service's own when it computes one") {
    auto s = nick;
    s.version.value = 4;
    s.average.value = 12.25;
    CHECK(holds(list_of({s}), "12.2%"));
    s.average.value.reset();  // none counts
    CHECK(holds(list_of({s}), "no grades yet"));
}

TEST_CASE("a conflict shows both values and lets one choose") {
    grade_edit e{1, 11, "Nick Carter", 9, {{"Quiz 1", "Quiz", "90"}, {}, {}}, grade{"Quiz 1", "Exam", 80}};
    const auto page = make_pages().edit_grade(e, seal);
    CHECK(holds(page, R"(<th scope="row">Title</th><td>Quiz 1</td><td>Quiz 1</td>)"));
    CHECK(holds(page, "<td><strong>80</strong></td><td><strong>90</strong></td>"));
    CHECK(holds(page, "Keep what is stored"));
    CHECK(holds(page, R"(name="Version" value="9")"));
    CHECK(holds(page, ">Store mine</button>"));
}

TEST_CASE("every form that changes something carries the token and a key") {
    std::size_t forms = 0;
    for (const auto& page : every_page()) {
        INFO(page);
        const auto posts = times(page, R"(method="post")");
        CHECK(times(page, R"(name="Token")") == posts);
        CHECK(times(page, R"(name="Key")") == posts);
        forms += posts;
    }
    CHECK(forms >= 12);
}

TEST_CASE("the sheet marks what is stored, what is wrong, and who has this grade already") {
    score_sheet sheet;
    sheet.title = "Quiz 1";
    sheet.type = "Test";
    sheet.rows[1] = {"ninety", "The score is a number.", {}};
    sheet.rows[6] = {{}, {}, "77"};
    const auto page = make_pages().sheet(sheet, {{nick, newcomer}, 2}, seal);
    CHECK(holds(page, R"(<label for="score-1">Carter, Nick</label>)"));
    CHECK(holds(page, "has 85 already"));
    CHECK(holds(page,
                R"(value="ninety" autocomplete="off" aria-invalid="true" aria-describedby="score-1-error")"));
    CHECK(holds(page, R"(<a href="#score-1">Carter, Nick: The score is a number.</a>)"));
    CHECK(holds(page, "✓ stored 77"));
    CHECK(holds(page, R"(name="Stored-6" value="77")"));
    CHECK_FALSE(holds(page, R"(name="Score-6")"));
    CHECK(times(page, "autofocus") == 1);
    // Enter presses the first button of a form: it must not be the one that stores.
    CHECK(page.find(R"(value="check")") < page.find(R"(value="store")"));
}

TEST_CASE(
    "a sheet for more students than fit says so, and how to get at the others where there is a search") {
    const auto part = make_pages().sheet({}, {{nick}, 500}, seal);
    CHECK(holds(part, "These are the first 1 of 500 students. Search for a part of them."));
    const std::vector<student> crowd(1001, nick);
    const auto all = make_pages().sheet({}, {crowd, {}}, seal);
    CHECK(holds(all, "These are the first 1000 of 1001 students."));
    CHECK_FALSE(holds(all, "Search for"));
    CHECK_FALSE(holds(make_pages().sheet({}, {{nick}, 1}, seal), "These are the first"));
}

TEST_CASE("the drawing of a distribution has the numbers of its table") {
    const test_figures figures{"Quiz 1", 5, 60, 60, 5, 100, {1, 0, 0, 0, 0, 0, 0, 0, 0, 4}};
    const auto page = make_pages().distribution(figures);
    CHECK(holds(page, R"(<rect class="fill" x="364" y="25" width="32" height="120" rx="2"/>)"));
    CHECK(holds(page, R"(<rect class="fill" x="4" y="115" width="32" height="30" rx="2"/>)"));
    CHECK(holds(page, R"(<th scope="row">90 to 100</th><td class="number">4</td>)"));
    CHECK(holds(page, R"(<th scope="row">0 to under 10</th><td class="number">1</td>)"));
    CHECK(times(page, "<rect") == 10);
}

TEST_CASE("the preview of a table shows each line and carries the table to its confirmation") {
    const import_report report{
        2, 1, 0, 0, 1, {{2, "added", "a grade"}, {3, "rejected", "Score is missing"}}, "t-1"};
    const auto page = make_pages().import_preview(report, "Title\r\n\"x\"\r\n", "", seal);
    CHECK(holds(page, "✓ added"));
    CHECK(holds(page, "✕ rejected"));
    CHECK(holds(page, "Score is missing"));
    CHECK(holds(page, R"(name="ImportToken" value="t-1")"));
    CHECK(holds(page, "name=\"Table\" value=\"Title\r\n&quot;x&quot;\r\n\""));
    const import_report nothing{1, 0, 0, 1, 0, {}, "t-2"};
    CHECK(holds(make_pages().import_preview(nothing, "Title", "", seal), "There is nothing to do."));
}

TEST_CASE("a form that could not be taken is offered again with all its fields") {
    auto o = missing_service();
    o.kept = kept_form{"/students/1/grades/3", {{"Title", "Quiz 3"}, {"Version", "4"}, {"Token", "x"}}};
    const auto page = make_pages().outage_page(o, "", seal);
    CHECK(holds(page, R"(action="/students/1/grades/3")"));
    CHECK(holds(page, R"(<input type="hidden" name="Title" value="Quiz 3">)"));
    CHECK(holds(page, R"(<input type="hidden" name="Version" value="4">)"));
    CHECK(holds(page, R"(<th scope="row">Title</th><td>Quiz 3</td>)"));
    CHECK(times(page, R"(name="Token")") == 1);
    CHECK_FALSE(holds(page, R"(<a class="button")"));
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
