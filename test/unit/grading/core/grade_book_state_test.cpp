// The bodies that are served: exact keys and numbers, made once per change, a new validator for new content.
#include <catch2/catch.hpp>

#include "role/grading/core/grade_book_state.hpp"

using namespace distd::grading;

namespace {

grade_book_state two_students() {
    return grade_book_state({{1, "Nick", "Carter", {{"Quiz 1", "Quiz", 85, 1}}}, {2, "Ro\"b", "Baggio", {}}});
}

}  // namespace

TEST_CASE(
    "students are served with the protocol's keys, whole scores without a point, no grades as an empty "
    "list") {
    auto book = two_students();
    CHECK(*book.all().text == R"([{"ID":1,"FirstName":"Nick","LastName":"Carter",)"
                              R"("Grades":[{"Title":"Quiz 1","Type":"Quiz","Score":85,"ID":1}],"Average":85,)"
                              R"("Averages":{"Quiz":85},"Version":1},)"
                              R"({"ID":2,"FirstName":"Ro\"b","LastName":"Baggio","Grades":[],"Average":null,)"
                              R"("Averages":{},"Version":1}])");
    book.apply(grade_saved{2, 2, {"Essay", "Homework", 0, 9}});
    book.apply(grade_saved{2, 3, {"Exam", "Exam", 87.5, 8}});
    CHECK(*book.find(2)->text == R"({"ID":2,"FirstName":"Ro\"b","LastName":"Baggio",)"
                                 R"("Grades":[{"Title":"Exam","Type":"Exam","Score":87.5,"ID":8},)"
                                 R"({"Title":"Essay","Type":"Homework","Score":0,"ID":9}],)"
                                 R"("Average":43.75,"Averages":{"Exam":87.5,"Homework":0},"Version":3})");
    CHECK(book.find(3) == nullptr);
    CHECK(*grade_book_state().all().text == "[]");
}

TEST_CASE("a body is made once per change, and its validator follows the content") {
    auto book = two_students();
    const auto all = book.all();
    const auto first = *book.find(1);
    const auto second = *book.find(2);
    CHECK(book.all().text == all.text);
    book.apply(grade_saved{2, 2, {"Exam", "Exam", 50, 2}});
    CHECK(book.all().etag != all.etag);
    CHECK(book.find(2)->etag != second.etag);
    CHECK(book.find(1)->text == first.text);
    CHECK(two_students().all().etag == all.etag);
}

TEST_CASE("a book follows what was committed: names, grades, students and weights") {
    auto book = two_students();
    book.apply(student_named{1, 2, "Nicola", "Carter"});
    book.apply(grade_saved{1, 3, {"Exam", "Exam", 40, 2}});
    book.apply(grade_saved{1, 4, {"Quiz 1", "Quiz", 80, 1}});
    CHECK(*book.look_up(1) ==
          student{1, "Nicola", "Carter", {{"Quiz 1", "Quiz", 80, 1}, {"Exam", "Exam", 40, 2}}, 4});
    type_weights exams_thrice;
    exams_thrice.of[2] = 3;
    book.apply(weights_set{exams_thrice});
    CHECK_THAT(*book.find(1)->text, Catch::Contains(R"("Average":50,)"));
    CHECK(book.find(1)->etag == "5");
    book.apply(grade_gone{1, 6, 1});
    CHECK(book.look_up(1)->grades.size() == 1);
    book.apply(student_gone{1});
    CHECK(book.find(1) == nullptr);
    CHECK(book.size() == 1);
    book.apply(student_saved{{7, "New", "One", {}, 1}});
    CHECK(book.has(7));
}

TEST_CASE("an average is nothing when no grade counts") {
    type_weights none{{0, 0, 0, 0}};
    CHECK_FALSE(average({}, {}).value());
    CHECK_FALSE(average({{"Quiz 1", "Quiz", 85, 1}}, none).value());
    CHECK(average_of_type({{"Quiz 1", "Quiz", 85, 1}}, "Quiz") == 85.0);
    CHECK_FALSE(average_of_type({{"Quiz 1", "Quiz", 85, 1}}, "Exam"));
}
