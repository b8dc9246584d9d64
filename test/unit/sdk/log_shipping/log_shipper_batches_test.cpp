// How lines travel: in batches where they are taken, one by one where not, in order.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/sdk/log_shipping/shipper_fixture.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("a log service that takes batches gets what gathered in a tenth of a second, as NDJSON") {
    shipper_fixture f;
    f.client.about = takes_batches();
    f.start();
    f.push(log_level::warn, "disk_slow", {{"took", 1}, {"disk", "\"a\"\n"}});
    f.time.advance(milliseconds(50));
    f.push(1, 2);
    CHECK(f.client.calls.empty());
    f.time.advance(milliseconds(50));
    REQUIRE(f.client.calls.size() == 2);
    CHECK(f.client.calls[0].method == "OPTIONS");
    CHECK(f.client.calls[0].url == "http://logs:4000/log");
    const auto post = f.client.calls[1];
    CHECK(post.method == "POST");
    CHECK(post.url == "http://logs:4000/log");
    CHECK(post.content_type == "application/x-ndjson");
    CHECK(post.headers.find("X-Batch-Id").size() == 32);
    CHECK(post.body == R"({"time":"2027-01-15T08:00:00.000Z","level":"warn","service":"BookService",)"
                       R"("message":"disk_slow","took":1,"disk":"\"a\"\n","instance":"http://books:8010"})"
                       "\n"
                       R"({"time":"2027-01-15T08:00:00.050Z","level":"info","service":"BookService",)"
                       R"("message":"line","n":1,"instance":"http://books:8010"})"
                       "\n");
    f.push(2, 3);
    f.time.advance(milliseconds(100));
    CHECK(f.client.count("OPTIONS") == 1);  // asked once
    CHECK(f.client.messages().size() == 3);
    CHECK(f.client.calls[2].headers.find("X-Batch-Id") != post.headers.find("X-Batch-Id"));
    CHECK(f.counters.count("distd_log_lines_shipped_total", "").value() == 3);
}

TEST_CASE("a full batch does not wait, and no batch is larger") {
    shipper_fixture f;
    f.client.about = takes_batches();
    f.start();
    f.push(0, 2000);
    f.time.advance(milliseconds(0));
    CHECK_FALSE(f.client.messages().empty());
    f.time.advance(milliseconds(100));
    CHECK(in_short(f.client.messages()) == "0-1999");
    for (const auto& body : f.client.bodies) CHECK(body.size() <= 64 * 1024);
    CHECK(f.client.bodies.size() < 6);
}

TEST_CASE("any other log service gets one line per request, in order, one at a time") {
    shipper_fixture f;
    const int status = GENERATE(200, 404, 405, 500, 501);
    f.client.about = http::reply{status, {}, {}};
    f.client.held = true;
    f.start();
    f.push(0, 3);
    f.time.advance(milliseconds(100));
    CHECK(f.client.count("POST") == 1);
    f.client.let_go();
    f.time.advance(milliseconds(0));
    CHECK(f.client.messages() == std::vector<std::string>{"[BookService] - line n=0\n",
                                                          "[BookService] - line n=1\n",
                                                          "[BookService] - line n=2\n"});
    CHECK(f.client.calls.back().content_type == "text/plain");
    CHECK(f.client.max_under_way == 1);
    CHECK(f.client.count("OPTIONS") == 1);
}

TEST_CASE("one record is one line for a service that stores what it gets") {
    shipper_fixture f;
    f.start();
    f.push(log_level::info, "e", {{"k", "a\nb\x1b[0m\r\xff"}});
    f.time.advance(milliseconds(100));
    CHECK(f.client.messages() ==
          std::vector<std::string>{"[BookService] - e k=\"a\\nb\\u001b[0m\\r\xef\xbf\xbd\"\n"});
}
