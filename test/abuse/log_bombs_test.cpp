// Few bytes that are to become many lines, or long work, in the log service.
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <future>

#include "abuse/abuse.hpp"
#include "support/gzip.hpp"

using namespace distd::test;

namespace {

struct attack {
    std::string path;
    std::string body;
    std::string type = "application/json";
};

std::string many(const std::string& piece, std::size_t count) {
    std::string all = piece;
    for (std::size_t i = 1; i < count; ++i) all += "," + piece;
    return all;
}

std::string loki(const std::string& label, std::size_t entries) {
    return R"({"streams":[{"stream":{"l":")" + label + R"("},"values":[)" + many(R"(["1","a"])", entries) +
           "]}]}";
}

std::string otlp(const std::string& attributes, std::size_t records) {
    return R"({"resourceLogs":[{"resource":{"attributes":[)" + attributes +
           R"(]},"scopeLogs":[{"logRecords":[)" + many("{}", records) + "]}]}]}";
}

std::string attribute(const std::string& key, const std::string& text) {
    return R"({"key":")" + key + R"(","value":{"stringValue":")" + text + R"("}})";
}

std::string fields(int count) {
    std::string all = attribute("a", "x");
    for (int i = 1; i < count; ++i) all += "," + attribute("a" + std::to_string(i), "x");
    return all;
}

std::string repeated(const std::string& piece, std::size_t count) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += piece;
    return all;
}

// What one client is answered. Two threads read bodies: those of many clients stand in line.
int send_packed(const victim& v, const attack& a, const std::string& packed) {
    raw_peer peer(v.port("log"));
    peer.wait_at_most(std::chrono::seconds(scaled(15)));
    static_cast<void>(peer.send(
        "POST " + a.path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: " + a.type +
        "\r\nContent-Encoding: gzip\r\nContent-Length: " + std::to_string(packed.size()) + "\r\n\r\n" +
        packed));
    const auto answer = peer.read_until_close();
    return answer.size() > 12 ? std::atoi(answer.c_str() + 9) : 0;
}

// Each packed body, from so many clients at once; what they were answered.
std::vector<int> send_packed(const victim& v, const std::vector<attack>& attacks, std::size_t clients) {
    std::vector<std::future<int>> answers;
    for (const auto& a : attacks) {
        const auto packed = gzip(a.body);
        for (std::size_t i = 0; i < clients; ++i)
            answers.push_back(
                std::async(std::launch::async, [&v, packed, a] { return send_packed(v, a, packed); }));
    }
    std::vector<int> statuses;
    for (auto& a : answers) statuses.push_back(a.get());
    return statuses;
}

constexpr double max_mib = 700;  // 192 MiB of lines, two bodies that are being read, and what is on its way

}  // namespace

// Puts one large label or attribute in front of a million empty records, and packs it to a few kilobytes.
TEST_CASE("labels and attributes that are repeated for each record fill neither memory nor disk") {
    victim v("log");
    other_client other(v.url("log") + "/heartbeat");
    const std::string text(250'000, 'x');
    for (const auto status : send_packed(v,
                                         {{"/loki/api/v1/push", loki(text, scaled(100'000))},
                                          {"/v1/logs", otlp(attribute("a", text), scaled(300'000))},
                                          {"/v1/logs", otlp(fields(250), scaled(100'000))}},
                                         scaled(2)))
        CHECK(status == 413);
    check_served("repeated labels", other.stop());
    CHECK(v.peak_mib() < max_mib);
    CHECK(v.metric("log", "distd_log_stored_bytes") < 10e6);
    CHECK(v.stop() == 0);
}

// Packs millions of records of a few bytes, and of items that are refused one by one.
TEST_CASE("records of few bytes, packed, and bulks of nothing stay within their budget") {
    victim v("log");
    other_client other(v.url("log") + "/heartbeat");
    const std::string lines = "application/x-ndjson";
    for (const auto status : send_packed(v,
                                         {{"/log", repeated("{\"m\":1}\n", 2'000'000), lines},
                                          {"/_bulk", repeated("{\"delete\":{}}\n", 1'000'000), lines}},
                                         scaled(3)))
        CHECK(status == 413);
    check_served("packed small records", other.stop());
    CHECK(v.peak_mib() < max_mib);
    CHECK(v.stop() == 0);
}

// Sends a record with so many attributes that comparing each with all would take minutes.
TEST_CASE("hundreds of thousands of attributes are refused in linear time, and a stop meanwhile is a stop") {
    victim v("log");
    other_client other(v.url("log") + "/heartbeat");
    for (const auto status : send_packed(v, {{"/v1/logs", otlp(fields(200'000), 3)}}, scaled(4)))
        CHECK(status == 200);
    check_served("many attributes", other.stop());
    CHECK(v.stop() == 0);
}
