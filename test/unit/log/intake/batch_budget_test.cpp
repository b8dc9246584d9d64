// What many records share is written once in a body and stored with each of them: every record is judged with
// all of it, and every batch by what it makes.
#include <catch2/catch.hpp>

#include "role/log/intake/elastic_bulk.hpp"
#include "role/log/intake/loki_push.hpp"
#include "role/log/intake/otlp_logs.hpp"

using namespace distd::logs;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::int64_t now = 1'800'000'000'000'000'000;

std::string repeated(std::string_view piece, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) (all += i == 0 ? "" : ",") += piece;
    return all;
}

std::string attribute(const std::string& key, const std::string& text) {
    return R"({"key":")" + key + R"(","value":{"stringValue":")" + text + R"("}})";
}

std::string otlp(const std::string& shared, const std::string& records) {
    return R"({"resourceLogs":[{"resource":{"attributes":[)" + shared + R"(]},"scopeLogs":[{"logRecords":[)" +
           records + "]}]}]}";
}

std::string loki(const std::string& label, const std::string& entries) {
    return R"({"streams":[{"stream":{"l":")" + label + R"("},"values":[)" + entries + "]}]}";
}

constexpr std::size_t half = max_line / 2 + 1;

}  // namespace

TEST_CASE("a record's size includes the attributes of its resource") {
    const std::string text(half, 'x');
    const auto b =
        read_otlp_logs(otlp(attribute("a", text), R"({"body":{"stringValue":")" + text + R"("}},{})"), now);
    CHECK(b.malformed.empty());
    CHECK(b.accepted == 1);
    REQUIRE(b.reported.size() == 1);
    CHECK(b.reported[0].line == 1);
    CHECK_THAT(b.reported[0].reason, StartsWith("has 262") && Contains("bytes with all its fields"));
}

TEST_CASE("an entry's size includes the labels of its stream") {
    const std::string text(half, 'x');
    const auto b = read_loki_push(loki(text, R"(["1",")" + text + R"("],["2","short"])"), now);
    CHECK(b.accepted == 1);
    REQUIRE(b.reported.size() == 1);
    CHECK_THAT(b.reported[0].reason, Contains("bytes with all its fields"));
}

TEST_CASE("a body that expands too much is refused at the record that exceeds the limit") {
    const std::string text(half, 'x');
    const auto pushed = loki(text, repeated(R"(["1","a"])", 100'000));
    const auto sent = otlp(attribute("a", text), repeated("{}", 100'000));
    for (const auto& b : {read_loki_push(pushed, now), read_otlp_logs(sent, now)}) {
        CHECK(b.is_too_large);
        CHECK_THAT(b.malformed, StartsWith("up to record ") && Contains("send fewer records at once"));
        CHECK(b.accepted == 0);
        CHECK(b.lines.capacity() < 100);
    }
    CHECK(batch_budget(pushed.size()) < 32 * pushed.size());
    CHECK(batch_budget(0) == 1 << 20);
    CHECK(batch_budget(max_batch) == 64 << 20);
}

TEST_CASE("the answer to a bulk counts as well") {
    std::string deletes;
    for (int i = 0; i < 20'000; ++i) deletes += "{\"delete\":{}}\n";
    const auto b = read_elastic_bulk(deletes, now);
    CHECK(b.is_too_large);
    CHECK(b.items.empty());
}

TEST_CASE("a typical collector batch, a kilobyte of resource per short record, is accepted") {
    const std::string record =
        R"({"timeUnixNano":"1795234567000000000","severityNumber":9,"severityText":"INFO",)"
        R"("body":{"stringValue":"GET /cart 200"},"attributes":[],"traceId":"","spanId":""})";
    const auto b = read_otlp_logs(
        otlp(attribute("k8s.pod.labels", std::string(1024, 'x')), repeated(record, 8192)), now);
    CHECK(b.malformed.empty());
    CHECK(b.accepted == 8192);
}

TEST_CASE("records of a resource with too many fields are rejected, each with the reason") {
    std::string many = attribute("a0", "x");
    for (int i = 1; i < 2000; ++i) many += "," + attribute("a" + std::to_string(i), "x");
    const auto b = read_otlp_logs(otlp(many, "{},{}"), now);
    CHECK(b.malformed.empty());
    CHECK(b.refused == 2);
    CHECK(b.reported[1].reason == "has more than 261 fields, allowed are 256");
}

TEST_CASE("a record's changes to shared fields affect no other record") {
    const auto b =
        read_otlp_logs(otlp(attribute("a", "of all") + "," + attribute("service.name", "S"),
                            R"({"attributes":[)" + attribute("a", "mine") + "," + attribute("b", "mine") +
                                R"(]},{"attributes":[)" + attribute("service.name", "T") + "]},{}"),
                       now);
    const std::string begin = R"({"time":"2027-01-15T08:00:00.000000Z","level":"info","service":)";
    CHECK(b.lines == begin + R"("S","message":"","a":"mine","b":"mine"})" + "\n" + begin +
                         R"("T","message":"","a":"of all"})" + "\n" + begin +
                         R"("S","message":"","a":"of all"})" + "\n");
}

TEST_CASE("a text that would be stored six times as long is refused as too large") {
    const auto b = read_text(std::string(max_line, '\x01'), now);
    CHECK(b.is_too_large);
    CHECK(b.accepted == 0);
    CHECK_THAT(b.malformed, StartsWith("the line would be stored as "));
}
