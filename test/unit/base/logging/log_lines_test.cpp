// One record is one line, for people and for machines, whatever bytes somebody sent.
#include <algorithm>
#include <catch2/catch.hpp>
#include <distd/json.hpp>

#include "base/logging/json_lines.hpp"
#include "base/logging/log_values.hpp"
#include "base/logging/text_lines.hpp"
#include "unit/base/logging/sample_records.hpp"

using namespace distd;
using namespace distd::test;

namespace {

template <class Record>
std::string line_of(log_format format, const Record& r) {
    std::string out;
    log_stamp stamp;
    if (format == log_format::json) {
        append_json_line(out, stamp, r);
    } else {
        append_text_line(out, stamp, r);
    }
    return out;
}

std::string line(log_format format, const log_record& r) { return line_of(format, r); }
std::string line(log_format format, const access_record& r) { return line_of(format, r); }

}  // namespace

TEST_CASE("a log line in text format has time, level, service, event and fields") {
    CHECK(line(log_format::text,
               {noon, log_level::warn, "LogService", "disk_slow", {{"took_ms", 17}, {"file", "a b"}}}) ==
          "2026-11-21T04:05:06.123Z WARN  LogService  disk_slow took_ms=17 file=\"a b\"\n");
    CHECK(line(log_format::text, {noon, log_level::info, "Log Service", "started", {}}) ==
          "2026-11-21T04:05:06.123Z INFO  \"Log Service\"  started\n");
}

TEST_CASE("a log line in JSON format has values of the right types") {
    const auto o = parsed(
        line(log_format::json, {noon,
                                log_level::error,
                                "Portald",
                                "upstream_failed",
                                {{"attempt", 3}, {"gone", true}, {"load", 0.5}, {"url", "http://x/\n"}}}));
    CHECK(o.at("time") == "2026-11-21T04:05:06.123Z");
    CHECK(o.at("level") == "error");
    CHECK(o.at("service") == "Portald");
    CHECK(o.at("event") == "upstream_failed");
    CHECK(o.at("attempt") == 3);
    CHECK(o.at("gone") == true);
    CHECK(o.at("load") == 0.5);
    CHECK(o.at("url") == "http://x/\n");
}

TEST_CASE("fields cannot break the JSON object") {
    const auto o = parsed(
        line(log_format::json,
             {noon, log_level::info, "a", "b", {{"service", "c"}, {"event", "d"}, {"ratio", std::nan("")}}}));
    CHECK(o.at("service") == "a");
    CHECK(o.at("field_service") == "c");
    CHECK(o.at("field_event") == "d");
    CHECK(o.at("ratio") == "nan");
}

TEST_CASE("an access line in text format has aligned columns") {
    CHECK(line(log_format::text, request_for("/students")) ==
          "2026-11-21T04:05:06.123Z INFO  GradingService  200 GET          412 us      1234 B  /students  "
          "id=7f3a trace=4bf92f35 from=127.0.0.1\n");
    auto other = request_for("/students/17/grades");
    other.method = "OPTIONS";
    other.status = 404;
    other.duration_us = 1'234'567;
    other.sent_bytes = 9;
    CHECK(line(log_format::text, other) ==
          "2026-11-21T04:05:06.123Z INFO  GradingService  404 OPTIONS  1234567 us         9 B  "
          "/students/17/grades  "
          "id=7f3a trace=4bf92f35 from=127.0.0.1\n");
}

TEST_CASE("an access line in JSON holds the whole record") {
    CHECK(line(log_format::json, request_for("/students")) ==
          R"({"time":"2026-11-21T04:05:06.123Z","level":"info","service":"GradingService",)"
          R"("event":"request","id":"7f3a","trace":"4bf92f35","span":"a3ce","remote":"127.0.0.1",)"
          R"("method":"GET","path":"/students","status":200,"bytes":1234,"duration_us":412})"
          "\n");
}

TEST_CASE("a path of any bytes stays one line in every format") {
    const auto r = request_for("/\n\r\x01\xc2\x85\"\\ \xff{}");
    for (const auto& text : {line(log_format::text, r), line(log_format::json, r)}) {
        CHECK(std::ranges::count(text, '\n') == 1);
        CHECK(
            std::ranges::none_of(text.substr(0, text.size() - 1), [](unsigned char c) { return c < 0x20; }));
        CHECK(text.find("\xc2\x85") == text.npos);
    }
    CHECK(parsed(line(log_format::json, r)).at("status") == 200);
}

TEST_CASE("a long value is truncated between characters, with a mark") {
    const std::string euros = [] {
        std::string s;
        for (int i = 0; i < 10'000; ++i) s += "\xe2\x82\xac";
        return s;
    }();
    const log_record r{noon, log_level::info, "s", "e", {{"k", euros}}};
    const auto o = parsed(line(log_format::json, r));
    const std::string_view kept = o.at("k").as_string();
    CHECK(kept.size() <= log_value_limit_bytes + 3);
    CHECK(kept.ends_with("\xe2\x82\xac..."));
    CHECK(line(log_format::text, r).size() < log_value_limit_bytes + 80);
    const log_record letters{noon, log_level::info, "s", "e", {{"k", std::string(5000, 'x')}}};
    CHECK(line(log_format::text, letters).size() < log_value_limit_bytes + 80);
}

TEST_CASE("time stamps follow the clock over every boundary, and before 1970") {
    log_stamp stamp;
    CHECK(stamp.of(noon) == "2026-11-21T04:05:06.123Z");
    CHECK(stamp.of(noon + milliseconds(1)) == "2026-11-21T04:05:06.124Z");
    CHECK(stamp.of(noon + milliseconds(877)) == "2026-11-21T04:05:07.000Z");
    CHECK(stamp.of(noon) == "2026-11-21T04:05:06.123Z");
    CHECK(stamp.of(wall_point(std::chrono::sys_days{std::chrono::year{2028} / 2 / 29})) ==
          "2028-02-29T00:00:00.000Z");
    CHECK(stamp.of(wall_point(milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
    CHECK(stamp.of(wall_point(milliseconds(0))) == "1970-01-01T00:00:00.000Z");
    log_stamp fresh;
    CHECK(fresh.of(wall_point(milliseconds(-1))) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("the access record of a forwarded request has upstream, tries and reason") {
    auto r = request_for("/api/Shop/x");
    const auto plain = line(log_format::json, r);
    CHECK(plain.find("upstream") == plain.npos);
    CHECK(plain.find("parent") == plain.npos);
    r.parent_id = "00f0";
    CHECK(parsed(line(log_format::json, r)).at("parent") == "00f0");
    r.upstream = "http://a:1";
    r.tries = 2;
    r.reason = "unreachable";
    CHECK_THAT(line(log_format::json, r),
               Catch::EndsWith(R"(,"upstream":"http://a:1","tries":2,"reason":"unreachable"})"
                               "\n"));
    CHECK_THAT(line(log_format::text, r),
               Catch::EndsWith(" upstream=http://a:1 tries=2 reason=unreachable\n"));
    r.tries = 0;
    r.reason = "client_gone";
    CHECK_THAT(line(log_format::text, r),
               Catch::EndsWith(" reason=client_gone\n") && !Catch::Contains("upstream"));
}
