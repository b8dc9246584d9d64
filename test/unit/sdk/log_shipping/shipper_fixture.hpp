// A log shipper in front of every log service there is, in one: what that understands, how it answers and
// when is the test's.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <distd/http.hpp>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/logging/shipped_record.hpp"
#include "base/task_group.hpp"
#include "sdk/log_shipping/line_queue.hpp"
#include "sdk/log_shipping/log_shipper.hpp"
#include "support/fake_time.hpp"
#include "support/record_text.hpp"

namespace distd::test {

// What a log service may answer, among others.
inline result<http::reply> taken(const http::call&) { return http::reply{200, {}, {}}; }
inline result<http::reply> unreachable(const http::call&) { return errc::unreachable; }

// Every log service there is, behind the client.
class fake_log_service final : public http::client {
public:
    fake_log_service(executor ex, time_source& time) : gate(ex, time) {}

    task<result<http::reply>> send(http::call c) override {
        calls.push_back(c);
        if (c.method == "OPTIONS") co_return about;
        ++under_way;
        max_under_way = std::max(max_under_way, under_way);
        while (held) co_await gate.wait();
        --under_way;
        auto r = answer(c);
        if (r && r->status / 100 == 2) take(c.body);
        co_return r;
    }

    // The texts that arrived, of batches and of single lines.
    [[nodiscard]] const std::vector<std::string>& messages() const noexcept { return messages_; }
    [[nodiscard]] std::size_t count(std::string_view method) const {
        return static_cast<std::size_t>(std::ranges::count(calls, method, &http::call::method));
    }
    // Under which batches were sent, each once.
    [[nodiscard]] std::set<std::string> batch_ids() const {
        std::set<std::string> ids;
        for (const auto& c : calls)
            if (c.method == "POST") ids.emplace(c.headers.find("X-Batch-Id"));
        return ids;
    }
    void let_go() {
        held = false;
        gate.wake();
    }

    std::vector<http::call> calls;
    std::vector<std::string> bodies;  // that were taken
    result<http::reply> about = http::reply{405, {}, {}};
    std::function<result<http::reply>(const http::call&)> answer = taken;
    bool held = false;
    int under_way = 0;
    int max_under_way = 0;
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
            messages_.push_back(record_text(line));
            body.remove_prefix(line.size());
        }
    }

    std::vector<std::string> messages_;
};

inline http::reply takes_batches() {
    http::reply r{204, {}, {}};
    r.headers.add("accept-post", "text/plain, Application/X-NDJSON");
    return r;
}

// A shipper, its log service, and time that stands still.
struct shipper_fixture {
    boost::asio::io_context loop;
    fake_time time{loop};
    metrics counters;
    fake_log_service client{loop.get_executor(), time};
    std::optional<std::string> provider = "http://logs:4000";
    std::vector<std::string> complaints;
    log_shipper_setup setup;
    std::unique_ptr<log_shipper> shipper;
    task_group tasks{loop.get_executor(), time};

    explicit shipper_fixture(std::string spool_dir = {}) {
        setup.service = "BookService";
        setup.instance = "http://books:8010";
        setup.provider = [this] { return provider; };
        setup.spool_dir = [dir = std::move(spool_dir)] { return dir; };
        setup.complain = [this](std::string_view s) { complaints.emplace_back(s); };
        tasks.on_failure(
            [](const std::string& name, const std::string& what) { FAIL(name << ": " << what); });
    }
    ~shipper_fixture() {
        tasks.cancel();
        eventually([this] { return tasks.size() == 0; });
    }
    void start() {
        shipper = std::make_unique<log_shipper>(setup, client, loop.get_executor(), time, counters);
        tasks.spawn("shipper", [this] { return shipper->run(); });
        time.advance(milliseconds(0));
    }
    // Nobody knows a log service; the one that will be announced takes batches.
    void start_in_outage() {
        client.about = takes_batches();
        provider.reset();
        start();
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
        for (int i = from; i < to; ++i) push(log_level::info, "line", {{"n", i}});
    }
    void push(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
        std::string record;
        log_stamp stamp;
        append_shipped_record(record, stamp, shipped_origin(setup.service, setup.instance),
                              {time.wall(), level, setup.service, event, fields});
        shipper->push(record);
    }
    // The log service is there.
    void announce() {
        provider = "http://logs:4000";
        shipper->provider_changed();
    }
    std::uint64_t dropped(const std::string& why) {
        return counters.count("distd_log_lines_dropped_total", "", {{"reason", why}}).value();
    }
};

// "0-9, 20-29, another message": runs of numbered lines, and what else there is.
inline std::string in_short(const std::vector<std::string>& messages) {
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

}  // namespace distd::test
