// Students, grades and weights as resources: changed one by one, by several people at once, by requests that
// come twice; and what the history tells of it.
#include <catch2/catch.hpp>

#include "role/grading_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;

}  // namespace

TEST_CASE("a student is added, renamed and removed, and all of it is still so after a restart") {
    grade_book g;
    const auto added = g.send("POST", "/students", R"({"FirstName":"Zoë","LastName":"Stone"})");
    CHECK(added.status == 201);
    CHECK(added.header("Location") == "/students/6");
    CHECK(added.header("ETag") == "\"1\"");
    CHECK(added.body == R"({"ID":6,"FirstName":"Zoë","LastName":"Stone","Grades":[],"Average":null,)"
                        R"("Averages":{},"Version":1})");
    CHECK(g.get("/students/6").body == added.body);

    const auto renamed = g.send("PUT", "/students/6", R"({"firstname":"Zoe","lastname":"Stone"})");
    CHECK(renamed.status == 200);
    CHECK(renamed.body == g.get("/students/6").body);
    CHECK_THAT(renamed.body, Contains(R"("FirstName":"Zoe")"));

    const auto removed = g.send("DELETE", "/students/5");
    CHECK(removed.status == 204);
    CHECK(removed.body.empty());
    CHECK(g.get("/students/5").status == 404);
    CHECK(g.send("DELETE", "/students/5").status == 404);
    const auto all = g.get("/students").body;
    g.restart();
    CHECK(g.get("/students").body == all);
}

TEST_CASE("a grade is read, changed and removed by its own number") {
    grade_book g;
    CHECK(g.get("/students/1/grades/2").body == R"({"Title":"Final Exam","Type":"Exam","Score":94,"ID":2})");
    CHECK(g.get("/students/1/grades/4").status == 404);  // another student's
    CHECK(g.get("/students/1/grades/x").status == 404);
    const auto changed =
        g.send("PUT", "/students/1/grades/2", R"({"Title":"Final","Type":"exam","Score":95})");
    CHECK(changed.status == 200);
    CHECK(changed.body == R"({"Title":"Final","Type":"Exam","Score":95,"ID":2})");
    CHECK(changed.header("ETag") == "\"2\"");
    CHECK(g.send("DELETE", "/students/1/grades/1").status == 204);
    CHECK(g.send("DELETE", "/students/1/grades/1").status == 404);
    CHECK(g.send("PUT", "/students/1/grades/1", R"({"Title":"T","Type":"Exam","Score":1})").status == 404);
    const auto nick = g.get("/students/1").body;
    CHECK_THAT(nick,
               Contains(R"("Grades":[{"Title":"Final","Type":"Exam","Score":95,"ID":2},{"Title":"Quiz 2")"));
    g.restart();
    CHECK(g.get("/students/1").body == nick);
}

TEST_CASE("content that breaks a rule is answered with 422, the field and the limit") {
    grade_book g({"--grading-highest-score=20"});
    const auto name = g.send("POST", "/students", R"({"FirstName":"","LastName":5})");
    CHECK(name.status == 422);
    CHECK(name.header("Content-Type") == "application/problem+json");
    CHECK_THAT(
        name.body,
        Contains(
            R"({"field":"FirstName","detail":"must have 1 to 100 characters that are not all spaces"})") &&
            Contains(R"({"field":"LastName","detail":"expected a string, found a number"})"));
    CHECK(g.send("PUT", "/students/1", "{").status == 400);
    CHECK(g.send("PUT", "/students/9", "{").status == 404);
    const auto score = g.add("1", R"({"Title":"T","Type":"Quiz","Score":21})");
    CHECK(score.status == 422);
    CHECK_THAT(score.body, Contains("must be from 0 to 20, is 21"));
    CHECK(g.send("PUT", "/weights", R"({"Exam":"much"})").status == 422);
}

TEST_CASE("the limits can be asked for") {
    grade_book g({"--grading-highest-score=20"});
    CHECK(g.get("/limits").body ==
          R"({"HighestScore":20,"Types":["Quiz","Test","Exam","Homework"],"LongestTitle":200,)"
          R"("LongestName":100,"HighestWeight":1000})");
    CHECK(g.add("1", R"({"Title":"T","Type":"Quiz","Score":20})").status == 201);
}

TEST_CASE(
    "an If-Match without quotes is answered with what it should be; figures in refusals are plain numbers") {
    grade_book g({"--grading-highest-score=150"});
    CHECK(g.add("1", R"({"Title":"T","Type":"Test","Score":120.5})").status == 201);
    const auto a = g.send("DELETE", "/students/1", {}, "If-Match: 2\r\n");
    CHECK(a.status == 412);
    CHECK_THAT(a.body, Contains(R"(it takes the ETag with its quotes, such as \"2\")") &&
                           Contains(R"("yourVersions":[],"currentVersion":2)") &&
                           Contains(R"("Test":120.5)"));
}

TEST_CASE("of two people who change the same version one gets the conflict, with both versions") {
    grade_book g;
    const auto tag = g.get("/students/1").header("ETag");
    CHECK(tag == "\"1\"");
    const auto if_match = "If-Match: " + tag + "\r\n";
    const std::string grade = R"({"Title":"T","Type":"Quiz","Score":1})";
    CHECK(g.send("POST", "/students/1/grades", grade, if_match).status == 201);
    for (const auto& [method, path] : {std::pair{"PUT", "/students/1/grades/1"},
                                       {"DELETE", "/students/1/grades/1"},
                                       {"POST", "/students/1/grades"},
                                       {"DELETE", "/students/1"}}) {
        const auto late = g.send(method, path, *method == 'D' ? "" : grade, if_match);
        CHECK(late.status == 412);
        CHECK(late.header("ETag") == "\"2\"");
        CHECK_THAT(late.body, Contains(R"("yourVersions":[1],"currentVersion":2,"current":{"ID":1,)") &&
                                  Contains(R"("Version":2},"yours":{"ID":1,"FirstName":"Nick",)") &&
                                  Contains(R"("Version":1})"));
    }
    g.restart();
    CHECK(g.get("/students/1").header("ETag") == "\"2\"");
    const std::string name = R"({"FirstName":"N","LastName":"C"})";
    CHECK(g.send("PUT", "/students/1", name, "If-Match: \"x\", W/\"2\"\r\n").status == 412);
    CHECK(g.send("PUT", "/students/1", name, "If-Match:\r\n").status == 412);
    CHECK(g.send("PUT", "/students/1", name, "If-Match: \"x\"\r\nIf-Match: \"1\", \"2\"\r\n").status == 200);
    CHECK(g.send("PUT", "/students/1", name, "If-Match: *\r\n").status == 200);
    CHECK(exchange(
              "GET", g.url() + "/students/1", {}, {}, [&] { g.w.pump(); }, "If-None-Match: \"4\"\r\n")
              .status == 304);
}

TEST_CASE("a POST that is sent again with its key counts once, also after a restart") {
    grade_book g;
    const std::string key = "Idempotency-Key: 7f3a\r\n";
    const std::string grade = R"({"Title":"T","Type":"Quiz","Score":1})";
    const auto first = g.send("POST", "/students/1/grades", grade, key);
    CHECK(first.status == 201);
    g.restart();
    const auto second = g.send("POST", "/students/1/grades", grade, key);
    CHECK(second.status == 201);
    CHECK(second.body == first.body);
    CHECK(second.header("Location") == first.header("Location"));
    CHECK(second.header("ETag") == first.header("ETag"));
    CHECK(second.header("Idempotency-Replayed") == "true");
    CHECK(g.get("/students/1/grades/17").status == 404);
    CHECK(g.send("POST", "/students/2/grades", grade, key).status == 422);
    CHECK(g.send("POST", "/students", R"({"FirstName":"A","LastName":"B"})", key).status == 422);
    CHECK(g.send("POST", "/students/1/grades", grade, "Idempotency-Key: " + std::string(201, 'k') + "\r\n")
              .status == 400);
}

TEST_CASE("the weights of the types decide the average") {
    grade_book g;
    CHECK(g.get("/weights").body == R"({"Quiz":1,"Test":1,"Exam":1,"Homework":1})");
    CHECK(g.send("PUT", "/weights", R"({"exam":0})").body == R"({"Quiz":1,"Test":1,"Exam":0,"Homework":1})");
    const auto nick = g.get("/students/1");
    CHECK_THAT(nick.body, Contains(R"("Average":83.5,"Averages":{"Quiz":83.5,"Exam":94},"Version":2)"));
    CHECK(nick.header("ETag") == "\"2\"");
    g.restart();
    CHECK(g.get("/students/1").body == nick.body);
    CHECK(g.get("/weights").body == R"({"Quiz":1,"Test":1,"Exam":0,"Homework":1})");
}

TEST_CASE(
    "the history tells every change, of all and of one student, in pages, and undoing makes a new entry") {
    grade_book g;
    const auto renamed = g.send("PUT", "/students/1", R"({"FirstName":"N","LastName":"C"})");
    CHECK(renamed.status == 200);
    CHECK(g.send("DELETE", "/students/2").status == 204);
    const auto all = g.get("/history");
    CHECK_THAT(all.body, Contains(R"("RequestID":")" + renamed.header("X-Request-Id") +
                                  R"(","Action":"student_changed","StudentID":1,"GradeID":null,)"
                                  R"("Before":{"FirstName":"Nick","LastName":"Carter"},)"
                                  R"("After":{"FirstName":"N","LastName":"C"},"Undoes":null},{"ID":2,)"));
    CHECK(all.header("Link").empty());
    const auto first = g.get("/history?limit=1");
    CHECK(first.header("Link") == "</history?after=1&limit=1>; rel=\"next\"");
    CHECK_THAT(g.get("/history?after=1&limit=1").body,
               Contains("student_removed") && !Contains("student_changed"));
    CHECK_THAT(g.get("/students/2/history").body, Contains("Roberto") && !Contains("student_changed"));
    CHECK(g.get("/history?limit=0").status == 400);
    CHECK(g.get("/history?after=x").status == 400);

    const auto undone = g.send("POST", "/history/2/undo");
    CHECK(undone.status == 201);
    CHECK(undone.body == R"({"Entry":3,"Undoes":2})");
    CHECK_THAT(g.get("/students/2").body, Contains("Roberto") && Contains("Final Exam"));
    CHECK_THAT(g.get("/history?after=2").body,
               Contains(R"("Action":"student_restored")") && EndsWith(R"("Undoes":2}])"));
    CHECK(g.send("POST", "/history/2/undo").status == 409);
    CHECK(g.send("POST", "/history/99/undo").status == 404);
    CHECK(g.send("POST", "/history/x/undo").status == 404);
}
