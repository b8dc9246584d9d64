// What holds for every page: text stays text, forms carry their token, nothing is asked of anybody else.
#include <catch2/catch.hpp>
#include <regex>
#include <string>
#include <vector>

#include "unit/portal/grade_book/pages_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::portal;

const std::string attack = R"(<script>alert("1")</script>' onload='x' &amp;)";
const std::string attack_shown =
    "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&apos; onload=&apos;x&apos; &amp;amp;";

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
    student_list_query asked;
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
            p.edit_grade(edit, csrf),
            p.edit_name(names, csrf),
            p.ask({attack, attack, attack, attack, 1, attack, attack}, csrf),
            p.history(hostile, entries, attack, csrf),
            p.tests({figures}, true),
            p.tests({}, false),
            p.distribution(figures),
            p.sheet(sheet, {{hostile, other}, {}}, csrf),
            p.import_form(attack, csrf),
            p.import_preview(report, attack, attack, csrf),
            p.outage_page(o, {attack, attack}),
            p.outage_page(with_form, {attack, attack}),
            p.outage_page(with_kept, {attack, attack}, csrf),
            p.send_again({attack, {{attack, attack}}}, csrf, {attack, attack}),
            p.message(attack, attack, {attack, attack}),
            p.status({{attack, {attack}, {}}, {attack, {}, wall_point(seconds(1))}},
                     {{attack, {attack}, wall_point(seconds(1)), 3, attack, attack}})};
}

}  // namespace

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

TEST_CASE("every page is fully rendered, with one main heading, a title and a language") {
    for (const auto& page : every_page()) {
        INFO(page);
        CHECK_FALSE(holds(page, "{{"));
        CHECK(times(page, "<h1>") == 1);
        CHECK(times(page, "<title>") == 1);
        CHECK(holds(page, R"(<html lang="en">)"));
    }
}

TEST_CASE("pages have no inline style or script and no external resources") {
    for (const auto& page : every_page()) {
        INFO(page);
        CHECK_FALSE(std::regex_search(page, std::regex(R"(<style|\sstyle="|\son\w+=")")));
        CHECK_FALSE(std::regex_search(page, std::regex(R"((href|src|action)="(https?:|//|[^/#"&]))")));
    }
}

TEST_CASE("every form with side effects has a CSRF token and a key") {
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
