// Calls to hosts whose addresses have to be looked up first. The look-ups are answered by the test.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "http/client/client_call.hpp"
#include "raw_server.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;
using boost::asio::ip::make_address;
using distd::test::raw_server;

namespace {

struct fixture {
    fixture() {
        core = std::make_shared<client_core>(client_setup(), loop.get_executor(), time, &numbers, book());
    }
    ~fixture() {
        core->stop();
        settle();
    }

    resolver::lookup book() {
        return [this](const std::string& host, std::function<void(address_list)> done) {
            asked.emplace_back(host, std::move(done));
        };
    }
    void start(call c) {
        auto ended = [this](std::exception_ptr e, result<reply> r) {
            cancelled = e != nullptr;
            if (!e) answer = std::move(r);
        };
        auto stoppable = boost::asio::bind_cancellation_slot(signal.slot(), std::move(ended));
        boost::asio::co_spawn(loop, send_call(core, std::move(c)), std::move(stoppable));
        settle();
    }
    void settle() { time.advance(milliseconds(0)); }
    std::string url() const { return "http://log.example:" + std::to_string(server.port()) + "/"; }
    [[nodiscard]] bool failed_with(errc e) const { return answer && answer->error() == make_error_code(e); }

    boost::asio::io_context loop{1};
    test::fake_time time{loop};
    metrics numbers;
    raw_server server{
        loop, [](int, const std::string&) { return raw_server::action{"HTTP/1.1 204 No Content\r\n\r\n"}; }};
    std::vector<std::pair<std::string, std::function<void(address_list)>>> asked;
    std::shared_ptr<client_core> core;
    boost::asio::cancellation_signal signal;
    std::optional<result<reply>> answer;
    bool cancelled = false;
};

}  // namespace

TEST_CASE_METHOD(fixture, "a call waits for the look-up of its host and tries the addresses in their order") {
    start(call("GET", url()));
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].first == "log.example");
    CHECK_FALSE(answer);
    asked[0].second({make_address("::1"), make_address("127.0.0.1")});
    settle();
    REQUIRE(answer);
    REQUIRE(answer->has_value());
    CHECK((*answer)->status == 204);
    CHECK(server.requests().at(0).find("\r\nHost: log.example:") != std::string::npos);
}

TEST_CASE_METHOD(fixture, "a host that does not exist is unreachable") {
    start(call("GET", url()));
    asked.at(0).second({});
    settle();
    CHECK(failed_with(errc::unreachable));
}

TEST_CASE_METHOD(fixture, "a look-up that hangs ends with the deadline for connecting") {
    start(call("GET", url()));
    time.advance(milliseconds(2050));
    CHECK(failed_with(errc::unreachable));
    asked.at(0).second({make_address("127.0.0.1")});
    settle();
    CHECK(server.connections() == 0);
}

TEST_CASE_METHOD(fixture, "a call that waits for a look-up can be stopped and cancelled") {
    start(call("GET", url()));
    const bool stops = GENERATE(false, true);
    if (stops) {
        core->stop();
    } else {
        signal.emit(boost::asio::cancellation_type::terminal);
    }
    settle();
    CHECK(cancelled == !stops);
    CHECK(failed_with(errc::stopped) == stops);
}

TEST_CASE_METHOD(fixture, "a connection is judged by the address that a name stands for when it is made") {
    std::vector<std::string> judged;
    core->setup.may_connect = [&](const auto& where) {
        judged.push_back(where.address().to_string());
        return where.address() != make_address("127.0.0.1");
    };
    start(call("GET", url()));
    asked[0].second({make_address("127.0.0.1")});
    settle();
    CHECK(failed_with(errc::bad_address));
    CHECK(judged == std::vector<std::string>{"127.0.0.1"});
    CHECK(server.connections() == 0);
}
