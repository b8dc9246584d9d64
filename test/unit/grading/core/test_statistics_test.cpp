// The figures of a test.
#include <catch2/catch.hpp>

#include "role/grading/core/test_statistics.hpp"

using namespace distd::grading;

TEST_CASE("a test's figures are those of its scores, whatever was added and removed before") {
    test_statistics s;
    for (const double score : {85.0, 100.0, 67.0, 44.0, 0.1}) s.add({"Quiz 1", "Quiz", score});
    s.remove({"Quiz 1", "Quiz", 0.1});
    const auto even = s.of("Quiz 1", 100).value();
    CHECK(even.count == 4);
    CHECK(even.mean == 74);
    CHECK(even.median == 76);
    CHECK(even.min == 44);
    CHECK(even.highest == 100);
    CHECK(even.distribution == std::array<std::size_t, 10>{0, 0, 0, 0, 1, 0, 1, 0, 1, 1});
    s.add({"Quiz 1", "Quiz", 44});
    CHECK(s.of("Quiz 1", 100)->median == 67);
    CHECK(s.of("Quiz 1", 1000)->distribution[0] == 4);
}

TEST_CASE("a title without grades has no figures") {
    test_statistics s;
    CHECK_FALSE(s.of("Quiz 1", 100));
    CHECK(s.wire_text(100) == "[]");
    s.add({"Quiz \"1\"", "Quiz", 12.5});
    CHECK(s.wire_text(100) ==
          R"([{"Title":"Quiz \"1\"","Count":1,"Mean":12.5,"Median":12.5,"Min":12.5,"Max":12.5,)"
          R"("Distribution":[0,1,0,0,0,0,0,0,0,0]}])");
    s.remove({"Quiz \"1\"", "Quiz", 12.5});
    CHECK_FALSE(s.of("Quiz \"1\"", 100));
}
