// Lines while no log service can be reached: they wait in memory and follow it; what there is no room for is
// counted.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/temp_dir.hpp"
#include "unit/sdk/log_shipping/shipper_fixture.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("without a log service lines wait, and leave at once when one is announced") {
    shipper_fixture f;
    f.provider.reset();
    f.start();
    f.push(0, 3);
    f.time.advance(seconds(60));
    CHECK(f.client.calls.empty());
    f.announce();
    f.time.advance(milliseconds(0));
    CHECK(f.client.messages().size() == 3);
}

TEST_CASE("lines follow the log service to another address and to what is understood there") {
    shipper_fixture f;
    f.client.about = takes_batches();
    f.start();
    f.push(0, 2);
    f.time.advance(milliseconds(100));
    f.client.answer = [](const http::call& c) -> result<http::reply> {
        if (c.url.starts_with("http://logs")) return errc::unreachable;
        return http::reply{200, {}, {}};
    };
    f.push(2, 4);
    f.time.advance(milliseconds(100));
    f.provider = "localhost:4001/";  // registered like that by some
    f.client.about = http::reply{405, {}, {}};
    f.shipper->provider_changed();
    f.time.advance(seconds(1));
    CHECK(f.client.calls.back().url == "http://localhost:4001/log");
    CHECK(f.client.messages() == std::vector<std::string>{"line n=0", "line n=1",
                                                          "[BookService] - line n=2\n",
                                                          "[BookService] - line n=3\n"});
}

TEST_CASE("a log service that never answers costs no line") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.setup.queue_limit_bytes = 100'000;
    f.client.about = takes_batches();
    f.client.held = true;
    f.start();
    for (int i = 0; i < 20'000; i += 100) {
        f.push(i, i + 100);
        f.time.advance(milliseconds(1));
    }
    f.client.let_go();
    f.eventually([&] { return f.client.messages().size() >= 20'000; });
    CHECK(in_short(f.client.messages()) == "0-19999");
}

TEST_CASE("without a spool the oldest lines are dropped, and it is said how many") {
    shipper_fixture f;
    f.setup.queue_limit_bytes = 10'000;
    f.start_in_outage();
    f.push(0, 10);
    f.time.advance(milliseconds(100));  // under way, whatever comes
    f.push(10, 500);
    const auto count = f.dropped("full");
    CHECK(count > 300);
    f.announce();
    f.time.advance(milliseconds(500));
    CHECK(in_short(f.client.messages()) ==
          "0-9, " + std::to_string(10 + count) + "-499, log_lines_dropped count=" + std::to_string(count));
    CHECK(f.complaints.size() == 1);
}

TEST_CASE("what a full disk does not take waits in memory") {
    shipper_fixture f("/proc/no/such/folder");
    f.start_in_outage();
    f.push(0, 100);
    f.time.advance(seconds(60));
    f.push(100, 200);
    f.announce();
    f.eventually([&] { return f.client.messages().size() == 200; });
    CHECK(in_short(f.client.messages()) == "0-199");
    CHECK(f.dropped("full") == 0);
}

TEST_CASE("a spool that fails loses lines, counted, and nothing else") {
    shipper_fixture f("/proc/no/such/folder");
    f.setup.queue_limit_bytes = 10'000;
    f.start_in_outage();
    f.push(0, 1000);
    f.eventually([&] { return f.dropped("full") > 0; });
    f.announce();
    f.eventually([&] {
        return !f.client.messages().empty() && f.client.messages().back().starts_with("log_lines_dropped");
    });
    const auto arrived = f.client.messages();
    CHECK(arrived.size() - 1 + f.dropped("full") == 1000);
}
