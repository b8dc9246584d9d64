// Points in time are written and read as RFC 3339 has them.
#include "base/timestamp.hpp"

#include <catch2/catch.hpp>

using namespace distd;

TEST_CASE("a time is read back as it was written") {
    const wall_point t(milliseconds(1'795'262'400'250));
    CHECK(parse_rfc3339(rfc3339(t, time_digits::milliseconds)) == t);
    CHECK(parse_rfc3339("2026-11-21T12:00:00.250999Z") == t);
    CHECK(parse_rfc3339("2026-11-21 12:00:00.25Z") == t);
    CHECK(parse_rfc3339("2026-11-21T12:00:00Z") == t - milliseconds(250));
    CHECK(parse_rfc3339("2016-12-31T23:59:60Z") == parse_rfc3339("2016-12-31T23:59:59Z"));
    CHECK(parse_rfc3339("2261-12-31T23:59:59Z"));
    CHECK(unix_ms(t) == 1'795'262'400'250);
    CHECK(unix_ms(wall_point(std::chrono::microseconds(-1))) == -1);
}

TEST_CASE("what is no time in UTC is refused") {
    for (const auto* other : {"",
                              "now",
                              "2026-13-21T12:00:00Z",
                              "2026-02-30T12:00:00Z",
                              "2026-11-21T12:00:00",
                              "2026-11-21",
                              "2026-11-21x12:00:00Z",
                              "2026/11/21T12:00:00Z",
                              "2026-11-21T99:99:99Z",
                              "2026-11-21T24:00:00Z",
                              "2026-11-21T12:60:00Z",
                              "2026-11-21T12:00:61Z",
                              "2026-11-21T-1:00:00Z",
                              "2026-11-21T12:00:00.Z",
                              "2026-11-21T12:00:00+01:00",
                              "2026-11-21T12:00:00Zjunk Z",
                              "9999-11-21T12:00:00Z",
                              "1677-12-31T12:00:00Z",
                              "2262-01-01T12:00:00Z",
                              "0001-01-01T00:00:00Z"})
        CHECK_FALSE(parse_rfc3339(other));
}
