// The roles as their users meet them: log lines, students, grades and pages, from services of any make.
#include <signal.h>

#include <catch2/catch.hpp>

#include "scenario/scenario.hpp"
#include "support/foreign_grading.hpp"
#include "support/foreign_json.hpp"
#include "support/foreign_log.hpp"
#include "support/places.hpp"

using namespace distd::test;

namespace {

constexpr auto form = "application/x-www-form-urlencoded";

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

bool allows(const http_answer& a, const std::string& method) {
    return a.status == 405 && holds(a.header("Allow"), method);
}

// The protocol's fields in its order; what else an answer holds stands behind them.
bool shows(const std::string& body, int id, const std::string& first, const std::string& last, int quiz_1,
           int exam, int quiz_2) {
    const auto grade = [](const std::string& title, const std::string& type, int score) {
        return R"({"Title":")" + title + R"(","Type":")" + type + R"(","Score":)" + std::to_string(score) +
               ",";
    };
    return holds(body, R"({"ID":)" + std::to_string(id) + R"(,"FirstName":")" + first + R"(","LastName":")" +
                           last + R"(","Grades":[)" + grade("Quiz 1", "Quiz", quiz_1)) &&
           holds(body, grade("Final Exam", "Exam", exam)) && holds(body, grade("Quiz 2", "Quiz", quiz_2));
}

}  // namespace

TEMPLATE_TEST_CASE(
    "the log service takes lines of any logger: 200 when stored, 400 for nothing, 405 for what it is not for",
    "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    const auto log = start_role(w, "log", {registry_at(registry)});
    soon(w, "it is registered", [&] { return listed(w, registry, "LogService").size() == 1; });

    foreign_service books({.name = "Book Service", .required = {"LogService"}});
    books.start();
    enroll(w, books, registry);
    REQUIRE(books.log_provider() == log);
    for (int i = 1; i <= 5; ++i) books.log("line number " + std::to_string(i));
    soon(w, "its lines are taken", [&] { return books.idle(); });
    const auto answers = books.answers("POST");
    REQUIRE(answers.size() == 6);
    for (const auto& a : answers) CHECK(a.status == 200);
    const auto kept = log_lines(w, log, "line number");
    REQUIRE(kept.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) CHECK(holds(kept[i], "line number " + std::to_string(i + 1)));
    CHECK(holds(kept[0], "Book Service"));

    CHECK(w.http("POST", log + "/log", "", "text/plain").status == 400);
    for (const auto* method : {"PUT", "DELETE", "PATCH"})
        CHECK(allows(w.http(method, log + "/log", "x"), "POST"));
}

TEMPLATE_TEST_CASE("the grading service starts with five students and accepts grades in any letter case",
                   "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    const auto grading = start_role(w, "grading", {registry_at(registry)});

    const auto all = w.http("GET", grading + "/students");
    CHECK(all.status == 200);
    CHECK(holds(all.header("Content-Type"), "application/json"));
    CHECK(foreign_parse(all.body).as_array().size() == 5);
    CHECK(shows(all.body, 1, "Nick", "Carter", 85, 94, 82));
    CHECK(shows(all.body, 2, "Roberto", "Baggio", 100, 100, 81));
    CHECK(shows(all.body, 3, "Emma", "Stone", 67, 0, 75));
    CHECK(shows(all.body, 4, "zhangsan", "san", 44, 0, 66));
    CHECK(shows(all.body, 5, "xiaoqiao", "qiao", 23, 0, 44));
    CHECK(shows(w.http("GET", grading + "/students/1").body, 1, "Nick", "Carter", 85, 94, 82));

    const auto added =
        w.http("POST", grading + "/students/3/grades", R"({"title":"Quiz 3","TYPE":"Quiz","sCoRe":91.5})");
    CHECK(added.status == 201);
    CHECK(holds(added.body, R"({"Title":"Quiz 3","Type":"Quiz","Score":91.5,)"));
    const auto emma = foreign_parse(w.http("GET", grading + "/students/3").body);
    CHECK(foreign_text(emma, "FirstName") == "Emma");
    REQUIRE(foreign_list(emma, "Grades").size() == 4);
    CHECK(foreign_text(foreign_list(emma, "Grades")[3], "Title") == "Quiz 3");

    for (const auto* id : {"6", "0", "abc", "1x", "99999999999999999999"}) {
        INFO(id);
        CHECK(w.http("GET", grading + "/students/" + id).status == 404);
        const auto lost = w.http("POST", grading + "/students/" + id + "/grades",
                                 R"({"Title":"a","Type":"Quiz","Score":1})");
        CHECK(lost.status == 404);
    }
    for (const auto* body : {"", "{", "[1", "grade"}) {
        INFO(body);
        CHECK(w.http("POST", grading + "/students/1/grades", body).status == 400);
    }
    CHECK(allows(w.http("DELETE", grading + "/students"), "GET"));
    CHECK(allows(w.http("PATCH", grading + "/students/1", "{}"), "GET"));
    CHECK(allows(w.http("GET", grading + "/students/1/grades"), "POST"));
}

TEMPLATE_TEST_CASE("the portal shows the grade book and adds a grade", "[scenario]", in_process_world,
                   process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    start_role(w, "log", {registry_at(registry)});
    const auto grading = start_role(w, "grading", {registry_at(registry)});
    const auto portal = start_role(w, "portal", {registry_at(registry)});
    soon(w, "the portal knows the grading service",
         [&] { return w.http("GET", portal + "/students").status == 200; });

    const auto home = w.http("GET", portal + "/");
    CHECK((home.status == 301 || home.status == 308));
    CHECK(home.header("Location") == "/students");
    const auto page = w.http("GET", portal + "/students").body;
    for (const auto* part :
         {"Grade Book", "<a href=\"/students/1\">Carter, Nick</a>", "87.0%", "Baggio, Roberto", "93.7%",
          "Stone, Emma", "47.3%", "san, zhangsan", "36.7%", "qiao, xiaoqiao", "22.3%"}) {
        INFO(part);
        CHECK(holds(page, part));
    }
    const auto nick = w.http("GET", portal + "/students/1");
    CHECK(nick.status == 200);
    for (const auto* part : {"Nick Carter", "Quiz 1", "Final Exam", "<form", "Title", "Type", "Score"})
        CHECK(holds(nick.body, part));
    for (const auto* type : {"Test", "Quiz", "Homework"})
        CHECK(holds(nick.body, "<option value=\"" + std::string(type)));

    const auto stored =
        w.http("POST", portal + "/students/1/grades", "Title=Essay+%26+more&Type=Homework&Score=77", form);
    CHECK(stored.status == 303);
    CHECK(stored.header("Location") == "/students/1");
    CHECK(holds(w.http("GET", portal + "/students/1").body, "Essay &amp; more"));
    CHECK(holds(w.http("GET", grading + "/students/1").body,
                R"({"Title":"Essay & more","Type":"Homework","Score":77,)"));

    for (const auto* score : {"101", "-1", "", "many"}) {
        INFO(score);
        const auto refused = w.http("POST", portal + "/students/1/grades",
                                    "Title=T&Type=Quiz&Score=" + std::string(score), form);
        CHECK(refused.status == 422);
        CHECK(holds(refused.body, "<form"));
    }
    CHECK(w.http("GET", portal + "/students/77").status == 404);
    CHECK(w.http("GET", portal + "/students/x").status == 404);
}

TEMPLATE_TEST_CASE("the portal works with a third-party grading service", "[scenario]", in_process_world,
                   process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_grading grading;
    grading.service().start();
    enroll(w, grading.service(), registry);
    const auto portal = start_role(w, "portal", {registry_at(registry)});
    soon(w, "the portal knows it", [&] { return w.http("GET", portal + "/students").status == 200; });
    const auto page = w.http("GET", portal + "/students").body;
    CHECK(holds(page, "Lovelace, Ada"));
    CHECK(holds(page, "Turing, Alan"));
    CHECK(holds(page, "82.8%"));
    CHECK(holds(w.http("GET", portal + "/students/1").body, "No grades available"));
    CHECK(w.http("POST", portal + "/students/1/grades", "Title=Quiz&Type=Quiz&Score=100", form).status ==
          303);
    REQUIRE(grading.taken().size() == 1);
    CHECK(grading.taken()[0] == R"({"Title":"Quiz","Type":"Quiz","Score":100})");
    CHECK(holds(w.http("GET", portal + "/students/1").body, "100.0%"));
}

TEMPLATE_TEST_CASE(
    "what a grading service of another make does not offer is left out or said so, never a failure",
    "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_grading grading;
    grading.service().start();
    enroll(w, grading.service(), registry);
    const auto portal = start_role(w, "portal", {registry_at(registry)});
    soon(w, "the portal knows it", [&] { return w.http("GET", portal + "/students").status == 200; });

    const auto list = w.http("GET", portal + "/students?q=Ada&sort=-average");
    CHECK(list.status == 200);
    CHECK(holds(list.body, "cannot search"));
    CHECK_FALSE(holds(list.body, "/import"));
    CHECK_FALSE(holds(w.http("GET", portal + "/students/2").body, ">Edit"));
    CHECK(holds(w.http("GET", portal + "/tests").body, "keeps no figures"));
    CHECK(holds(w.http("GET", portal + "/tests/enter").body, "Lovelace, Ada"));
    for (const auto* path : {"/students/1/history", "/students/1/name", "/students/1/delete",
                             "/students/1/grades/1", "/students/1/grades/1/delete", "/export.csv"}) {
        INFO(path);
        const auto page = w.http("GET", portal + path);
        CHECK(page.status == 404);
        CHECK(holds(page.body, "does not support this"));
    }
}

TEMPLATE_TEST_CASE("roles ship log lines to a third-party log service, one per request", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_log log;
    log.service().start();
    enroll(w, log.service(), registry);
    const auto grading = start_role(w, "grading", {registry_at(registry)});
    for (int id = 1; id <= 3; ++id)
        CHECK(w.http("GET", grading + "/students/10" + std::to_string(id)).status == 404);
    w.until("the lines of the requests are there", [&] { return log.place_of("/students/103") >= 0; });
    CHECK(log.place_of("/students/101") < log.place_of("/students/102"));
    CHECK(log.place_of("/students/102") < log.place_of("/students/103"));
    for (const auto& line : log.lines()) {
        INFO(line);
        CHECK(line.starts_with("[GradingService] - "));
        CHECK(line.ends_with("\n"));
        CHECK(std::ranges::count(line, '\n') == 1);
    }
}

TEST_CASE("the book service is a service like any other", "[scenario]") {
    process_world w;
    const auto registry = start_role(w, "registry");
    const auto log = start_role(w, "log", {registry_at(registry)});
    process books({book_service_binary(), "--listen=127.0.0.1:0", registry_at(registry),
                   "--data-dir=" + w.data_dir("books"), "--heartbeat-interval=200ms"},
                  w.data_dir("books.log"));
    books.wait_until_ready();
    const auto url = books.address("BookService");
    w.until("it is registered", [&] { return listed(w, registry, "BookService").size() == 1; });
    CHECK(listed(w, registry, "BookService")[0].url == url);

    const auto answer = w.http("GET", url + "/books");
    CHECK(answer.status == 200);
    CHECK(answer.body == R"([{"ID":1,"Name":"Go"},{"ID":2,"Name":"Python"}])");
    for (const auto* method : {"POST", "PUT", "DELETE"}) CHECK(allows(w.http(method, url + "/books"), "GET"));
    CHECK(w.http("GET", url + "/heartbeat").status == 200);
    w.until("its request is in the log", [&] { return !log_lines(w, log, "path:/books").empty(); });

    books.signal(SIGTERM);
    CHECK(books.wait() == 0);
    CHECK(listed(w, registry, "BookService").empty());
}
