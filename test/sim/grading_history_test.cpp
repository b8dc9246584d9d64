#include "sim/grading_history.hpp"

#include <catch2/catch.hpp>

#include "sim/seeds.hpp"

using namespace distd::sim;

TEST_CASE("a grade book keeps what it answered, once, whatever fails, stops and dies", "[seeds][world]") {
    const auto failures =
        run_seeds("a grade book keeps what it answered, once, whatever fails, stops and dies",
                  &run_grading_history, 20);
    INFO(failures);
    CHECK(failures.empty());
}

TEST_CASE("the same seed is the same history of a grade book") {
    const auto one = run_seed(7, &run_grading_history);
    const auto other = run_seed(7, &run_grading_history);
    CHECK(one.hash == other.hash);
}
