// An agent, its folder, a scripted CA and time that a test moves. The agent may be killed at any point and
// started again on what it left.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>

#include "acme/acme_agent.hpp"
#include "base/logging/log_sink.hpp"
#include "base/task_group.hpp"
#include "base/worker_steps.hpp"
#include "support/fake_time.hpp"
#include "support/forwarding_disk.hpp"
#include "support/record_text.hpp"
#include "support/stub_ca.hpp"
#include "support/temp_dir.hpp"

namespace distd::test {

// What threads would do is done on the loop, between other things.
class steps_on_loop final : public worker_steps {
public:
    explicit steps_on_loop(boost::asio::io_context& loop) : loop_(loop), before_(set_worker_steps(this)) {}
    ~steps_on_loop() override { set_worker_steps(before_); }
    void ask_for(std::function<void()> step) override { boost::asio::post(loop_, std::move(step)); }

private:
    boost::asio::io_context& loop_;
    worker_steps* before_;
};

class filling_disk final : public forwarding_disk {
public:
    filling_disk() : forwarding_disk(real_disk()) {}
    bool is_full = false;

private:
    class filling_file final : public forwarding_file {
    public:
        filling_file(const filling_disk& d, std::unique_ptr<file> that)
            : forwarding_file(std::move(that)), disk_(d) {}
        result<std::size_t> append(std::string_view bytes) override {
            if (disk_.is_full) return boost::system::error_code(ENOSPC, boost::system::generic_category());
            return forwarding_file::append(bytes);
        }

    private:
        const filling_disk& disk_;
    };
    std::unique_ptr<file> wrapped(const path&, std::unique_ptr<file> that) override {
        return std::make_unique<filling_file>(*this, std::move(that));
    }
};

struct acme_scene {
    acme_scene() {
        log->tap("acme", [this](log_level, std::string_view line) { lines += record_text(line) + "\n"; });
        ca.look = [this](const std::string&, const std::string& token) {
            const auto* found = is_reached && agent ? agent->challenges().find(token) : nullptr;
            return found ? *found : std::string("the page of another server");
        };
    }
    ~acme_scene() { kill(); }

    void begin() {
        agent.emplace(wish, disk, dir / "acme", ca, loop.get_executor(), time, logger(log, "acme"));
        agent->on_change([this] { ++changes; });
        tasks.emplace(loop.get_executor(), time);
        tasks->on_failure([this](const std::string&, const std::string& what) { lines += what; });
        tasks->spawn("acme", [this] { return agent->run(); });
        time.advance(milliseconds(0));
    }
    void kill() {
        if (!tasks) return;
        tasks->cancel();
        time.advance(milliseconds(0));
        REQUIRE(tasks->size() == 0);
        tasks.reset();
        agent.reset();
    }
    void restart() {
        kill();
        begin();
    }
    [[nodiscard]] std::string issuer() const { return agent->shown()->facts().issuer; }
    [[nodiscard]] bool has_real_one() const { return issuer() == "CN=stub CA"; }

    temp_dir dir;
    filling_disk disk;
    boost::asio::io_context loop{1};
    fake_time time{loop};
    steps_on_loop steps{loop};
    stub_ca ca{time};
    std::string lines;
    std::shared_ptr<log_sink> log = std::make_shared<log_sink>(log_sink::setup{.descriptor = -1}, time);
    acme::acme_wish wish{{"a.example", "b.example"}, "me@example.org", stub_ca::directory, ""};
    std::optional<acme::acme_agent> agent;
    std::optional<task_group> tasks;
    bool is_reached = true;
    int changes = 0;
};

}  // namespace distd::test
