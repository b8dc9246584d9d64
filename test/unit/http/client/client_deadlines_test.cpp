// How long a call takes at most, and in which line it waits meanwhile.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/http/client/client_fixture.hpp"

using namespace distd;
using namespace distd::http;
using namespace distd::test;
using action = raw_server::action;

TEST_CASE_METHOD(client_fixture, "a call that is not answered ends at its deadline") {
    const auto& said = GENERATE(values<std::string>({"", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"}));
    raw_server server(loop, always(said));
    auto p = start(call("GET", server.url()).within(seconds(3)));
    run_until([&] { return !server.requests().empty(); });
    time.advance(milliseconds(2900));
    CHECK_FALSE(p->ended());
    time.advance(milliseconds(150));
    CHECK(p->failed_with(errc::timed_out));
    run_until([&] { return server.open_connections() == 0; });
    CHECK(ended_as("timed_out") == 1);
}

TEST_CASE_METHOD(client_fixture, "a deadline is absolute: a dripping answer does not move it") {
    raw_server server(loop, always(""));
    auto slow = start(call("GET", server.url()).within(seconds(60)));
    auto fast = start(call("GET", server.url()).within(seconds(1)));
    run_until([&] { return server.requests().size() == 2; });
    time.advance(milliseconds(1050));
    CHECK(fast->failed_with(errc::timed_out));
    CHECK_FALSE(slow->ended());
    time.advance(seconds(59));
    CHECK(slow->failed_with(errc::timed_out));
}

TEST_CASE_METHOD(client_fixture, "a body that the peer does not read ends at the deadline as well") {
    // Listens, and never accepts: what the kernel's buffers take is taken.
    boost::asio::ip::tcp::acceptor deaf(loop, {boost::asio::ip::address_v4::loopback(), 0});
    auto p = start(post("http://127.0.0.1:" + std::to_string(deaf.local_endpoint().port()),
                        std::string(20'000'000, 'x')));
    loop.poll();
    time.advance(milliseconds(5050));
    CHECK(p->failed_with(errc::timed_out));
}

TEST_CASE_METHOD(client_fixture, "a connection that cannot be made in time is unreachable") {
    // A full backlog: the kernel leaves further connections in the air.
    boost::asio::ip::tcp::acceptor full(loop, boost::asio::ip::tcp::v4());
    full.bind({boost::asio::ip::address_v4::loopback(), 0});
    full.listen(0);
    std::vector<boost::asio::ip::tcp::socket> taken;
    for (int i = 0; i < 4; ++i) {
        taken.emplace_back(loop).async_connect(full.local_endpoint(),
                                               [](const boost::system::error_code&) {});
    }
    auto p = start(call("GET", "http://127.0.0.1:" + std::to_string(full.local_endpoint().port())));
    time.advance(milliseconds(1900));
    REQUIRE_FALSE(p->ended());
    time.advance(milliseconds(150));
    CHECK(p->failed_with(errc::unreachable));
    taken.clear();
}

TEST_CASE("calls beyond the bound wait in line, and beyond the line's bound are refused") {
    client_fixture f({.connections_per_target = 2, .waiting_per_target = 2});
    raw_server server(f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    auto a = f.start(call("GET", server.url("/hang")));
    auto b = f.start(call("GET", server.url("/hang")));
    f.run_until([&] { return server.requests().size() == 2; });
    auto c = f.start(call("GET", server.url("/c")));
    auto d = f.start(call("GET", server.url("/d")));
    f.loop.poll();
    CHECK(f.error_of(call("GET", server.url("/e"))) == errc::overloaded);
    CHECK(server.requests().size() == 2);

    a->cancel();
    f.run_until([&] { return c->ended() && d->ended(); });
    CHECK(c->answer->has_value());
    CHECK(d->answer->has_value());
    CHECK(server.requests().at(2).starts_with("GET /c"));
    CHECK(server.requests().at(3).starts_with("GET /d"));
    b->cancel();
    f.run_until([&] { return b->ended(); });
}

TEST_CASE("a wait in line counts towards the deadline, and one that ends leaves no gap") {
    client_fixture f({.connections_per_target = 1});
    raw_server server(f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    auto hanging = f.start(call("GET", server.url("/hang")).within(seconds(20)));
    f.run_until([&] { return server.requests().size() == 1; });
    auto impatient = f.start(call("GET", server.url("/a")).within(seconds(1)));
    auto cancelled = f.start(call("GET", server.url("/b")).within(seconds(20)));
    auto patient = f.start(call("GET", server.url("/c")).within(seconds(20)));
    f.loop.poll();
    cancelled->cancel();
    f.time.advance(milliseconds(1100));
    CHECK(impatient->failed_with(errc::timed_out));
    CHECK(cancelled->cancelled);
    CHECK_FALSE(patient->ended());
    hanging->cancel();
    f.run_until([&] { return patient->ended(); });
    CHECK(patient->answer->has_value());
    CHECK(server.requests().size() == 2);
}
