// A number is what a whole text stands for.
#include "base/parse_number.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace distd;

TEST_CASE("a text that is a number is read, and one that only begins with it is not") {
    CHECK(parse_number<int>("-12") == -12);
    CHECK(parse_number<std::uint8_t>("255") == 255);
    CHECK(parse_number<std::uint64_t>("ff", 16) == 255);
    CHECK(parse_number<double>("2.5e3") == 2500.0);
    for (const auto* other : {"", " 1", "1 ", "+1", "1x", "0x1", "1.0", "99999999999"})
        CHECK_FALSE(parse_number<int>(other));
    for (const auto* other : {"-1", "256"}) CHECK_FALSE(parse_number<std::uint8_t>(other));
    for (const auto* other : {"", "+1", "1,5", "1e", "1e999"}) CHECK_FALSE(parse_number<double>(other));
}
