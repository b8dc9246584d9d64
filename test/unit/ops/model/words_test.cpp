// Numbers and times as people read them.
#include "ops/model/words.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::ops;

TEST_CASE("a quantity has few digits, and its unit apart") {
    CHECK(as_rate({}).text() == nothing);
    CHECK(as_rate(0) == quantity{"0", "/s"});
    CHECK(as_rate(0.02) == quantity{"<0.1", "/s"});
    CHECK(as_rate(8) == quantity{"8.0", "/s"});
    CHECK(as_rate(41.4) == quantity{"41", "/s"});
    CHECK(as_rate(1500) == quantity{"1.5", "k/s"});
    CHECK(as_latency(20) == quantity{"<0.1", "ms"});
    CHECK(as_latency(60) == quantity{"0.1", "ms"});
    CHECK(as_latency(400) == quantity{"0.4", "ms"});
    CHECK(as_latency(118'000) == quantity{"118", "ms"});
    CHECK(as_latency(2'010'000) == quantity{"2.01", "s"});
    CHECK(as_percent(0, 10) == quantity{"0", "%"});
    CHECK(as_percent(21, 1000) == quantity{"2.1", "%"});
    CHECK(as_percent(1, 100'000) == quantity{"<0.1", "%"});
    CHECK(as_percent(1, 0) == quantity{"0", "%"});
    CHECK(as_age(seconds(4)) == quantity{"4", "s"});
    CHECK(as_age(std::chrono::minutes(38)) == quantity{"38", "min"});
    CHECK(as_age(std::chrono::hours(47)) == quantity{"47", "h"});
    CHECK(as_age(std::chrono::hours(288)) == quantity{"12", "d"});
    CHECK(grouped(2318) == "2\u202f318");
    CHECK(grouped(-1234567) == "-1\u202f234\u202f567");
    CHECK(grouped(318) == "318");
}

TEST_CASE("a list names some and counts the others") {
    CHECK(listed({}, 3).empty());
    CHECK(listed({"a"}, 3) == "a");
    CHECK(listed({"a", "b"}, 3) == "a and b");
    CHECK(listed({"a", "b", "c"}, 3) == "a, b and c");
    CHECK(listed({"a", "b", "c", "d"}, 2) == "a, b and 2 more");
}

TEST_CASE("a time is shown as its day and its clock") {
    const wall_point t(milliseconds(1'795'262'400'250));
    CHECK(clock_of(t) == "12:00:00");
    CHECK(day_of(t) == "2026-11-21");
}

TEST_CASE("a text from outside is one line that moves nothing beside it") {
    CHECK(one_line("a\nb\tc", 10) == "a b c");
    CHECK(one_line("a\u202Eb\u2066c\u200F", 10) == "abc");
    CHECK(one_line("überlänge", 4) == "über…");
    CHECK(one_line("\xC3\xFF!", 4) == "\ufffd\ufffd!");
    CHECK(one_line("a\u009bb\u2028c", 10) == "a b c");
    CHECK(one_line("a\u200bb\u200d", 10) == "ab");
    CHECK(one_line("\xE0\x80\x8A", 10) == "\ufffd\ufffd\ufffd");  // an overlong newline
    CHECK(one_line("\xF0\x9F\x98\x80!", 1) == "\xF0\x9F\x98\x80…");
}

TEST_CASE("the host of a URL in any spelling is its machine") {
    CHECK(host_of("http://10.0.0.7:8100") == "10.0.0.7");
    CHECK(host_of("http://10.0.0.7:8100/base?a") == "10.0.0.7");
    CHECK(host_of("localhost:8000/path") == "localhost");
    CHECK(host_of("http://[::1]:80") == "[::1]");
    CHECK(host_of("https://example.org/") == "example.org");
}
