// A bug in a handler of the loop: it is named, and what the process owes others is still done.
#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <stdexcept>

#include "app/app_settings.hpp"
#include "base/handler_scope.hpp"
#include "role/role.hpp"
#include "sdk/process/exit_codes.hpp"
#include "sdk/process/host.hpp"
#include "support/record_text.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct faulty_process {
    faulty_process() {
        config.emplace(settings_parser(app::app_settings(all_roles()))
                           .parse({{"--listen=127.0.0.1:0", "--data-dir=" + (dir / "data")}, {}}));
        log->tap("distd", [this](log_level, std::string_view line) { lines += record_text(line) + "\n"; });
        process.emplace(loop, real_time(), *config, log);
        faulty = &process->add({"faulty", {"127.0.0.1", 0}}, "", {});
        faulty->on_drain([this] { return drain(); });
    }
    task<> drain() {
        drained = true;
        co_return;
    }
    void fails_in_a_handler() {
        faulty->background("fault", [this]() { return post_fault(); });
    }
    task<> post_fault() {
        boost::asio::post(loop, [] {
            const handler_scope scope("what the test does");
            throw std::runtime_error("a bug");
        });
        co_return;
    }

    temp_dir dir;
    std::optional<settings> config;
    boost::asio::io_context loop{1};
    std::shared_ptr<log_sink> log =
        std::make_shared<log_sink>(log_sink::setup{.descriptor = -1}, real_time());
    std::string lines;
    std::optional<host> process;
    service* faulty = nullptr;
    bool drained = false;
};

}  // namespace

TEST_CASE(
    "an exception that leaves a handler is named, and the process stops in order with its own exit code") {
    faulty_process p;
    p.fails_in_a_handler();
    CHECK(p.process->run() == exit_codes::handler_failed);
    CHECK(p.drained);
    CHECK_THAT(p.lines, Contains("handler_failed") && Contains("what the test does") && Contains("a bug"));
}

TEST_CASE("a failed start throws to the caller, and nothing runs") {
    faulty_process p;
    service& second = p.process->add({"second", {"192.0.2.77", 1}}, "", {});
    static_cast<void>(second);
    CHECK_THROWS_WITH(p.process->run(), Contains("cannot listen on 192.0.2.77:1"));
    CHECK_FALSE(p.drained);
}
