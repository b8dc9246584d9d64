#include "sim/log_history.hpp"

#include <catch2/catch.hpp>

#include "sim/seeds.hpp"

using namespace distd::sim;

TEST_CASE("a log keeps what it answered, once and in order, whatever fails, stops and dies",
          "[seeds][world]") {
    const auto failures =
        run_seeds("a log keeps what it answered, once and in order, whatever fails, stops and dies",
                  &run_log_history, 20);
    INFO(failures);
    CHECK(failures.empty());
}

TEST_CASE("the same seed is the same history of a log") {
    const auto one = run_seed(7, &run_log_history);
    const auto other = run_seed(7, &run_log_history);
    CHECK(one.hash == other.hash);
}
