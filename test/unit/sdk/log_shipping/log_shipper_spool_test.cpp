// The spool during an outage: nothing is lost and nothing changes places, also when the process is killed.
#include <sys/stat.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "sdk/log_shipping/spool_file.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"
#include "unit/sdk/log_shipping/shipper_fixture.hpp"

using namespace distd;
using namespace distd::test;

TEST_CASE("with a spool nothing is lost and nothing changes places, and the file is gone afterwards") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.setup.queue_limit_bytes = 10'000;
    f.start_in_outage();
    for (int i = 0; i < 5000; i += 10) {
        f.push(i, i + 10);
        f.time.advance(milliseconds(20));
        if (i % 500 == 0) f.eventually([&] { return i == 0 || std::filesystem::exists(dir / "log.spool"); });
    }
    struct stat about {};
    REQUIRE(::stat((dir / "log.spool").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    f.announce();
    int next = 5000;
    f.eventually([&] {
        if (next < 5500) f.push(next, next + 10), next += 10;  // while the spool is being sent
        return f.client.messages().size() == 5500;
    });
    CHECK(in_short(f.client.messages()) == "0-5499");
    CHECK(f.dropped("full") == 0);
    f.eventually([&] { return !std::filesystem::exists(dir / "log.spool"); });
}

TEST_CASE("a full spool drops the oldest lines, and says how many") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.setup.queue_limit_bytes = 10'000;
    f.setup.spool_limit_bytes = 100'000;
    f.start_in_outage();
    for (int i = 0; i < 3000; i += 10) {
        f.push(i, i + 10);
        f.eventually([&] { return i < 1000 || std::filesystem::exists(dir / "log.spool"); });
    }
    f.eventually([&] { return f.dropped("full") > 0; });
    f.announce();
    f.eventually([&] {
        return !f.client.messages().empty() && f.client.messages().back().starts_with("log_lines_dropped");
    });
    std::vector<std::string> lines;
    std::uint64_t told = 0;
    for (const auto& m : f.client.messages()) {
        if (m.starts_with("line")) lines.push_back(m);
        if (m.starts_with("log_lines_dropped count=")) told += std::stoul(m.substr(m.find('=') + 1));
    }
    CHECK(told == f.dropped("full"));
    REQUIRE(std::ranges::is_sorted(lines, {}, [](const std::string& s) { return std::stoi(s.substr(7)); }));
    CHECK(lines.back() == "line n=2999");
    CHECK(lines.size() + told >= 3000);
}

TEST_CASE("lines of an outage are in the spool soon, so that a kill takes hardly any") {
    temp_dir dir;
    {
        shipper_fixture f(dir.path());
        f.client.about = takes_batches();
        f.client.answer = unreachable;
        f.start();
        f.push(0, 20);
        f.time.advance(milliseconds(100));  // these are under way
        f.push(20, 40);
        f.eventually([&] { return text_of(dir / "log.spool").find("\"n\":39,") != std::string::npos; });
    }  // without a flush
    shipper_fixture f(dir.path());
    f.client.about = takes_batches();
    f.start();
    f.push(40, 50);
    f.eventually([&] { return f.client.messages().size() == 50; });
    CHECK(in_short(f.client.messages()) == "0-49");
}

TEST_CASE("a batch that was spooled while it was under way keeps its id and is there once") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.client.about = takes_batches();
    f.client.answer = [](const http::call&) { return errc::timed_out; };
    f.start();
    f.push(0, 5);
    f.eventually([&] { return text_of(dir / "log.spool").find("\"n\":4,") != std::string::npos; });
    const auto tried = f.client.count("POST");
    f.eventually([&] { return f.client.count("POST") > tried; });
    f.client.answer = taken;
    f.eventually([&] { return f.client.messages().size() == 5; });
    CHECK(f.client.batch_ids().size() == 1);
    f.eventually([&] { return !std::filesystem::exists(dir / "log.spool"); });
    f.push(5, 6);
    f.eventually([&] { return f.client.messages().size() == 6; });
    CHECK(in_short(f.client.messages()) == "0-5");
}

TEST_CASE("what an earlier version left in the spool arrives, before newer lines") {
    const bool takes_records = GENERATE(true, false);
    temp_dir dir;
    {
        spool_file spool(real_disk(), dir / "log.spool", 1 << 20);
        REQUIRE(spool.append(R"({"time":"2026-11-21T04:05:06.123Z","service":"BookService","level":"info",)"
                             R"("message":"line n=0"})"
                             "\n"));
    }
    shipper_fixture f(dir.path());
    if (takes_records) f.client.about = takes_batches();
    f.start();
    f.push(1, 2);
    f.eventually([&] { return f.client.messages().size() == 2; });
    if (takes_records)
        CHECK(in_short(f.client.messages()) == "0-1");
    else
        CHECK(f.client.messages() ==
              std::vector<std::string>{"[BookService] - line n=0\n", "[BookService] - line n=1\n"});
}

TEST_CASE("where nobody promised a log service, nothing is spooled or missed until one took records") {
    temp_dir dir;
    shipper_fixture f(dir.path());
    f.setup.only_records = true;
    f.setup.queue_limit_bytes = 10'000;
    f.start_in_outage();
    f.push(0, 5);
    f.time.advance(seconds(30));
    f.push(5, 1000);
    f.time.advance(seconds(30));
    CHECK(f.dropped("full") == 0);
    CHECK(f.complaints.empty());
    f.client.about = http::reply{405, {}, {}};
    f.announce();  // one of the base protocol
    f.time.advance(seconds(30));
    CHECK(f.client.count("OPTIONS") == 1);
    CHECK(f.client.count("POST") == 0);
    CHECK_FALSE(std::filesystem::exists(dir / "log.spool"));
    f.client.about = takes_batches();
    f.provider = "http://logs:4001";
    f.shipper->provider_changed();
    f.time.advance(seconds(1));
    const auto arrived = in_short(f.client.messages());
    CHECK(arrived.starts_with("0-4, "));  // they were under way when the others came
    CHECK(arrived.ends_with("-999"));
    f.client.answer = unreachable;
    f.push(1000, 1005);
    f.eventually([&] { return text_of(dir / "log.spool").find("\"n\":1004,") != std::string::npos; });
}
