// The teacher's tools at a portal in front of a grading service of ours: what a browser without scripts
// sends, and what programs send.
#include <catch2/catch.hpp>

#include "support/world.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;

constexpr auto urlencoded = "application/x-www-form-urlencoded";
const std::string boundary = "------x1";

std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const auto start = text.find(from);
    if (start == text.npos) return {};
    const auto begin = start + from.size();
    return text.substr(begin, text.find(to, begin) - begin);
}

std::string hidden(const std::string& page, const std::string& name) {
    return between(page, "name=\"" + name + "\" value=\"", "\"");
}

std::string plain(std::string text) {
    for (auto at = text.find("&quot;"); at != text.npos; at = text.find("&quot;", at))
        text.replace(at, 6, "\"");
    return text;
}

// All that a page offers to send again, but the token.
std::string hidden_fields(const std::string& page) {
    std::string fields;
    for (const auto* name : {"Title", "Type", "Score", "Version", "Key"})
        fields += std::string("&") + name + "=" + hidden(page, name);
    return fields;
}

struct class_room {
    class_room() {
        w.start("registry", "registry");
        start_grading();
        w.start("portal", "portal", {at_registry()});
        w.until("the portal shows students", [&] { return get("/students").status == 200; });
        visit("/students/1");
    }
    [[nodiscard]] std::string at_registry() const {
        return "--registry=" + w.address("registry", "registry");
    }
    void start_grading() { w.start("grading", "grading", {at_registry()}); }
    [[nodiscard]] std::string url() const { return w.address("portal", "portal"); }

    http_answer send(const std::string& method, const std::string& path, const std::string& body,
                     const std::string& type, const std::string& headers) {
        return exchange(
            method, url() + path, body, type, [this] { w.pump(); }, headers);
    }
    http_answer get(const std::string& path) {
        return send("GET", path, {}, urlencoded, cookie.empty() ? "" : "Cookie: " + cookie + "\r\n");
    }
    // Like a browser: keeps the cookie and remembers the page's token.
    std::string visit(const std::string& path) {
        auto answer = get(path);
        take(answer);
        return answer.body;
    }
    void take(const http_answer& answer) {
        const auto set = answer.header("Set-Cookie");
        if (!set.empty()) cookie = set.substr(0, set.find(';'));
        if (const auto shown = hidden(answer.body, "Token"); !shown.empty()) token = shown;
    }
    http_answer post(const std::string& path, const std::string& fields) {
        return send("POST", path, "Token=" + token + "&" + fields, urlencoded,
                    "Cookie: " + cookie + "\r\nSec-Fetch-Site: same-origin\r\n");
    }
    http_answer upload(const std::string& path,
                       const std::vector<std::pair<std::string, std::string>>& fields) {
        std::string body;
        for (const auto& [name, value] : fields)
            body += boundary + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value +
                    "\r\n";
        return send("POST", path, body + boundary + "--\r\n", "multipart/form-data; boundary=----x1",
                    "Cookie: " + cookie + "\r\n");
    }
    // At the grading service itself.
    http_answer elsewhere(const std::string& method, const std::string& path, const std::string& body = {}) {
        return w.http(method, w.address("grading", "grading") + path, body);
    }

    in_process_world w;
    std::string cookie;
    std::string token;
};

std::string added(class_room& r, const std::string& title, const std::string& score) {
    r.elsewhere("POST", "/students/1/grades",
                R"({"Title":")" + title + R"(","Type":"Quiz","Score":)" + score + "}");
    const auto page = r.get("/students/1").body;
    const auto row = page.substr(page.find(">" + title + "</th>"));
    return between(row, "<a href=\"", "\"");
}

}  // namespace

TEST_CASE("people get a page where nothing takes their request, programs a problem document") {
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

TEST_CASE("a type that is none stays in the form, with the reason beside it") {
    class_room c;
    const auto answer = c.post("/students/1/grades", "Title=A&Type=Essay&Score=5");
    CHECK(answer.status == 422);
    CHECK_THAT(answer.body, Contains("<option value=\"Essay\" selected>") && Contains("id=\"type-error\""));
}

TEST_CASE("the list is searched, sorted and paged with links alone") {
    class_room r;
    const auto found = r.get("/students?q=CARTER").body;
    CHECK_THAT(found, Contains("Carter, Nick"));
    CHECK_THAT(found, !Contains("Stone, Emma"));
    CHECK_THAT(found, Contains("1 student found"));
    const auto best = r.get("/students?sort=-average").body;
    CHECK(best.find("Baggio") < best.find("Carter"));
    CHECK(best.find("Carter") < best.find("xiaoqiao"));
    for (const auto* strange : {"/students?sort=score", "/students?page=0", "/students?page=x",
                                "/students?page=9999999999999999999", "/students?q=%ff%3Cscript%3E"}) {
        INFO(strange);
        CHECK(r.get(strange).status == 200);
    }
    CHECK_THAT(r.get("/students?q=Nobody").body, Contains("Nobody is called “Nobody”."));
}

TEST_CASE("the list that was shown before is never shown for another one") {
    class_room room;
    const auto first = room.get("/students").body;
    CHECK(room.get("/students").body == first);
    REQUIRE(room.post("/students/1/grades", "Title=Essay&Type=Homework&Score=1").status == 303);
    const auto second = room.get("/students").body;
    CHECK(second != first);
    CHECK(room.get("/students").body == second);
    CHECK(room.get("/students?sort=-name").body != second);
}

TEST_CASE("a grade is changed, deleted after a question, and brought back from the history") {
    class_room r;
    const auto url = added(r, "Essay", "50");
    const auto form = r.visit(url);
    CHECK_THAT(form, Contains("value=\"Essay\""));
    const auto version = hidden(form, "Version");

    const auto wrong = r.post(url, "Title=Essay&Type=Quiz&Score=fifty&Version=" + version);
    CHECK(wrong.status == 422);
    CHECK_THAT(wrong.body, Contains("value=\"fifty\"") && Contains("role=\"alert\"") &&
                               Contains("id=\"score-error\"") && Contains("href=\"#score\""));
    const auto changed = r.post(url, "Title=Essay&Type=Exam&Score=55&Version=" + version);
    CHECK(changed.status == 303);
    CHECK(changed.header("Location") == "/students/1");
    CHECK_THAT(r.elsewhere("GET", "/students/1").body,
               Contains(R"("Title":"Essay","Type":"Exam","Score":55)"));

    const auto question = r.visit(url + "/delete");
    CHECK_THAT(question, Contains("Delete this grade?") && Contains("Essay (Exam), 55, of Nick Carter"));
    CHECK(r.post(url + "/delete", "Version=" + hidden(question, "Version")).status == 303);
    CHECK_THAT(r.elsewhere("GET", "/students/1").body, !Contains("Essay"));
    CHECK(r.get(url).status == 404);

    const auto history = r.visit("/students/1/history");
    CHECK_THAT(history, Contains("Grade deleted") && Contains("Essay (Quiz): 50"));
    const auto undo = between(history, "<form method=\"post\" action=\"", "\"");  // the newest entry
    const auto done = r.post(undo, "");
    CHECK(done.status == 303);
    CHECK(done.header("Location") == "/students/1/history");
    CHECK_THAT(r.elsewhere("GET", "/students/1").body, Contains("Essay"));
    const auto twice = r.post(undo, "");
    CHECK(twice.status == 409);
    CHECK_THAT(twice.body, Contains("cannot be undone") && Contains("role=\"alert\""));
}

TEST_CASE("two people at one grade: the second one sees both values and chooses") {
    class_room r;
    const auto url = added(r, "Essay", "50");
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
    const auto url = added(r, "Essay", "50");
    const auto version = hidden(r.visit(url), "Version");
    const auto other = added(r, "Other", "1");
    CHECK(r.post(url, "Title=Essay&Type=Quiz&Score=70&Version=" + version).status == 303);
    CHECK(r.post(other + "/delete", "Version=" + version).status == 409);  // it came after that version
    CHECK(r.post(url + "/delete", "Version=1").status == 409);             // and this one changed since
}

TEST_CASE("a grade that somebody deleted meanwhile is offered as a new one") {
    class_room r;
    const auto url = added(r, "Essay", "50");
    const auto version = hidden(r.visit(url), "Version");
    REQUIRE(r.elsewhere("DELETE", url).status == 204);
    const auto late = r.post(url, "Title=Essay&Type=Quiz&Score=70&Version=" + version);
    CHECK(late.status == 409);
    CHECK_THAT(late.body, Contains("deleted this grade meanwhile") && Contains("value=\"70\"") &&
                              Contains("action=\"/students/1/grades\""));
    CHECK(r.post(url + "/delete", "Version=" + version).status == 303);
}

TEST_CASE("students are added, renamed, removed after a question, and brought back") {
    class_room r;
    CHECK(r.post("/students", "FirstName=Ada&LastName=+").status == 422);
    const auto made = r.post("/students", "FirstName=Ada&LastName=Lovelace");
    REQUIRE(made.status == 303);
    const auto home = made.header("Location");
    const auto version = hidden(r.visit(home + "/name"), "Version");
    CHECK(r.post(home + "/name", "FirstName=Ada&LastName=King&Version=" + version).status == 303);
    CHECK_THAT(r.get(home).body, Contains("<h1>Ada King</h1>"));
    const auto both = r.post(home + "/name", "FirstName=A.&LastName=Byron&Version=" + version);
    CHECK(both.status == 409);
    CHECK_THAT(both.body, Contains("<strong>Ada King</strong>") && Contains("<strong>A. Byron</strong>"));

    const auto question = r.visit(home + "/delete");
    CHECK_THAT(question, Contains("Remove Ada King?"));
    const auto gone = r.post(home + "/delete", "Version=" + hidden(question, "Version"));
    CHECK(gone.status == 303);
    CHECK(gone.header("Location") == home + "/history");
    CHECK(r.get(home).status == 404);
    const auto history = r.visit(home + "/history");
    CHECK_THAT(history, Contains("History of Ada King"));
    CHECK(r.post(between(history, "<form method=\"post\" action=\"", "\""), "").status == 303);
    CHECK(r.get(home).status == 200);
}

TEST_CASE("one test is entered for all students on one page") {
    class_room r;
    CHECK_THAT(r.visit("/tests/enter"), Contains("<label for=\"score-1\">Carter, Nick</label>"));
    const auto check = r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Score-1=80&Score-2=&Step=check");
    CHECK(check.status == 200);
    CHECK_THAT(check.body,
               Contains("name=\"Title\" type=\"text\" value=\"Quiz 9\"") && Contains("value=\"80\""));
    const auto wrong = r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Score-1=80&Score-3=x&Step=store");
    CHECK(wrong.status == 422);
    CHECK_THAT(wrong.body, Contains("id=\"score-3-error\""));
    CHECK(r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Step=store").status == 422);
    CHECK_THAT(r.elsewhere("GET", "/tests").body, !Contains("Quiz 9"));

    const auto form =
        "Title=Quiz+9&Type=Quiz&Score-1=80&Score-3=90&Score-77=1&Step=store&Key=" + hidden(check.body, "Key");
    const auto partly = r.post("/tests/enter", form);
    CHECK(partly.status == 422);
    CHECK_THAT(partly.body, Contains("✓ stored 80") && Contains("name=\"Stored-3\" value=\"90\""));
    const auto done = r.post("/tests/enter", "Title=Quiz+9&Type=Quiz&Stored-1=80&Score-2=70&Step=store");
    CHECK(done.status == 303);
    const auto figures = r.get(done.header("Location")).body;
    CHECK_THAT(figures, Contains("<h1>Quiz 9</h1>") && Contains("3 grades"));
    CHECK(r.post("/tests/enter", form).status == 422);  // the same form again
    CHECK_THAT(r.get(done.header("Location")).body, Contains("3 grades"));
    CHECK(r.get("/tests/distribution?title=No").status == 404);

    std::string crowd = "Title=a&Type=Quiz&Step=store";
    for (int id = 1; id <= 1001; ++id) crowd += "&Score-" + std::to_string(id) + "=1";
    CHECK(r.post("/tests/enter", crowd).status == 422);
}

TEST_CASE("a table goes out, and comes in after a preview") {
    class_room r;
    const auto table = r.get("/export.csv");
    CHECK(table.status == 200);
    CHECK_THAT(table.header("Content-Type"), Contains("text/csv"));
    r.visit("/import");
    const auto same = r.upload("/import", {{"Token", r.token}, {"Table", table.body}});
    CHECK(same.status == 200);
    CHECK_THAT(same.body, Contains("There is nothing to do."));

    const std::string file =
        "FirstName,LastName,Title,Type,Score\nAda,Lovelace,\"Say \"\"hi\"\"\",Quiz,80\nX,Y,a,Party,1\n";
    const auto preview = r.upload("/import", {{"Token", r.token}, {"Table", file}});
    CHECK(preview.status == 200);
    CHECK_THAT(preview.body, Contains("✓ added") && Contains("✕ rejected") && Contains("Type"));
    CHECK_THAT(r.get("/students").body, !Contains("Lovelace"));
    const auto confirm = [&](const std::string& page) {
        return r.upload("/import/confirm", {{"Token", r.token},
                                            {"ImportToken", hidden(page, "ImportToken")},
                                            {"Table", plain(hidden(page, "Table"))}});
    };
    static_cast<void>(added(r, "Meanwhile", "1"));
    const auto late = confirm(preview.body);
    CHECK(late.status == 409);
    CHECK_THAT(late.body, Contains("nothing was done") && Contains("✓ added"));
    const auto done = confirm(late.body);
    CHECK(done.status == 303);
    CHECK_THAT(r.get(done.header("Location")).body, Contains("Added: 1, changed: 0"));
    CHECK_THAT(r.get("/students").body, Contains("Lovelace, Ada"));
    CHECK_THAT(r.elsewhere("GET", "/students/6").body, Contains(R"(Say \"hi\")"));

    CHECK(r.upload("/import", {{"Token", r.token}, {"Table", "a,b\n1,2\n"}}).status == 422);
    CHECK(r.upload("/import", {{"Token", r.token}, {"Table", "Zo\xeb"}}).status == 422);
    CHECK(r.upload("/import", {{"Token", r.token}}).status == 422);
}

TEST_CASE("a form without this site's token changes nothing, and nothing of it is lost") {
    class_room r;
    const auto url = added(r, "Essay", "50");
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

TEST_CASE("a program adds a grade without any token, a browser's form with a wrong one does not") {
    class_room r;
    const std::string grade = "Title=From+a+program&Type=Exam&Score=64";
    const auto path = "/students/2/grades";
    CHECK(r.send("POST", path, grade, urlencoded, "").status == 303);
    CHECK(r.send("POST", path, grade, urlencoded, "Cookie: " + r.cookie + "\r\n").status == 303);
    CHECK(r.send("POST", path, grade, urlencoded, "Sec-Fetch-Site: cross-site\r\n").status == 403);
    CHECK(r.send("POST", path, grade, urlencoded, "Origin: http://other.example\r\n").status == 403);
    CHECK(r.send("POST", path, grade + "&Token=x", urlencoded, "Cookie: " + r.cookie + "\r\n").status == 403);
}

TEST_CASE("a form that is sent twice adds its grade once, and a corrected one adds another") {
    class_room r;
    const auto key = "&Key=" + hidden(r.visit("/students/1"), "Key");
    const std::string grade = "Title=Twice&Type=Exam&Score=64";
    CHECK(r.post("/students/1/grades", grade + key).status == 303);
    CHECK(r.post("/students/1/grades", grade + key).status == 303);
    CHECK(r.post("/students/1/grades", "Title=Twice&Type=Exam&Score=65" + key).status == 303);
    const auto book = r.elsewhere("GET", "/students/1").body;
    CHECK_THAT(book, Contains(R"("Title":"Twice","Type":"Exam","Score":64)"));
    CHECK(book.find(R"("Title":"Twice")") + 1 < book.rfind(R"("Title":"Twice")"));
    const auto first = book.find(R"("Score":64)");
    CHECK(book.find(R"("Score":64)", first + 1) == book.npos);
}

TEST_CASE("without a grading service every page says so, and every form keeps what it held") {
    class_room r;
    const auto url = added(r, "Essay", "50");
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
