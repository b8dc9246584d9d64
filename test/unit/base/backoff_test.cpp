// How long is waited before something that fails is tried again.
#include "base/backoff.hpp"

#include <catch2/catch.hpp>
#include <limits>

using namespace distd;

TEST_CASE("a backoff doubles up to its maximum, and at least half of it is waited") {
    const milliseconds first(100), max(1000);
    for (const auto& [failures, span] : {std::pair(0U, 100),
                                         {1U, 100},
                                         {2U, 200},
                                         {4U, 800},
                                         {5U, 1000},
                                         {6U, 1000},
                                         {std::numeric_limits<unsigned>::max(), 1000}}) {
        const auto half = static_cast<std::uint64_t>(span / 2);
        CHECK(backoff(failures, first, max, 0) == milliseconds(span / 2));
        CHECK(backoff(failures, first, max, half) == milliseconds(span));
        CHECK(backoff(failures, first, max, half + 1) == milliseconds(span / 2));
        CHECK(backoff(failures, first, max, std::numeric_limits<std::uint64_t>::max()) <= milliseconds(span));
    }
}
