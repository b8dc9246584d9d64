// Times as text and back.
#include <catch2/catch.hpp>

#include "role/log/line/timestamp.hpp"

using namespace distd::logs;

namespace {

std::string normal(std::string_view text) {
    const auto ns = parse_timestamp(text);
    if (!ns) return "refused";
    std::string out;
    append_timestamp(out, *ns);
    return out;
}

}  // namespace

TEST_CASE("a time is kept to the nanosecond and shown in UTC") {
    CHECK(parse_timestamp("1970-01-01T00:00:00Z") == 0);
    CHECK(parse_timestamp("2000-02-29T12:00:00.000000001Z") == 951'825'600'000'000'001);
    CHECK(normal("2026-11-21T04:05:06Z") == "2026-11-21T04:05:06.000000Z");
    CHECK(normal("2026-11-21t04:05:06.5z") == "2026-11-21T04:05:06.500000Z");
    CHECK(normal("2026-11-21 04:05:06.123456789Z") == "2026-11-21T04:05:06.123456789Z");
    CHECK(normal("2026-11-21T04:05:06.1234567899999Z") == "2026-11-21T04:05:06.123456789Z");
    CHECK(normal("2026-11-21T00:05:06+02:30") == "2026-11-20T21:35:06.000000Z");
    CHECK(normal("2026-11-21T00:05:06,25+0230") == "2026-11-20T21:35:06.250000Z");
    CHECK(normal("2026-11-21T00:05:06-02") == "2026-11-21T02:05:06.000000Z");
    CHECK(normal("2026-12-31T23:59:60-01:00") == "2027-01-01T00:59:59.000000Z");
    CHECK(normal("2261-12-31T23:59:59.999999999Z") == "2261-12-31T23:59:59.999999999Z");
}

TEST_CASE("a time without an offset is in UTC, and one may be called so or stand apart") {
    for (const auto* text : {"2026-11-21T04:05:06.5", "2026-11-21 04:05:06,5", "2026-11-21 04:05:06.5 UTC",
                             "2026-11-21 04:05:06.500GMT", "2026-11-21 05:05:06.5 +0100"})
        CHECK(normal(text) == "2026-11-21T04:05:06.500000Z");
    for (const auto* text : {"2026-11-21T04:05Z", "2026-11-21T04:05", "2026-11-21T06:05+02:00"})
        CHECK(normal(text) == "2026-11-21T04:05:00.000000Z");
}

TEST_CASE("a time that was understood is understood again as it is stored") {
    for (const auto* text : {"1970-01-01T00:00:00+01:00", "1970-01-01T00:00:00+23:59",
                             "2261-12-31T23:59:59.999999999-23:59", "1970-01-01T00:00:00-01:00"}) {
        const auto stored = normal(text);
        CHECK(stored != "refused");
        CHECK(normal(stored) == stored);
    }
}

TEST_CASE("what is not a time is refused") {
    for (const auto* text : {"",
                             "now",
                             "2026-11-21",
                             "2026-11-21T04",
                             "2026-11-21T04:05:06 ",
                             "2026-02-30T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-11-21T24:00:00Z",
                             "2026-11-21T04:05:06.Z",
                             "2026-11-21T04:05:06Z ",
                             "2026-11-21T04:05:06+01:",
                             "2026-11-21T04:05:06+010",
                             "2026-11-21T04:05:06+",
                             "1969-12-30T23:59:59Z",
                             "2262-01-02T00:00:00Z",
                             "2026-11-21T04:05:06 Z",
                             "2026-11-21T04:05:06 CET",
                             "2026-11-21T04:05:61Z",
                             "+026-11-21T04:05:06Z",
                             "1795234567"})
        CHECK(normal(text) == "refused");
}
