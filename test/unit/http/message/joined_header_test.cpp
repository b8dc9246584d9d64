#include "http/message/joined_header.hpp"

#include <catch2/catch.hpp>

using namespace distd::http;

TEST_CASE("the lines of a field are one list, and a field that is not there is none") {
    const std::vector<head_field> fields{
        {"Via", "1.0 a"}, {"Host", "b"}, {"via", ""}, {"VIA", "1.1 c, 1.1 d"}, {"Empty", ""}};
    CHECK(joined_header(fields, "via") == "1.0 a, 1.1 c, 1.1 d");
    CHECK(joined_header(fields, "Host") == "b");
    CHECK(joined_header(fields, "Empty") == "");
    CHECK_FALSE(joined_header(fields, "Vi"));
}
