// What an answer means for the lines that were sent: they have arrived, come again, or are dropped and
// counted.
#include <catch2/catch.hpp>
#include <string>

#include "unit/sdk/log_shipping/shipper_fixture.hpp"

using namespace distd;
using namespace distd::test;

namespace {

// Either as a record or as text.
bool holds_first(const http::call& c) {
    return c.body.find("\"n\":0,") != std::string::npos || c.body.find("n=0\n") != std::string::npos;
}

}  // namespace

TEST_CASE("the log service is detected again at a new peer") {
    shipper_fixture f;
    const int status = GENERATE(408, 429, 502, 503, 504);
    f.client.about = http::reply{status, {}, {}};
    f.start();
    f.push(0, 2);
    f.time.advance(seconds(2));
    CHECK(f.client.count("OPTIONS") > 1);
    CHECK(f.client.count("POST") == 0);
    f.client.about = takes_batches();
    f.time.advance(seconds(5));
    CHECK(in_short(f.client.messages()) == "0-1");
}

TEST_CASE("a failed batch is retried with its id, with backoff") {
    shipper_fixture f;
    const auto failure =
        GENERATE(as<result<http::reply>>{}, errc::unreachable, errc::timed_out, http::reply{503, {}, {}},
                 http::reply{429, {}, {}}, http::reply{408, {}, {}}, http::reply{500, {}, {}});
    f.client.about = takes_batches();
    f.client.answer = [&](const http::call&) { return failure; };
    f.start();
    f.push(0, 5);
    f.time.advance(milliseconds(100));
    CHECK(f.client.count("POST") == 1);
    f.time.advance(seconds(60));
    const auto in_a_minute = f.client.count("POST");
    CHECK(in_a_minute >= 12);  // every 5 seconds at least
    CHECK(in_a_minute < 40);
    f.client.answer = taken;
    f.time.advance(seconds(5));
    CHECK(in_short(f.client.messages()) == "0-4");
    CHECK(f.client.batch_ids().size() == 1);
    CHECK(f.dropped("refused") == 0);
    CHECK(f.complaints.size() <= 2);
    if (failure) CHECK(f.client.count("OPTIONS") == 1);
}

TEST_CASE("a batch under whose id somebody else's was taken is sent under another one") {
    shipper_fixture f;
    f.client.about = takes_batches();
    f.client.answer = [first = std::string()](const http::call& c) mutable {
        const std::string id(c.headers.find("X-Batch-Id"));
        if (first.empty()) first = id;
        return http::reply{id == first ? 409 : 200, {}, {}};
    };
    f.start();
    f.push(0, 5);
    f.time.advance(milliseconds(100));  // at once: in a pause another log service could learn the new id, too
    CHECK(in_short(f.client.messages()) == "0-4");
    CHECK(f.client.batch_ids().size() == 2);
    CHECK(f.dropped("refused") == 0);
}

TEST_CASE("rejected lines are dropped, counted and reported, and block nothing") {
    shipper_fixture f;
    f.client.about = GENERATE(as<result<http::reply>>{}, takes_batches(), http::reply{405, {}, {}});
    f.client.answer = [](const http::call& c) { return http::reply{holds_first(c) ? 400 : 200, {}, {}}; };
    f.start();
    f.push(0, 1);
    f.time.advance(milliseconds(100));
    f.push(1, 2);
    f.time.advance(milliseconds(300));
    CHECK(f.dropped("refused") == 1);
    const auto arrived = f.client.messages();
    REQUIRE(arrived.size() == 2);
    CHECK(arrived[0].find("line n=1") != std::string::npos);
    CHECK(arrived[1].find("log_lines_dropped count=1") != std::string::npos);
}

TEST_CASE("lines that a log service takes only in part are counted by its own word") {
    shipper_fixture f;
    f.client.about = takes_batches();
    f.client.answer = [](const http::call& c) {
        return http::reply{207, {}, holds_first(c) ? R"({"accepted":3,"rejected":2})" : "{}"};
    };
    f.start();
    f.push(0, 5);
    f.time.advance(milliseconds(300));
    CHECK(f.dropped("refused") == 2);
    CHECK(f.counters.count("distd_log_lines_shipped_total", "").value() == 3 + 1);
    CHECK(f.client.messages().back() == "log_lines_dropped count=2");
}

TEST_CASE("another server at the log service's address does not swallow lines") {
    shipper_fixture f;
    const bool was_known = GENERATE(true, false);
    const int status = GENERATE(301, 401, 403, 404, 405);
    f.client.about = takes_batches();
    f.start();
    if (was_known) f.push(0, 1);
    f.time.advance(milliseconds(100));
    f.client.about = http::reply{status, {}, {}};
    f.client.answer = [&](const http::call&) { return http::reply{status, {}, {}}; };
    f.push(1, 4);
    f.time.advance(seconds(20));
    CHECK(f.client.messages().size() == (was_known ? 1 : 0));
    f.client.about = takes_batches();
    f.client.answer = taken;
    f.provider = "http://logs:4001";
    f.shipper->provider_changed();
    f.time.advance(seconds(1));
    CHECK(in_short(f.client.messages()) == (was_known ? "0-3" : "1-3"));
    CHECK(f.dropped("refused") == 0);
}
