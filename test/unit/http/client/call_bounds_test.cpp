// How many calls and connections there may be, and that none holds up another.
#include "unit/http/client/call_fixture.hpp"

using namespace distd;
using namespace distd::http;

TEST_CASE("calls beyond a target's bound wait in line, and beyond the line's bound are refused") {
    call_fixture f({.connections_per_target = 2, .waiting_per_target = 2});
    raw_server server(f.loop, [](int, const std::string& request) {
        return action{request.starts_with("GET /hang") ? "" : ok};
    });
    const auto a = f.start(call_fixture::get_of(server.url("/hang")));
    auto longer = call_fixture::get_of(server.url("/hang"));
    longer.deadline = seconds(20);
    const auto b = f.start(longer);
    f.run_until([&] { return server.requests().size() == 2; });
    const auto c = f.start(call_fixture::get_of(server.url("/c")));
    longer.url = server.url("/d");
    const auto d = f.start(longer);
    CHECK(f.get(server.url("/e")) == text_of(errc::overloaded));
    f.time.advance(milliseconds(5050));
    CHECK(*a == text_of(errc::timed_out));
    CHECK(*c == text_of(errc::timed_out));  // the wait in line counts
    f.run_until([&] { return !d->empty(); });
    CHECK(*d == "200");
    CHECK(b->empty());
    CHECK(server.requests().size() == 3);
}

TEST_CASE("connections that idle too long are closed, and of too many the oldest of all targets") {
    call_fixture f({.idle_per_target = 2, .idle_in_all = 3});
    raw_server first(f.loop, always(ok));
    raw_server second(f.loop, always(ok));
    for (auto* s : {&first, &second}) {
        std::vector<outcome> calls;
        for (int i = 0; i < 4; ++i) calls.push_back(f.start(call_fixture::get_of(s->url())));
        f.run_until([&] { return f.core->calls_in_flight() == 0; });
    }
    CHECK(f.core->pool.idle_connections() == 3);
    f.run_until([&] { return first.open_connections() == 1 && second.open_connections() == 2; });
    f.time.advance(seconds(49));
    CHECK(f.core->pool.idle_connections() == 3);
    f.time.advance(seconds(1));
    CHECK(f.core->pool.idle_connections() == 0);
}

TEST_CASE("of too many targets asked in turn those that came first keep their connections") {
    call_fixture f({.idle_in_all = 1, .keeps_oldest = true});
    raw_server first(f.loop, always(ok));
    raw_server second(f.loop, always(ok));
    for (int round = 0; round < 3; ++round) {
        CHECK(f.get(first.url()) == "200");
        CHECK(f.get(second.url()) == "200");
    }
    CHECK(f.core->pool.idle_connections() == 1);
    CHECK(first.connections() == 1);
    CHECK(second.connections() == 3);
    f.run_until([&] { return second.open_connections() == 0; });
}

TEST_CASE_METHOD(call_fixture, "a target that is kept is called again after its connection was closed") {
    raw_server server(loop, always(ok));
    auto again = get_of(server.url());
    again.to = core->target(again.url);
    const auto call_it = [&] {
        auto told = std::make_shared<std::string>();
        client_call::start(core, again, [told](const result<reply>& how) {
            *told = how ? "answered" : how.error().message();
        });
        run_until([&] { return !told->empty(); });
        return *told;
    };
    CHECK(call_it() == "answered");
    CHECK(call_it() == "answered");
    CHECK(get(server.url()) == "200");  // whoever names the same host and port shares its connections
    CHECK(server.connections() == 1);
    time.advance(seconds(60));
    CHECK(core->pool.idle_connections() == 0);
    CHECK(call_it() == "answered");
    CHECK(server.connections() == 2);
}

TEST_CASE_METHOD(call_fixture,
                 "a client that drops its calls completes none of them and leaves the loop empty") {
    std::optional<raw_server> server(std::in_place, loop, always(""));
    const auto sent = start(get_of(server->url()));
    const auto resolving = start(get_of("http://slow.example/"));
    const auto refused = start(get_of("https://x/"));
    run_until([&] { return server->requests().size() == 1; });
    const auto unsent = start(get_of("https://x/"));
    stop.emit(boost::asio::cancellation_type::terminal);
    run_until([&] { return has_stopped; });
    CHECK(core->calls_in_flight() == 0);
    const auto late = start(get_of(server->url()));
    server.reset();
    loop.run();  // returns by itself
    CHECK(sent->empty());
    CHECK(resolving->empty());
    CHECK(late->empty());
    CHECK(*refused == text_of(errc::bad_address));
}

TEST_CASE_METHOD(call_fixture, "five hundred hanging targets hold up nobody") {
    // The kernel takes their connections and requests; nobody says anything.
    std::vector<boost::asio::ip::tcp::acceptor> silent;
    std::vector<outcome> hanging;
    for (int i = 0; i < 500; ++i) {
        silent.emplace_back(loop, boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        const auto port = std::to_string(silent.back().local_endpoint().port());
        hanging.push_back(start(get_of("http://127.0.0.1:" + port)));
    }
    raw_server server(loop, always(ok));
    for (int i = 0; i < 20; ++i) REQUIRE(get(server.url()) == "200");
    for (const auto& h : hanging) REQUIRE(h->empty());
    time.advance(milliseconds(5050));
    for (const auto& h : hanging) REQUIRE(*h == text_of(errc::timed_out));
}

TEST_CASE("a thousand calls for a status to a thousand targets at once are answered, and again") {
    call_fixture f({.keeps_after_bodies = true});
    constexpr std::size_t targets = 1000;
    std::vector<std::unique_ptr<raw_server>> servers;
    for (std::size_t i = 0; i < targets; ++i)
        servers.push_back(std::make_unique<raw_server>(f.loop, always(ok)));
    for (int round = 0; round < 2; ++round) {
        for (const auto& s : servers) f.start(f.post_of(s->url("/services"), std::string(90, 'x')));
        f.run_until([&] { return f.core->calls_in_flight() == 0; });
    }
    CHECK(f.ended_as("answered") == 2 * targets);
    CHECK(f.core->pool.idle_connections() == targets);
    for (const auto& s : servers) REQUIRE(s->connections() == 1);
}
