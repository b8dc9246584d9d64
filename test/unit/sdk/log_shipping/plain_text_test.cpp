// What a log service of the base protocol gets: the same bytes as from every version before.
#include "sdk/log_shipping/plain_text.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "base/logging/log_values.hpp"
#include "base/logging/shipped_record.hpp"
#include "support/record_text.hpp"
#include "unit/base/logging/sample_records.hpp"

using namespace distd;
using namespace distd::test;

namespace {

std::string text_of(const auto& record) {
    std::string out;
    log_stamp stamp;
    append_shipped_record(out, stamp, shipped_origin("S", "http://a:1"), record);
    return test::record_text(out);
}

std::string text_of(std::string_view event, std::initializer_list<log_field> fields) {
    return text_of(log_record{wall_point(), log_level::info, "S", event, fields});
}

std::string value(std::string_view v) { return text_of("e", {{"k", v}}); }

}  // namespace

TEST_CASE("a value is unquoted only if it is unambiguous") {
    CHECK(value("http://localhost:4000/log") == "e k=http://localhost:4000/log");
    CHECK(value("") == "e k=\"\"");
    CHECK(value("a=b") == "e k=\"a=b\"");
    CHECK(value("say \"hi\"") == R"(e k="say \"hi\"")");
    CHECK(value("a\\b") == R"(e k="a\\b")");
    CHECK(value("x\n2026-01-01T00:00:00.000Z ERROR forged") ==
          R"(e k="x\n2026-01-01T00:00:00.000Z ERROR forged")");
    CHECK(value("\x1b[2J\r\x7f") == R"(e k="\u001b[2J\r\u007f")");
    CHECK(value("\xff") == "e k=\"\xef\xbf\xbd\"");
    CHECK(value(R"(",}{)") == R"(e k="\",}{")");
}

TEST_CASE("fields are written as they were given") {
    CHECK(text_of("two words", {{"n", 17}, {"on", true}, {"load", 1e20}, {"none", std::nan("")}}) ==
          R"("two words" n=17 on=true load=1e+20 none=nan)");
    CHECK(text_of("e", {{"service", "x"}, {"time", 1}, {"trace", 4}, {"span", "b"}, {"bytes", 9}}) ==
          "e service=x time=1 trace=4 span=b bytes=9");
    CHECK(text_of("request", {{"remote", "r"}, {"bytes", 9}, {"request_id", "i"}}) ==
          "request remote=r bytes=9 request_id=i");
}

TEST_CASE("a cut value is the same wherever it is cut") {
    for (const auto* character : {"x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
        for (const auto* front : {"", "a", "ab", "abc"}) {
            std::string lengthy(front);
            while (lengthy.size() < 3000) lengthy += character;
            std::string cut;
            append_log_word(cut, lengthy);
            CHECK(value(lengthy) == "e k=" + cut);
        }
    }
}

TEST_CASE("a request is an event with the fields that the base protocol's readers know") {
    auto r = request_for("/students");
    CHECK(text_of(r) == "request method=GET path=/students status=200 duration_us=412 id=7f3a");
    r.upstream = "http://a:1";
    r.tries = 2;
    CHECK(text_of(r) ==
          "request method=GET path=/students status=200 duration_us=412 id=7f3a "
          "upstream=http://a:1 tries=2 reason=\"\"");
    r.tries = 0;
    r.reason = "client_gone";
    CHECK(text_of(r) ==
          "request method=GET path=/students status=200 duration_us=412 id=7f3a reason=client_gone");
    CHECK(text_of(request_for("/a b\"")) ==
          R"(request method=GET path="/a b\"" status=200 duration_us=412 id=7f3a)");
}

TEST_CASE("a line in the spool of an earlier version is its message") {
    CHECK(plain_text(R"({"time":"2026-11-21T04:05:06.123Z","service":"S","level":"info",)"
                     R"("message":"slow \"disk\"\n took=1"})",
                     "S") == "[S] - slow \"disk\"  took=1\n");
}

TEST_CASE("a line that was damaged in the spool is no text") {
    CHECK(plain_text(R"({"message":"hi"})", "S") == "[S] - hi\n");
    CHECK_FALSE(plain_text(R"({"message":"h)", "S"));
    CHECK_FALSE(plain_text(R"({"message":5})", "S"));
    CHECK_FALSE(plain_text("[]", "S"));
    CHECK_FALSE(plain_text("", "S"));
    CHECK(plain_text(R"({ "message" : "hi" , "list":[1,{"a":2}] })", "S"));  // whatever that is, it ends
}
