// What is counted is what Prometheus reads; its own checker is the judge of the format.
#include <unistd.h>
#include <array>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <distd/metrics.hpp>

using namespace distd;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != text.npos;
}

// What promtool says about the text; nothing when it is content.
std::string judgement(const std::string& text) {
    std::string path = "/tmp/distd_metrics_XXXXXX";
    const int file = ::mkstemp(path.data());
    REQUIRE(file >= 0);
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    ::close(file);
    FILE* checker = ::popen(("promtool check metrics < " + path + " 2>&1").c_str(), "r");
    REQUIRE(checker);
    std::string said;
    std::array<char, 4096> piece{};
    while (const auto n = std::fread(piece.data(), 1, piece.size(), checker)) said.append(piece.data(), n);
    const int outcome = ::pclose(checker);
    ::unlink(path.c_str());
    if (outcome != 0 && said.empty()) said = "promtool failed";
    return said;
}

std::size_t bucket_of(std::uint64_t ns) {
    duration_histogram h;
    h.observe_ns(ns);
    for (std::size_t i = 0; i < h.buckets().size(); ++i) {
        if (h.buckets()[i] == 1) return i;
    }
    return 999;
}

}  // namespace

TEST_CASE("the same name and labels give the same object, in whatever order the labels come") {
    metrics m;
    auto& a = m.count("distd_requests_total", "Requests.", {{"method", "GET"}, {"code", "200"}});
    auto& b = m.count("distd_requests_total", "Requests.", {{"code", "200"}, {"method", "GET"}});
    auto& c = m.count("distd_requests_total", "Requests.", {{"code", "404"}, {"method", "GET"}});
    CHECK(&a == &b);
    CHECK(&a != &c);
    for (int i = 0; i < 1000; ++i)
        (void)m.count("distd_requests_total", "", {{"code", std::to_string(i)}, {"method", "PUT"}});
    a.add(3);
    CHECK(b.value() == 3);  // references survive what is added later
}

TEST_CASE("a duration falls into the first bucket that is not shorter") {
    CHECK(bucket_of(0) == 0);
    CHECK(bucket_of(1) == 0);
    CHECK(bucket_of(16'000) == 0);
    CHECK(bucket_of(16'001) == 1);
    CHECK(bucket_of(32'000) == 1);
    CHECK(bucket_of(32'001) == 2);
    for (std::size_t i = 0; i < duration_histogram::bucket_count; ++i) {
        const auto end = std::uint64_t{16'000} << i;
        CHECK(bucket_of(end) == i);
        CHECK(bucket_of(end + 1) == i + 1);
    }
    CHECK(bucket_of(~std::uint64_t{0}) == duration_histogram::bucket_count);
}

TEST_CASE("a histogram is written cumulative, in seconds, with its sum and count") {
    metrics m;
    auto& h = m.durations("distd_request_duration_seconds", "Time to answer.", {{"route", "/a"}});
    h.observe_ns(10'000);
    h.observe_ns(20'000);
    h.observe_ns(1'000'000'000'000);
    const auto text = m.prometheus_text();
    CHECK(has_line(text, "# TYPE distd_request_duration_seconds histogram"));
    CHECK(has_line(text, R"(distd_request_duration_seconds_bucket{route="/a",le="1.6e-05"} 1)"));
    CHECK(has_line(text, R"(distd_request_duration_seconds_bucket{route="/a",le="3.2e-05"} 2)"));
    CHECK(has_line(text, R"(distd_request_duration_seconds_bucket{route="/a",le="67.108864"} 2)"));
    CHECK(has_line(text, R"(distd_request_duration_seconds_bucket{route="/a",le="+Inf"} 3)"));
    CHECK(has_line(text, R"(distd_request_duration_seconds_sum{route="/a"} 1000.00003)"));
    CHECK(has_line(text, R"(distd_request_duration_seconds_count{route="/a"} 3)"));
}

TEST_CASE("a callback gauge is computed at each scrape") {
    metrics m;
    double depth = 1;
    m.level_of("distd_queue_depth", "Waiting.", [&] { return depth; });
    depth = 7.5;
    CHECK(has_line(m.prometheus_text(), "distd_queue_depth 7.5"));
}

TEST_CASE("a removed series disappears, and starts at zero if created again") {
    metrics m;
    m.count("distd_gateway_requests_total", "Requests.", {{"service", "a"}}).add(5);
    m.count("distd_gateway_requests_total", "Requests.", {{"service", "b"}}).add(7);
    m.remove("distd_gateway_requests_total", {{"service", "a"}});
    m.remove("distd_gateway_requests_total", {{"service", "unknown"}});
    m.remove("distd_nothing_total", {});
    CHECK_FALSE(has_line(m.prometheus_text(), R"(distd_gateway_requests_total{service="a"} 5)"));
    CHECK(has_line(m.prometheus_text(), R"(distd_gateway_requests_total{service="b"} 7)"));
    CHECK(m.count("distd_gateway_requests_total", "Requests.", {{"service", "a"}}).value() == 0);
    m.remove("distd_gateway_requests_total", {{"service", "a"}});
    m.remove("distd_gateway_requests_total", {{"service", "b"}});
    CHECK(m.prometheus_text().empty());
}

TEST_CASE("promtool accepts the metrics") {
    metrics m;
    m.count("distd_http_requests_total", "Requests\nby \\route\\.", {{"route", "/a\"b\\c\nd{x=\"y\"}"}})
        .add(5);
    m.count("distd_http_requests_total", "", {{"route", ""}}).add();
    m.level("distd_resident_memory_bytes", "Memory in use.").set(1.5e9);
    m.level("distd_not_a_number_ratio", "A value that is not known.").set(std::nan(""));
    m.level("distd_infinite_ratio", "One without an end.").set(-INFINITY);
    m.level_of("distd_connections", "Open connections.", [] { return 3; }, {{"side", "server"}});
    m.level("distd_connections", "Open connections.", {{"side", "client"}}).add(2);
    m.durations("distd_wait_seconds", "Waits.").observe_ns(5);
    m.durations("distd_wait_seconds", "Waits.", {{"of", "disk"}}).observe_ns(7);
    const auto text = m.prometheus_text();
    INFO(text);
    CHECK(judgement(text) == "");
    CHECK(text.find("# HELP distd_http_requests_total Requests\\nby \\\\route\\\\.\n") != text.npos);
}

TEST_CASE("the checker rejects invalid metrics") {
    CHECK(judgement("no metric\n") != "");
    CHECK(judgement("# TYPE a counter\na 1\n") != "");
}
