// Lines at the stop of their service: sent, spooled for the next process, or counted; each arrives once.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "support/temp_dir.hpp"
#include "unit/sdk/log_shipping/shipper_fixture.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("a flush sends everything, including the spool") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.setup.queue_limit_bytes = 10'000;
    f.start_in_outage();
    f.push(0, 1000);
    f.provider = "http://logs:4000";
    f.stop();
    CHECK(in_short(f.client.messages()) == "0-999");
    CHECK_FALSE(std::filesystem::exists(dir / "log.spool"));
}

TEST_CASE(
    "what could not be sent before the stop is sent by the next process, in order and before newer lines") {
    temp_dir dir;
    {
        shipper_fixture f(dir.path());
        f.setup.queue_limit_bytes = 10'000;
        f.client.about = takes_batches();
        f.client.held = true;  // a batch is under way when the stop comes, and lines behind it are spooled
        f.start();
        f.push(0, 20);
        f.time.advance(milliseconds(100));
        CHECK(f.client.under_way == 1);
        f.push(20, 1000);
        f.client.answer = unreachable;
        f.client.held = false;
        f.stop();
        CHECK(f.client.messages().empty());
        CHECK(f.dropped("full") == 0);
    }
    shipper_fixture f(dir.path());
    f.client.about = takes_batches();
    f.start();
    f.push(1000, 1010);
    f.eventually([&] { return f.client.messages().size() == 1010; });
    CHECK(in_short(f.client.messages()) == "0-1009");
}

TEST_CASE("whenever a service stops during an outage, each line arrives once") {
    for (int moment = 0; moment < 40; ++moment) {
        temp_dir dir;
        {
            shipper_fixture f(dir.path());
            f.client.about = takes_batches();
            f.client.answer = unreachable;
            f.start();
            f.push(0, 3);
            for (int i = 0; i < moment; ++i) f.time.advance(milliseconds(50));
            f.push(3, 5);
            f.stop();
        }
        shipper_fixture f(dir.path());
        f.client.about = takes_batches();
        f.start();
        f.push(5, 6);
        f.eventually([&] { return f.client.messages().size() >= 6; });
        REQUIRE(in_short(f.client.messages()) == "0-5");
    }
}

TEST_CASE("lines that were delivered one by one are not spooled again") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.client.answer = [&](const http::call& c) -> result<http::reply> {
        if (c.body.find("n=2") != std::string::npos) return errc::unreachable;
        return http::reply{200, {}, {}};
    };
    f.start();
    f.push(0, 5);
    f.stop();
    f.client.answer = taken;
    f.client.about = takes_batches();
    f.start();
    f.eventually([&] { return f.client.messages().size() == 5; });
    CHECK(in_short(f.client.messages()) == "[BookService] - line n=0\n, [BookService] - line n=1\n, 2-4");
}

TEST_CASE("at the stop without a spool and a log service the rest is counted") {
    shipper_fixture f;
    f.provider.reset();
    f.start();
    f.push(0, 7);
    f.time.advance(milliseconds(100));
    f.push(7, 10);
    f.stop();
    CHECK(f.dropped("full") == 10);
}
