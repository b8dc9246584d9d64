// What a table would do to the grade book, line by line.
#include <catch2/catch.hpp>

#include "role/grading/core/import_plan.hpp"
#include "support/held_memory.hpp"

using namespace distd;
using namespace distd::grading;

namespace {

grade_book_state small_book() {
    return grade_book_state({{1, "Nick", "Carter", {{"Quiz 1", "Quiz", 85, 1}}, 1},
                             {2, "Same", "Name", {}, 1},
                             {3, "Same", "Name", {}, 1}});
}

struct planned {
    explicit planned(const std::string& text) : plan(book, {}) {
        while (plan.learn_names()) {}
        plan.feed(text);
        plan.finish();
    }
    grade_book_state book = small_book();
    import_plan plan;
};

const std::string head = "StudentID,FirstName,LastName,GradeID,Title,Type,Score\n";

}  // namespace

TEST_CASE("an export that comes back changes nothing") {
    std::string text;
    append_table_head(text);
    const auto book = small_book();
    for (const auto* s = book.next_after(-1); s; s = book.next_after(s->id)) append_table_lines(text, *s);
    planned p(text);
    CHECK(p.plan.error().empty());
    CHECK(p.plan.take_wire_text({}) ==
          R"({"Lines":3,"Added":0,"Changed":0,"Unchanged":3,"Rejected":0,"Report":[]})");
    CHECK(p.plan.take_steps().empty());
}

TEST_CASE("lines add and change students and grades, and say so") {
    planned p(head +
              "1,Nicola,Carter,1,Quiz 1,quiz,90\n"
              ",Nick,Carter,,Essay,Homework,87.5\n"
              ",New,One,,T1,Test,1\n"
              ",New,One,,T2,Test,2\n"
              ",Other,One,,,,\n");
    CHECK(p.plan.error().empty());
    CHECK(p.plan.take_wire_text({}) ==
          R"({"Lines":5,"Added":4,"Changed":1,"Unchanged":0,"Rejected":0,"Report":[)"
          R"({"Line":2,"Outcome":"changed","Detail":"a name and a grade"},)"
          R"({"Line":3,"Outcome":"added","Detail":"a grade"},)"
          R"({"Line":4,"Outcome":"added","Detail":"a student and a grade"},)"
          R"({"Line":5,"Outcome":"added","Detail":"a grade"},)"
          R"({"Line":6,"Outcome":"added","Detail":"a student"}]})");
    const auto steps = p.plan.take_steps();
    REQUIRE(steps.size() == 5);
    CHECK(steps[0].value == grade{"Quiz 1", "Quiz", 90, 1});
    CHECK(steps[1].student_id == 1);
    CHECK(steps[2].new_student == steps[3].new_student);
    CHECK(steps[2].new_student != steps[4].new_student);
}

TEST_CASE("a line that cannot be taken is rejected with the reason, and the others stay") {
    planned p(head +
              "9,A,B,,,,\n,Same,Name,,,,\n1,,,7,T,Quiz,1\n1,,,,T,Party,1\n1,,,,T,Quiz,x\n1,,,,T,Quiz,101\n"
              "1,,,1,,,\n,,B,,,,\n,\xff,B,,,,\n1,,,,ok,Quiz,1\n");
    const auto text = p.plan.take_wire_text({});
    for (const auto* reason :
         {"\"Line\":2,\"Outcome\":\"rejected\",\"Detail\":\"StudentID: there is no such student",
          "several students", "GradeID: the student has no such grade", "Type must be Quiz",
          "Score must be a number", "is 101", "Title, Type and Score are missing",
          "FirstName must have 1 to 100", "FirstName is not UTF-8"})
        CHECK_THAT(text, Catch::Contains(reason));
    CHECK_THAT(text, Catch::StartsWith(R"({"Lines":10,"Added":1,"Changed":0,"Unchanged":0,"Rejected":9,)"));
    CHECK(p.plan.take_steps().size() == 1);
}

TEST_CASE("columns are found by name, whatever their order") {
    planned p("score,Room,type,title,student_id\r\n7,12,Quiz,T,1\r\n");
    CHECK(p.plan.take_steps().at(0).value == grade{"T", "Quiz", 7, 0});
    CHECK_THAT(planned("Title,Score\nx,1\n").plan.error(), Catch::Contains("columns must have StudentID"));
    CHECK_THAT(planned("").plan.error(), Catch::Contains("first line"));
    CHECK_THAT(planned(head + "\"").plan.error(), Catch::Contains("not closed"));
}

TEST_CASE("a table of more lines than are taken is refused as a whole") {
    grade_book_state book;
    import_plan plan(book, {});
    plan.feed(head);
    for (std::size_t i = 0; i <= max_import_lines; ++i) plan.feed("x\n");
    CHECK_THAT(plan.error(), Catch::Contains("more than 100000 lines"));
}

TEST_CASE("the longest table is held in bounded memory, and of a longer one nothing more") {
    const grade_book_state book = small_book();
    const auto before = test::held_memory();
    std::size_t max = 0;
    import_plan plan(book, {});
    while (plan.learn_names()) {}
    const auto feed_lines = [&](std::size_t count) {
        constexpr std::size_t lines_in_piece = 1000;
        for (std::size_t i = 0; i < count; i += lines_in_piece) {
            std::string piece;
            for (std::size_t k = 0; k < lines_in_piece; ++k)
                piece += ",First" + std::to_string(i + k) +
                         ",Surname-of-a-usual-length,,Essay on a theme,Homework,87.5\n";
            plan.feed(piece);
            max = std::max(max, test::held_memory() - before);
        }
    };
    plan.feed(head);
    feed_lines(max_import_lines);
    CHECK(plan.error().empty());
    constexpr std::size_t for_a_line = 700;  // its step, its lines in the report, the name of a new student
    CHECK(max < max_import_lines * for_a_line);
    const auto full = test::held_memory();
    feed_lines(max_import_lines);
    CHECK_FALSE(plan.error().empty());
    CHECK(test::held_memory() <= full + 64 * 1024);
}

TEST_CASE("a line with more cells than columns is rejected: a decimal comma must not become another score") {
    planned p(head + "1,,,,Essay,Quiz,87,5\n" + "1,,,,Essay,Quiz,\"87,5\"\n" + "1,,,,Essay,Quiz,87.5\n");
    const auto report = p.plan.take_wire_text({});
    CHECK_THAT(report, Catch::Contains(R"("Added":1,"Changed":0,"Unchanged":0,"Rejected":2)") &&
                           Catch::Contains(R"({"Line":2,"Outcome":"rejected","Detail":"more cells)") &&
                           Catch::Contains(R"({"Line":3,"Outcome":"rejected","Detail":"Score must be)"));
}

TEST_CASE("a column that occurs twice is refused: nobody knows which one was meant") {
    CHECK(planned("StudentID,Title,Type,Score,score\n1,A,Quiz,1,2\n").plan.error() ==
          "line 1: the column Score occurs twice");
}

TEST_CASE("a table with semicolons is distinguished from one without the columns") {
    CHECK(planned("StudentID;Title;Type;Score\n").plan.error() ==
          "line 1: the cells must be separated by commas, not by semicolons");
    CHECK_THAT(planned("A,B\n").plan.error(), Catch::Contains("must have StudentID"));
}
