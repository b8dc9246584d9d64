// Lines reach a log service in order, whatever it understands, however long it is away; what cannot be kept
// is counted.
#include <sys/stat.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <distd/json.hpp>
#include <filesystem>
#include <map>
#include <thread>

#include "base/task_group.hpp"
#include "sdk/line_queue.hpp"
#include "sdk/log_shipper.hpp"
#include "sdk/shipped_line.hpp"
#include "support/fake_time.hpp"
#include "support/files.hpp"
#include "support/temp_dir.hpp"

using namespace distd;

namespace {

// Every log service there is, behind the client.
class fake_client final : public http::client {
public:
    fake_client(executor ex, time_source& time) : gate(ex, time) {}

    task<result<http::reply>> send(http::call c) override {
        calls.push_back(c);
        if (c.method == "OPTIONS") co_return about;
        ++under_way;
        most_under_way = std::max(most_under_way, under_way);
        while (held) co_await gate.wait();
        --under_way;
        auto r = answer(c);
        if (r && r->status / 100 == 2) take(c.body);
        co_return r;
    }

    // The messages that arrived, of batches and of single lines.
    [[nodiscard]] const std::vector<std::string>& messages() const noexcept { return messages_; }
    [[nodiscard]] std::size_t count(std::string_view method) const {
        return static_cast<std::size_t>(std::ranges::count(calls, method, &http::call::method));
    }
    void let_go() {
        held = false;
        gate.wake();
    }

    std::vector<http::call> calls;
    std::vector<std::string> bodies;  // that were taken
    result<http::reply> about = http::reply{405, {}, {}};
    std::function<result<http::reply>(const http::call&)> answer = [](const http::call&) {
        return http::reply{200, {}, {}};
    };
    bool held = false;
    int under_way = 0;
    int most_under_way = 0;
    distd::alarm_clock gate;

private:
    void take(std::string_view body) {
        bodies.emplace_back(body);
        if (!body.starts_with("{")) {
            messages_.emplace_back(body);
            return;
        }
        while (!body.empty()) {
            const auto line = first_lines(body, 0);
            json_error error;
            messages_.emplace_back(
                std::string_view(parse_json(line, error).value().at("message").as_string()));
            body.remove_prefix(line.size());
        }
    }

    std::vector<std::string> messages_;
};

http::reply takes_batches() {
    http::reply r{204, {}, {}};
    r.headers.add("accept-post", "text/plain, Application/X-NDJSON");
    return r;
}

struct fixture {
    boost::asio::io_context loop;
    test::fake_time time{loop};
    metrics counters;
    fake_client client{loop.get_executor(), time};
    std::optional<std::string> provider = "http://logs:4000";
    std::vector<std::string> complaints;
    log_shipper_setup setup;
    std::unique_ptr<log_shipper> shipper;
    task_group tasks{loop.get_executor(), time};

    explicit fixture(std::string spool_dir = {}) {
        setup.service = "BookService";
        setup.provider = [this] { return provider; };
        setup.spool_dir = [dir = std::move(spool_dir)] { return dir; };
        setup.complain = [this](std::string_view s) { complaints.emplace_back(s); };
        tasks.on_failure(
            [](const std::string& name, const std::string& what) { FAIL(name << ": " << what); });
    }
    ~fixture() {
        tasks.cancel();
        eventually([this] { return tasks.size() == 0; });
    }
    void start() {
        shipper = std::make_unique<log_shipper>(setup, client, loop.get_executor(), time, counters);
        tasks.spawn("shipper", [this] { return shipper->run(); });
        time.advance(milliseconds(0));
    }
    void stop() {
        tasks.cancel();
        eventually([this] { return tasks.size() == 0; });
        tasks.spawn("flush", [this] { return shipper->flush(std::chrono::hours(1)); });
        eventually([this] { return tasks.size() == 0; });
        shipper.reset();
    }
    // The disk's thread takes the real time it takes; nothing else does.
    void eventually(const std::function<bool()>& condition) {
        const auto guard = std::chrono::steady_clock::now() + seconds(20);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > guard)
                throw std::runtime_error("what the test waits for does not happen");
            time.advance(milliseconds(10));
            std::this_thread::yield();
        }
    }
    void push(int from, int to) {
        for (int i = from; i < to; ++i)
            shipper->push(log_level::info, time.wall(), "line n=" + std::to_string(i));
    }
    std::uint64_t dropped(const std::string& why) {
        return counters.count("distd_log_lines_dropped_total", "", {{"reason", why}}).value();
    }
};

// "0-9, 20-29, another message": runs of numbered lines, and what else there is.
std::string in_short(const std::vector<std::string>& messages) {
    constexpr std::string_view front = "line n=";
    std::string text;
    int next = -1;
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto& m = messages[i];
        const bool is_numbered = m.starts_with(front);
        const int number = is_numbered ? std::stoi(m.substr(front.size())) : -1;
        const bool goes_on = is_numbered && number == next;
        if (next >= 0 && !goes_on) text += "-" + std::to_string(next - 1);
        if (!goes_on && i > 0) text += ", ";
        if (!goes_on) text += is_numbered ? std::to_string(number) : m;
        next = is_numbered ? number + 1 : -1;
    }
    return next >= 0 ? text + "-" + std::to_string(next - 1) : text;
}

}  // namespace

TEST_CASE("a log service that takes batches gets what gathered in a tenth of a second, as NDJSON") {
    fixture f;
    f.client.about = takes_batches();
    f.start();
    f.shipper->push(log_level::warn, f.time.wall(), "slow \"disk\"\n took=1");
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
    CHECK(post.body ==
          R"({"time":"2027-01-15T08:00:00.000Z","service":"BookService","level":"warn",)"
          R"("message":"slow \"disk\"\n took=1"})"
          "\n"
          R"({"time":"2027-01-15T08:00:00.050Z","service":"BookService","level":"info","message":"line n=1"})"
          "\n");
    f.push(2, 3);
    f.time.advance(milliseconds(100));
    CHECK(f.client.count("OPTIONS") == 1);  // asked once
    CHECK(f.client.messages().size() == 3);
    CHECK(f.client.calls[2].headers.find("X-Batch-Id") != post.headers.find("X-Batch-Id"));
    CHECK(f.counters.count("distd_log_lines_shipped_total", "").value() == 3);
}

TEST_CASE("a full batch does not wait, and no batch is larger") {
    fixture f;
    f.client.about = takes_batches();
    f.start();
    f.push(0, 2000);
    f.time.advance(milliseconds(0));
    CHECK_FALSE(f.client.messages().empty());
    f.time.advance(milliseconds(100));
    CHECK(in_short(f.client.messages()) == "0-1999");
    for (const auto& body : f.client.bodies) CHECK(body.size() <= 64 * 1024);
    CHECK(f.client.bodies.size() < 5);
}

TEST_CASE("any other log service gets one line per request, in order, one at a time") {
    fixture f;
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
    CHECK(f.client.most_under_way == 1);
    CHECK(f.client.count("OPTIONS") == 1);
}

TEST_CASE("one message is one line for a service that stores what it gets") {
    fixture f;
    f.start();
    f.shipper->push(log_level::info, f.time.wall(), "a\nb\x1b[0m\r\xff");
    f.time.advance(milliseconds(100));
    CHECK(f.client.messages() == std::vector<std::string>{"[BookService] - a b [0m \xef\xbf\xbd\n"});
}

TEST_CASE("who stands in for a log service that is away is asked again") {
    fixture f;
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

TEST_CASE("a batch that was not answered well is repeated under its id, at growing intervals") {
    fixture f;
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
    f.client.answer = [](const http::call&) { return http::reply{200, {}, {}}; };
    f.time.advance(seconds(5));
    CHECK(in_short(f.client.messages()) == "0-4");
    std::map<std::string, int, std::less<>> ids;
    for (const auto& c : f.client.calls) {
        if (c.method == "POST") ++ids[std::string(c.headers.find("X-Batch-Id"))];
    }
    CHECK(ids.size() == 1);
    CHECK(f.dropped("refused") == 0);
    CHECK(f.complaints.size() <= 2);
    if (failure) CHECK(f.client.count("OPTIONS") == 1);
}

TEST_CASE("what is refused is dropped and counted, told with the next lines, and holds up nobody") {
    fixture f;
    f.client.about = GENERATE(as<result<http::reply>>{}, takes_batches(), http::reply{405, {}, {}});
    f.client.answer = [](const http::call& c) {
        return http::reply{c.body.find("line n=0") != std::string::npos ? 400 : 200, {}, {}};
    };
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

TEST_CASE("who answers where the log service was takes no line away") {
    fixture f;
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
    f.client.answer = [](const http::call&) { return http::reply{200, {}, {}}; };
    f.provider = "http://logs:4001";
    f.shipper->provider_changed();
    f.time.advance(seconds(1));
    CHECK(in_short(f.client.messages()) == (was_known ? "0-3" : "1-3"));
    CHECK(f.dropped("refused") == 0);
}

TEST_CASE("lines that a log service takes only in part are counted by its own word") {
    fixture f;
    f.client.about = takes_batches();
    f.client.answer = [](const http::call& c) {
        return http::reply{
            207, {}, c.body.find("line n=0") != std::string::npos ? R"({"accepted":3,"rejected":2})" : "{}"};
    };
    f.start();
    f.push(0, 5);
    f.time.advance(milliseconds(300));
    CHECK(f.dropped("refused") == 2);
    CHECK(f.counters.count("distd_log_lines_shipped_total", "").value() == 3 + 1);
    CHECK(f.client.messages().back() == "log_lines_dropped count=2");
}

TEST_CASE("without a log service lines wait, and leave at once when one is announced") {
    fixture f;
    f.provider.reset();
    f.start();
    f.push(0, 3);
    f.time.advance(seconds(60));
    CHECK(f.client.calls.empty());
    f.provider = "http://logs:4000";
    f.shipper->provider_changed();
    f.time.advance(milliseconds(0));
    CHECK(f.client.messages().size() == 3);
}

TEST_CASE("lines follow the log service to another address and to what is understood there") {
    fixture f;
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

TEST_CASE("without a spool the oldest lines are dropped, and it is told how many") {
    fixture f;
    f.setup.queue_limit_bytes = 10'000;
    f.client.about = takes_batches();
    f.provider.reset();
    f.start();
    f.push(0, 10);
    f.time.advance(milliseconds(100));  // under way, whatever comes
    f.push(10, 500);
    const auto count = f.dropped("full");
    CHECK(count > 300);
    f.provider = "http://logs:4000";
    f.shipper->provider_changed();
    f.time.advance(milliseconds(500));
    CHECK(in_short(f.client.messages()) ==
          "0-9, " + std::to_string(10 + count) + "-499, log_lines_dropped count=" + std::to_string(count));
    CHECK(f.complaints.size() == 1);
}

TEST_CASE("with a spool nothing is lost and nothing changes places, and the file is gone afterwards") {
    test::temp_dir dir;
    fixture f(dir.path());
    f.setup.queue_limit_bytes = 10'000;
    f.client.about = takes_batches();
    f.provider.reset();
    f.start();
    for (int i = 0; i < 5000; i += 10) {
        f.push(i, i + 10);
        f.time.advance(milliseconds(20));
        if (i % 500 == 0) f.eventually([&] { return i == 0 || std::filesystem::exists(dir / "log.spool"); });
    }
    struct stat about {};
    REQUIRE(::stat((dir / "log.spool").c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    f.provider = "http://logs:4000";
    f.shipper->provider_changed();
    int next = 5000;
    f.eventually([&] {
        if (next < 5500) f.push(next, next + 10), next += 10;  // while the spool is being sent
        return f.client.messages().size() == 5500;
    });
    CHECK(in_short(f.client.messages()) == "0-5499");
    CHECK(f.dropped("full") == 0);
    f.eventually([&] { return !std::filesystem::exists(dir / "log.spool"); });
}

TEST_CASE("a log service that never answers costs no line") {
    test::temp_dir dir;
    fixture f(dir.path());
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

TEST_CASE("a full spool drops the oldest lines, and it is told how many") {
    test::temp_dir dir;
    fixture f(dir.path());
    f.setup.queue_limit_bytes = 10'000;
    f.setup.spool_limit_bytes = 100'000;
    f.client.about = takes_batches();
    f.provider.reset();
    f.start();
    for (int i = 0; i < 3000; i += 10) {
        f.push(i, i + 10);
        f.eventually([&] { return i < 1000 || std::filesystem::exists(dir / "log.spool"); });
    }
    f.eventually([&] { return f.dropped("full") > 0; });
    f.provider = "http://logs:4000";
    f.shipper->provider_changed();
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

TEST_CASE(
    "what could not be sent before the stop is sent by the next process, in order and before newer lines") {
    test::temp_dir dir;
    {
        fixture f(dir.path());
        f.setup.queue_limit_bytes = 10'000;
        f.client.about = takes_batches();
        f.client.held = true;  // a batch is under way when the stop comes, and lines behind it are spooled
        f.start();
        f.push(0, 20);
        f.time.advance(milliseconds(100));
        CHECK(f.client.under_way == 1);
        f.push(20, 1000);
        f.client.answer = [](const http::call&) { return errc::unreachable; };
        f.client.held = false;
        f.stop();
        CHECK(f.client.messages().empty());
        CHECK(f.dropped("full") == 0);
    }
    fixture f(dir.path());
    f.client.about = takes_batches();
    f.start();
    f.push(1000, 1010);
    f.eventually([&] { return f.client.messages().size() == 1010; });
    CHECK(in_short(f.client.messages()) == "0-1009");
}

TEST_CASE("lines of an outage are in the spool soon, so that a kill takes hardly any") {
    test::temp_dir dir;
    {
        fixture f(dir.path());
        f.client.about = takes_batches();
        f.client.answer = [](const http::call&) { return errc::unreachable; };
        f.start();
        f.push(0, 20);
        f.time.advance(milliseconds(100));  // these are under way
        f.push(20, 40);
        f.eventually([&] { return test::text_of(dir / "log.spool").find("line n=39") != std::string::npos; });
    }  // without a flush
    fixture f(dir.path());
    f.client.about = takes_batches();
    f.start();
    f.push(40, 50);
    f.eventually([&] { return f.client.messages().size() == 50; });
    CHECK(in_short(f.client.messages()) == "0-49");
}

TEST_CASE("a batch that was spooled while it was under way keeps its id and is there once") {
    test::temp_dir dir;
    fixture f(dir.path());
    f.client.about = takes_batches();
    f.client.answer = [](const http::call&) { return errc::timed_out; };
    f.start();
    f.push(0, 5);
    f.eventually([&] { return test::text_of(dir / "log.spool").find("line n=4") != std::string::npos; });
    const auto tried = f.client.count("POST");
    f.eventually([&] { return f.client.count("POST") > tried; });
    f.client.answer = [](const http::call&) { return http::reply{200, {}, {}}; };
    f.eventually([&] { return f.client.messages().size() == 5; });
    std::map<std::string, int, std::less<>> ids;
    for (const auto& c : f.client.calls)
        if (c.method == "POST") ++ids[std::string(c.headers.find("X-Batch-Id"))];
    CHECK(ids.size() == 1);
    f.eventually([&] { return !std::filesystem::exists(dir / "log.spool"); });
    f.push(5, 6);
    f.eventually([&] { return f.client.messages().size() == 6; });
    CHECK(in_short(f.client.messages()) == "0-5");
}

TEST_CASE("at whatever moment of an outage a service stops, each line arrives once") {
    for (int moment = 0; moment < 40; ++moment) {
        test::temp_dir dir;
        {
            fixture f(dir.path());
            f.client.about = takes_batches();
            f.client.answer = [](const http::call&) { return errc::unreachable; };
            f.start();
            f.push(0, 3);
            for (int i = 0; i < moment; ++i) f.time.advance(milliseconds(50));
            f.push(3, 5);
            f.stop();
        }
        fixture f(dir.path());
        f.client.about = takes_batches();
        f.start();
        f.push(5, 6);
        f.eventually([&] { return f.client.messages().size() >= 6; });
        REQUIRE(in_short(f.client.messages()) == "0-5");
    }
}

TEST_CASE("what a full disk does not take waits in memory") {
    fixture f("/proc/no/such/folder");
    f.client.about = takes_batches();
    f.provider.reset();
    f.start();
    f.push(0, 100);
    f.time.advance(seconds(60));
    f.push(100, 200);
    f.provider = "http://logs:4000";
    f.shipper->provider_changed();
    f.eventually([&] { return f.client.messages().size() == 200; });
    CHECK(in_short(f.client.messages()) == "0-199");
    CHECK(f.dropped("full") == 0);
}

TEST_CASE("a flush sends what is there, spool and all") {
    test::temp_dir dir;
    fixture f(dir.path());
    f.setup.queue_limit_bytes = 10'000;
    f.client.about = takes_batches();
    f.provider.reset();
    f.start();
    f.push(0, 1000);
    f.provider = "http://logs:4000";
    f.stop();
    CHECK(in_short(f.client.messages()) == "0-999");
    CHECK_FALSE(std::filesystem::exists(dir / "log.spool"));
}

TEST_CASE("lines that were delivered one by one are not spooled again") {
    test::temp_dir dir;
    fixture f(dir.path());
    f.client.answer = [&](const http::call& c) -> result<http::reply> {
        if (c.body.find("n=2") != std::string::npos) return errc::unreachable;
        return http::reply{200, {}, {}};
    };
    f.start();
    f.push(0, 5);
    f.stop();
    f.client.answer = [](const http::call&) { return http::reply{200, {}, {}}; };
    f.client.about = takes_batches();
    f.start();
    f.eventually([&] { return f.client.messages().size() == 5; });
    CHECK(in_short(f.client.messages()) == "[BookService] - line n=0\n, [BookService] - line n=1\n, 2-4");
}

TEST_CASE("at the stop without a spool and a log service the rest is counted") {
    fixture f;
    f.provider.reset();
    f.start();
    f.push(0, 7);
    f.time.advance(milliseconds(100));
    f.push(7, 10);
    f.stop();
    CHECK(f.dropped("full") == 10);
}

TEST_CASE("a spool that fails loses lines, counted, and nothing else") {
    fixture f("/proc/no/such/folder");
    f.setup.queue_limit_bytes = 10'000;
    f.client.about = takes_batches();
    f.provider.reset();
    f.start();
    f.push(0, 1000);
    f.eventually([&] { return f.dropped("full") > 0; });
    f.provider = "http://logs:4000";
    f.shipper->provider_changed();
    f.eventually([&] {
        return !f.client.messages().empty() && f.client.messages().back().starts_with("log_lines_dropped");
    });
    const auto arrived = f.client.messages();
    CHECK(arrived.size() - 1 + f.dropped("full") == 1000);
}

TEST_CASE("a line that was damaged in the spool is no text") {
    CHECK(plain_text(R"({"message":"hi"})", "S") == "[S] - hi\n");
    CHECK_FALSE(plain_text(R"({"message":"h)", "S"));
    CHECK_FALSE(plain_text(R"({"message":5})", "S"));
    CHECK_FALSE(plain_text("[]", "S"));
}
