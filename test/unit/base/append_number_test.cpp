#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>

#include "base/append_number.hpp"

using namespace distd;

TEST_CASE("a number is appended as the shortest text that is read back as the same number") {
    std::string out = "n=";
    append_number(out, 0);
    append_number(out, std::numeric_limits<std::int64_t>::min());
    CHECK(out == "n=0-9223372036854775808");
    out.clear();
    append_number(out, std::numeric_limits<std::uint64_t>::max(), 2);
    CHECK(out == std::string(64, '1'));
    out.clear();
    append_number(out, std::uint64_t{0xCAFE}, 16);
    CHECK(out == "cafe");
    out.clear();
    append_number(out, 0.1);
    out += ' ';
    append_number(out, 1e300);
    CHECK(out == "0.1 1e+300");
}
