// What a log service of ours gets: one JSON object on one line for each record, whatever bytes it holds.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <distd/json.hpp>

#include "base/logging/log_values.hpp"
#include "base/logging/shipped_record.hpp"
#include "unit/base/logging/sample_records.hpp"

using namespace distd;
using namespace distd::test;

namespace {

std::string shipped(const auto& record, std::string_view instance = "http://a:1") {
    std::string out;
    log_stamp stamp;
    append_shipped_record(out, stamp, shipped_origin(record.source, instance), record);
    return out;
}

}  // namespace

TEST_CASE("a record's message is its event, and its fields keep their types") {
    CHECK(
        shipped(log_record{noon,
                           log_level::warn,
                           "registry",
                           "instance_lost",
                           {{"url", "http://b:2"}, {"reason", "connection refused"}, {"revision", 17}}}) ==
        R"({"time":"2026-11-21T04:05:06.123Z","level":"warn","service":"registry","message":"instance_lost",)"
        R"("url":"http://b:2","reason":"connection refused","revision":17,"instance":"http://a:1"})");
    const auto o = parsed(shipped(
        log_record{noon, log_level::info, "S", "e", {{"on", true}, {"load", 0.5}, {"ratio", std::nan("")}}},
        ""));
    CHECK_FALSE(o.contains("instance"));
    CHECK(o.at("on") == true);
    CHECK(o.at("load") == 0.5);
    CHECK(o.at("ratio") == "nan");
}

TEST_CASE("a request's record has its trace, its numbers as numbers, and its level") {
    CHECK(shipped(request_for("/students")) ==
          R"({"time":"2026-11-21T04:05:06.123Z","level":"info","service":"GradingService",)"
          R"("trace":"4bf92f35","message":"request","method":"GET","path":"/students","status":200,)"
          R"("duration_us":412,"request_id":"7f3a","bytes":1234,"remote":"127.0.0.1","span":"a3ce",)"
          R"("instance":"http://a:1"})");
    auto failed = request_for("/api/Shop/x");
    failed.parent_id = "00f0";
    failed.status = 502;
    failed.level = log_level::error;
    failed.upstream = "http://b:2";
    failed.tries = 2;
    failed.reason = "unreachable";
    const auto o = parsed(shipped(failed));
    CHECK(o.at("level") == "error");
    CHECK(o.at("parent") == "00f0");
    CHECK(o.at("status") == 502);
    CHECK(o.at("upstream") == "http://b:2");
    CHECK(o.at("tries") == 2);
    CHECK(o.at("reason") == "unreachable");
    auto gone = request_for("/x");
    gone.reason = "client_gone";
    CHECK(parsed(shipped(gone)).at("reason") == "client_gone");
    CHECK_FALSE(parsed(shipped(gone)).contains("upstream"));
}

TEST_CASE("a field takes the place of no member, and no record is refused for what it calls a trace") {
    const auto o = parsed(shipped(
        log_record{noon,
                   log_level::info,
                   "S",
                   "e",
                   {{"time", 1}, {"level", 2}, {"service", "x"}, {"instance", 3}, {"message", "y"}}}));
    CHECK(o.at("service") == "S");
    CHECK(o.at("message") == "e");
    CHECK(o.at("instance") == "http://a:1");
    CHECK(o.at("field_time") == 1);
    CHECK(o.at("field_level") == 2);
    CHECK(o.at("field_service") == "x");
    CHECK(o.at("field_instance") == 3);
    CHECK(o.at("field_message") == "y");
    const auto traced = [](log_field f) { return shipped(log_record{noon, log_level::info, "S", "e", {f}}); };
    CHECK(parsed(traced({"trace", "4bf9"})).at("trace") == "4bf9");
    CHECK(parsed(traced({"trace", 4})).at("field_trace") == 4);
    CHECK(parsed(traced({"Trace", true})).at("field_Trace") == true);
    CHECK_FALSE(parsed(traced({"trace", std::string(129, 'x')})).contains("trace"));
}

TEST_CASE("a record of any bytes stays one line") {
    const std::string_view odd = "/\n\r\x01\xc2\x85\"\\ \xff{}";
    const log_record event{noon, log_level::info, odd, odd, {{"k", odd}}};
    for (const auto& text : {shipped(request_for(odd)), shipped(event, odd)}) {
        CHECK(std::ranges::none_of(text, [](unsigned char c) { return c < 0x20; }));
        CHECK(text.find("\xc2\x85") == text.npos);
        CHECK(parsed(text).contains("message"));
    }
}

TEST_CASE("a long value is cut, and a record with many of them says that fields are missing") {
    const std::string lengthy(5000, 'x');
    const auto one = shipped(log_record{noon, log_level::info, "S", "e", {{"k", lengthy}}});
    CHECK(one.size() < log_value_limit_bytes + 200);
    CHECK(std::string_view(parsed(one).at("k").as_string()).ends_with("x..."));
    const log_field f("k", lengthy);
    const auto many = shipped(log_record{noon, log_level::info, "S", "e", {f, f, f, f, f, f, f, f, f, f, f}});
    CHECK(many.size() < shipped_record_limit_bytes + log_value_limit_bytes + 200);
    CHECK(many.ends_with(R"(,"truncated":true,"instance":"http://a:1"})"));
}
