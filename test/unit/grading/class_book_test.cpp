// The bodies that are served: exact keys and numbers, made once per change, a new validator for new content.
#include <catch2/catch.hpp>

#include "role/grading/core/class_book.hpp"

using namespace distd::grading;

namespace {

class_book two_students() {
    return class_book({{1, "Nick", "Carter", {{"Quiz 1", "Quiz", 85}}}, {2, "Ro\"b", "Baggio", {}}});
}

}  // namespace

TEST_CASE(
    "students are served with the protocol's keys, whole scores without a point, no grades as an empty "
    "list") {
    auto book = two_students();
    CHECK(*book.all().text == R"([{"ID":1,"FirstName":"Nick","LastName":"Carter",)"
                              R"("Grades":[{"Title":"Quiz 1","Type":"Quiz","Score":85}]},)"
                              R"({"ID":2,"FirstName":"Ro\"b","LastName":"Baggio","Grades":[]}])");
    book.add_grade(2, {"Exam", "Exam", 87.5});
    book.add_grade(2, {"Essay", "Homework", 0});
    CHECK(*book.find(2)->text == R"({"ID":2,"FirstName":"Ro\"b","LastName":"Baggio",)"
                                 R"("Grades":[{"Title":"Exam","Type":"Exam","Score":87.5},)"
                                 R"({"Title":"Essay","Type":"Homework","Score":0}]})");
    CHECK(book.find(3) == nullptr);
    CHECK(*class_book().all().text == "[]");
}

TEST_CASE("a body is made once per change, and its validator follows the content") {
    auto book = two_students();
    const auto all = book.all();
    const auto first = *book.find(1);
    const auto second = *book.find(2);
    CHECK(book.all().text == all.text);
    book.add_grade(2, {"Exam", "Exam", 50});
    CHECK(book.all().etag != all.etag);
    CHECK(book.find(2)->etag != second.etag);
    CHECK(book.find(1)->text == first.text);
    CHECK(two_students().all().etag == all.etag);
}
