// Threads that look names up: nobody waits for them but who asked, and the end waits for nobody.
#include "http/client/lookup_pool.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "support/thread_gate.hpp"

using namespace distd;
using namespace distd::http;
using boost::asio::ip::make_address;

namespace {

// What the threads ask: they may outlive the test.
struct directory {
    resolver::found ask(const std::string& host) {
        {
            std::lock_guard lock(mutex);
            ++asked[host];
        }
        if (host.ends_with(".slow")) static_cast<void>(gate.hold());
        if (host.ends_with(".unknown")) return errc::unreachable;
        return address_list{make_address("127.0.0.1")};
    }
    int times(const std::string& host) {
        std::lock_guard lock(mutex);
        return asked[host];
    }

    test::thread_gate gate;
    std::mutex mutex;
    std::map<std::string, int> asked;
};

struct fixture {
    ~fixture() { known->gate.open(); }

    void ask(const std::string& host) {
        look_up(host, [this, host](const resolver::found& what) { told.emplace_back(host, what); });
    }

    std::shared_ptr<directory> known = std::make_shared<directory>();
    boost::asio::io_context loop{1};
    std::optional<lookup_pool> pool{std::in_place, loop.get_executor(),
                                    [d = known](const std::string& host) { return d->ask(host); }};
    resolver::lookup look_up = pool->lookup();
    std::vector<std::pair<std::string, resolver::found>> told;
};

}  // namespace

TEST_CASE_METHOD(fixture, "an answer comes later, on the loop, once to each who asked") {
    ask("a.good");
    ask("b.unknown");
    CHECK(told.empty());
    loop.run();
    REQUIRE(told.size() == 2);
    for (const auto& [host, what] : told) {
        if (host == "a.good") CHECK(what->front() == make_address("127.0.0.1"));
        if (host == "b.unknown") CHECK(what.error() == make_error_code(errc::unreachable));
    }
}

TEST_CASE_METHOD(fixture, "a name is looked up once, however many ask meanwhile") {
    for (int i = 0; i < 5; ++i) ask("x.slow");
    known->gate.wait_until_held();
    for (int i = 0; i < 5; ++i) ask("x.slow");
    known->gate.open();
    loop.run();
    CHECK(told.size() == 10);
    CHECK(known->times("x.slow") == 1);
}

TEST_CASE_METHOD(fixture, "a name is answered beside one whose look-up hangs") {
    ask("x.slow");
    known->gate.wait_until_held();
    ask("a.good");
    while (told.empty()) loop.run_one();
    CHECK(told.front().first == "a.good");
}

TEST_CASE_METHOD(fixture, "the end waits for no look-up, and nobody is called back afterwards") {
    ask("x.slow");
    known->gate.wait_until_held();
    pool->close();
    loop.run();  // runs dry
    CHECK(told.empty());
    ask("a.good");
    pool.reset();
    known->gate.open();
    loop.restart();
    loop.run();
    CHECK(told.empty());
}

TEST_CASE("the system is asked for what it knows") {
    const auto found = ask_system("localhost");
    REQUIRE(found.has_value());
    REQUIRE_FALSE(found->empty());
    CHECK(found->front().is_loopback());
}
