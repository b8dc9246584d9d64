// Clients that ask for much and read nothing.
#include <catch2/catch.hpp>

#include "abuse/abuse.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr std::size_t mebibyte = 1 << 20;

std::string post(const std::string& target, const std::string& type, const std::string& body) {
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string get(const std::string& target, const std::string& fields = {}) {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

void store_large_lines(const victim& v) {
    raw_peer sender(v.port("log"), {}, another_source);
    std::string lines;
    for (int i = 0; i < 5; ++i) lines += "{\"message\":\"" + std::string(100'000, 'z') + "\"}\n";
    for (int i = 0; i < 40; ++i) {
        static_cast<void>(sender.send(post("/log", "application/x-ndjson", lines)));
        REQUIRE_THAT(sender.read_answer(), StartsWith("HTTP/1.1 200"));
    }
}

}  // namespace

// Searches for everything, again and again, and reads nothing of it.
TEST_CASE("searches that nobody reads hold no more than the share of their client, and delay no other") {
    victim v("log", {"--max-request-memory=64MiB"});
    store_large_lines(v);
    const auto before = v.resident_mib();
    other_client beside(v.url("log") + "/heartbeat");
    crowd readers;
    readers.add(v.port("log"), scaled(200), get("/log?limit=100000"));
    check_served("unread searches", ask(v.url("log") + "/log?limit=1"));
    check_served("beside unread searches", beside.stop());
    CHECK(v.metric("log", "distd_request_memory_bytes") <= 33 * mebibyte);
    // The share, the allocator's own, and what sanitizers keep back.
    CHECK(v.resident_mib() - before < 250);
}

// Asks for the neighbours of large lines, which have to be collected before they are sent.
TEST_CASE("many who ask for the large neighbours of a line hold no more than a few of them") {
    victim v("log");
    store_large_lines(v);
    const auto before = v.peak_mib();
    other_client beside(v.url("log") + "/heartbeat");
    crowd readers;
    readers.add(v.port("log"), scaled(150), get("/log/context?seq=100&before=100&after=100"));
    check_served("neighbours", ask(v.url("log") + "/log/context?seq=100&before=1&after=1"));
    check_served("beside neighbours", beside.stop());
    // Eight at work, their answers as far as they are unread, and what sanitizers keep back.
    CHECK(v.peak_mib() - before < 600);
}

// Follows a large list on many streams, and reads none.
TEST_CASE("streams of one large list that nobody reads hold it once") {
    victim v("registry", {"--max-request-memory=64MiB"});
    raw_peer sender(v.port("registry"), {}, another_source);
    for (int i = 0; i < 500; ++i) {
        const auto url = "http://127.0.0.1:9/" + std::string(1900, 'u') + std::to_string(i);
        static_cast<void>(sender.send(
            post("/services", "application/json", R"({"ServiceName":"Much","ServiceURL":")" + url + "\"}")));
        REQUIRE_THAT(sender.read_answer(), StartsWith("HTTP/1.1 200"));
    }
    const auto before = v.resident_mib();
    crowd readers;
    const auto streams = scaled(100);
    readers.add(v.port("registry"), streams, get("/services", "Accept: text/event-stream\r\n"));
    check_served("unread streams", ask(v.url("registry") + "/heartbeat"));
    // The list, and of each stream what is being written: 32 KiB.
    CHECK(v.metric("registry", "distd_request_memory_bytes") <
          12 * mebibyte + 40 * 1024 * static_cast<double>(streams));
    CHECK(v.resident_mib() - before < 60);
}

// Takes two addresses of loopback, each for a share.
TEST_CASE("all addresses of loopback together get one share where others can come, too") {
    const auto max = scaled(100);
    victim v("registry", {"--listen=0.0.0.0:0", "--insecure", "--max-connections=" + std::to_string(max)});
    crowd silent;
    silent.add(v.port("registry"), max / 2, "", "127.0.0.1");
    silent.add(v.port("registry"), max / 2, "", "127.0.0.2");
    check_served("all connections from loopback", ask(v.url("registry") + "/services"));
    CHECK(silent.silent() == max / 2);
    CHECK(silent.at(0).read_until_close().empty());  // for one of 127.0.0.2
}
