// A service of a user's own in the test's process: what the SDK gives it for free.
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "base/settings/options.hpp"
#include "sdk/process/host.hpp"
#include "sdk/process/host_settings.hpp"
#include "support/fake_time.hpp"
#include "support/http_exchange.hpp"
#include "support/temp_dir.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

struct program {
    boost::asio::io_context loop{1};
    fake_time time{loop};
    temp_dir dir;
    settings config;
    std::vector<std::string> arguments{"book"};
    std::vector<char*> argv{arguments[0].data()};
    service book{"BookService", 1, argv.data()};
    host process;

    explicit program(std::vector<std::string> flags = {})
        : config(settings_parser(host_settings()).parse({with_data_dir(std::move(flags)), {}})),
          process(loop, time, config, std::make_shared<log_sink>(silent(), time)) {}

    std::vector<std::string> with_data_dir(std::vector<std::string> flags) const {
        flags.push_back("--data-dir=" + dir.path());
        flags.push_back("--registry=http://127.0.0.1:9");  // nobody there
        return flags;
    }
    static log_sink::setup silent() {
        log_sink::setup s;
        s.descriptor = -1;
        return s;
    }
    void start() {
        process.add({"book", {"127.0.0.1", 0}, ""}, book);
        process.start();
    }
    void pump() {
        loop.restart();
        while (loop.poll() > 0) {}
    }
    http_answer http(const std::string& method, const std::string& path, const std::string& body = {}) {
        return exchange(method, book.url() + path, body, "application/json", [this] { pump(); });
    }
    ~program() {
        bool ended = false;
        boost::asio::co_spawn(loop, process.stop(), [&](std::exception_ptr, bool all) { ended = all; });
        // Threads of the service keep their own time: a little of it passes before ours moves on.
        for (int i = 0; i < 1000 && !ended; ++i) {
            loop.restart();
            loop.run_for(milliseconds(1));
            time.advance(milliseconds(20));
        }
        if (!ended) std::fprintf(stderr, "the service of the test did not end\n");
    }
};

const std::string log_service_added =
    R"({"Added":[{"Name":"LogService","URL":"http://127.0.0.1:9"}],"Removed":[]})";

task<> find_log(service* s, milliseconds span, int* found) {
    *found = co_await s->wait_for("LogService", span) ? 1 : 0;
}

task<> get_hello(service* s, int* status) {
    http::call c("GET", "/hello");
    const auto answer = co_await s->send_to("Other", std::move(c));
    *status = answer ? answer->status : -1;
}

}  // namespace

TEST_CASE("a service is ready without its dependencies, unless it is set to wait for them") {
    for (const bool in_code : {true, false}) {
        program p(in_code ? std::vector<std::string>{}
                          : std::vector<std::string>{"--wait-for-dependencies=5s"});
        p.book.depends_on("LogService");
        if (in_code) p.book.waits_for_dependencies();
        p.start();
        const auto waiting = p.http("GET", "/heartbeat");
        CHECK(waiting.status == 503);
        CHECK_THAT(waiting.body, Contains("no instance of LogService is known yet"));
        p.time.advance(seconds(6));
        CHECK(p.http("GET", "/heartbeat").status == (in_code ? 503 : 200));
        CHECK(p.http("POST", "/services", log_service_added).status == 200);
        CHECK(p.http("GET", "/heartbeat").status == 200);
    }
    program p;
    p.book.depends_on("LogService");
    p.start();
    CHECK(p.http("GET", "/heartbeat").status == 200);
}

TEST_CASE("wait_for completes when an instance is known, or times out") {
    program p;
    p.book.depends_on("LogService");
    p.start();
    int early = -1;
    int late = -1;
    p.book.spawn("early", [&] { return find_log(&p.book, seconds(2), &early); });
    p.book.spawn("late", [&] { return find_log(&p.book, seconds(60), &late); });
    p.time.advance(seconds(3));
    CHECK(early == 0);
    CHECK(late == -1);
    CHECK(p.http("POST", "/services", log_service_added).status == 200);
    p.pump();
    CHECK(late == 1);
    CHECK(p.book.providers("LogService") == std::vector<std::string>{"http://127.0.0.1:9"});
    CHECK(p.book.pick("LogService") == "http://127.0.0.1:9");
    CHECK_FALSE(p.book.pick("Other"));
}

TEST_CASE("send_to joins a path to the URL of a provider that ends in a slash") {
    program p;
    p.book.get("/hello", [](const http::request&) { return http::response::text(200, "hello"); });
    p.book.depends_on("Other");
    p.start();
    const auto added = R"({"Added":[{"Name":"Other","URL":")" + p.book.url() + R"(/"}],"Removed":[]})";
    CHECK(p.http("POST", "/services", added).status == 200);
    int status = 0;
    p.book.spawn("call", [&] { return get_hello(&p.book, &status); });
    for (int i = 0; i < 1000 && status == 0; ++i) {
        p.loop.restart();
        p.loop.run_one_for(milliseconds(100));
    }
    CHECK(status == 200);
}

TEST_CASE("a failing health check turns the heartbeat to 503 with the reason") {
    program p;
    std::string trouble;
    p.book.health([&] { return trouble; });
    p.start();
    CHECK(p.http("GET", "/heartbeat").status == 200);
    trouble = "the shelf is on fire";
    CHECK_THAT(p.http("GET", "/heartbeat").body, Contains("the shelf is on fire"));
}

TEST_CASE("a failed background task is reported by the heartbeat") {
    program p;
    struct failing {
        static task<> run() {
            throw std::runtime_error("gone wrong");
            co_return;
        }
    };
    p.book.background("counter", [] { return failing::run(); });
    p.start();
    p.pump();
    const auto answer = p.http("GET", "/heartbeat");
    CHECK(answer.status == 503);
    CHECK_THAT(answer.body, Contains("the task counter has failed"));
}

TEST_CASE("an invalid patch is refused with the reason, and changes nothing") {
    program p;
    p.start();
    CHECK(p.http("POST", "/services", "{").status == 400);
    CHECK(p.http("POST", "/services", "{\"Added\": 3}").status == 400);
    CHECK(p.http("POST", "/services", R"({"added":null,"REMOVED":[]})").status == 200);
    CHECK(p.book.providers("LogService").empty());
}
