// A body of megabytes that is read on another thread, when nobody waits for it any more.
#include <atomic>
#include <catch2/catch.hpp>
#include <stop_token>
#include <thread>

#include "base/task_group.hpp"
#include "role/log/intake/batch.hpp"
#include "role/log/intake/elastic_bulk.hpp"
#include "role/log/intake/loki_push.hpp"
#include "role/log/intake/otlp_logs.hpp"
#include "role/log/storage/log_store.hpp"
#include "support/loop_runner.hpp"
#include "support/temp_dir.hpp"
#include "support/thread_gate.hpp"

using namespace distd;
using namespace distd::logs;

namespace {

arrival of_somebody_gone() {
    std::stop_source gone;
    gone.request_stop();
    return {1'800'000'000'000'000'000, {}, gone.get_token()};
}

log_store::setup setup_in(const std::filesystem::path& directory) {
    log_store::setup s;
    s.directory = directory;
    s.sync_each_commit = false;
    return s;
}

// A store on whose thread a job runs that ends by being told so only.
struct endless_reading {
    test::temp_dir dir;
    test::loop_runner runner;
    test::thread_gate begun;
    std::atomic<bool> has_ended = false;
    log_store store{setup_in(dir.path()), runner.loop.get_executor(), real_time()};
    task_group requests{runner.loop.get_executor(), real_time()};

    task<> read() {
        auto job = [this](std::stop_token gone) -> result<> {
            static_cast<void>(begun.hold());
            while (!gone.stop_requested()) std::this_thread::yield();
            has_ended = true;
            return {};
        };
        static_cast<void>(co_await store.run_off_loop_while_wanted(std::move(job)));
    }
    task<> ended() {
        requests.cancel();
        co_await requests.join_until(steady_point::max());
    }
};

}  // namespace

TEST_CASE("the reading of a body ends at its next record once nobody waits for it, whatever its format") {
    const auto came = of_somebody_gone();
    CHECK_THROWS_AS(read_json_document(R"([{"message":"a"},{"message":"b"}])", came), reading_ended);
    CHECK_THROWS_AS(read_json_document("[1,2,3]", came), reading_ended);  // none of which is stored
    CHECK_THROWS_AS(read_json_lines("{\"message\":\"a\"}\n{\"message\":\"b\"}\n", came), reading_ended);
    CHECK_THROWS_AS(read_elastic_bulk("{\"create\":{}}\n{\"message\":\"a\"}\n", came), reading_ended);
    CHECK_THROWS_AS(read_loki_push(R"({"streams":[{"stream":{},"values":[["1","a"]]}]})", came),
                    reading_ended);
    CHECK_THROWS_AS(read_loki_push(R"({"streams":[{"stream":{},"values":[]}]})", came), reading_ended);
    const auto otlp = GENERATE(as<std::string>(), R"({"resourceLogs":[{}]})",
                               R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[{}]}]}]})");
    CHECK_THROWS_AS(read_otlp_logs(otlp, came), reading_ended);
}

TEST_CASE("a request that is cancelled ends the reading of its body, and the store does not wait for it") {
    endless_reading e;
    e.requests.spawn("read", [&e] { return e.read(); });
    e.runner.loop.restart();
    e.runner.loop.poll();
    e.begun.wait_until_held();
    e.begun.open();
    e.runner.run([&e] { return e.ended(); });
    while (!e.has_ended) std::this_thread::yield();
    CHECK(e.has_ended);
}
