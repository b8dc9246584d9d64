#include "sim/registry_history.hpp"

#include <catch2/catch.hpp>

#include "sim/seeds.hpp"

using namespace distd::sim;

TEST_CASE("a registry and its peers keep every promise whatever fails, stops and dies", "[seeds][world]") {
    const auto failures =
        run_seeds("a registry and its peers keep every promise whatever fails, stops and dies",
                  &run_registry_history, 12);
    INFO(failures);
    CHECK(failures.empty());
}

TEST_CASE("the same seed is the same history of a registry") {
    const auto one = run_seed(7, &run_registry_history);
    const auto other = run_seed(7, &run_registry_history);
    CHECK(one.hash == other.hash);
}
