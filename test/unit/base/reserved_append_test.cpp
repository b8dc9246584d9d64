// Pieces of text that are put together beside a string, or at its end.
#include "base/reserved_append.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace distd;

TEST_CASE("pieces are appended in order, also empty ones and more than fit beside the string") {
    const std::size_t max = GENERATE(64, 4096);
    std::string out = "begin ";
    reserved_append(out, max) << "n=" << std::string_view() << std::int64_t{-9'000'000'000} << " "
                              << std::uint16_t{7} << std::string_view("") << ";";
    CHECK(out == "begin n=-9000000000 7;");
}
