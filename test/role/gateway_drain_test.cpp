// What becomes of requests that wait for their answer while the portal is drained and stopped.
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

constexpr auto whole_event_stream =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: 1\n\n";

task<> say_after_a_second(time_source* time, raw_server* instance, std::string text) {
    co_await sleep_for(*time, seconds(1));
    instance->say(0, text);
}

// Stops the portal; an answer of the instance comes meanwhile.
void stop_and_answer(gateway_fixture& f, raw_server& instance, const std::string& text) {
    boost::asio::co_spawn(f.w.loop, say_after_a_second(&f.w.time, &instance, text), [](std::exception_ptr e) {
        if (e) std::rethrow_exception(e);
    });
    f.w.stop("portal");
}

// A client whose request has reached the instance.
std::unique_ptr<raw_peer> client_of(gateway_fixture& f, const raw_server& instance,
                                    const std::string& fields = {}) {
    auto peer = std::make_unique<raw_peer>(port_of(f.portal), [&f] { f.w.pump(); });
    peer->send(get_request("/api/Shop/x", fields));
    f.w.until("the instance is asked", [&] { return instance.requests().size() == 1; });
    return peer;
}

}  // namespace

TEST_CASE("a request that waits for its answer is finished within the drain") {
    gateway_fixture f(both_ways());
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {ok, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"}));
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop);
    stop_and_answer(f, shop, answer);
    CHECK_THAT(peer->read_until_close(),
               StartsWith("HTTP/1.1 200") && Contains("Connection: close\r\n") && Contains("hi"));
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(" status=200 "));
}

TEST_CASE("a request that is not answered within the drain is ended and recorded") {
    gateway_fixture f(both_ways(), {"--drain-timeout=1s"});
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop);
    f.w.stop("portal");
    CHECK_THAT(peer->read_until_close(), StartsWith("HTTP/1.1 503"));
    f.w.pump();
    CHECK(shop.open_connections() == 0);
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(" status=503 ") && Contains("stopped"));
}

TEST_CASE("what a client sent behind a request that is finished within the drain is not begun any more") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop);
    peer->send(get_request("/api/Shop/second"));
    stop_and_answer(f, shop, ok);
    const auto got = peer->read_until_close();
    CHECK_THAT(got, StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    CHECK(shop.requests().size() == 1);
}

TEST_CASE("a stream of events that is here whole is passed on, also within the drain") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop);
    stop_and_answer(f, shop, whole_event_stream);
    CHECK_THAT(peer->read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("data: 1\n\n"));
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(" status=200 "));
}

TEST_CASE("a stream of events that goes on is ended by the drain, at once") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop);
    const std::string stream =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
        "chunked\r\n\r\n9\r\ndata: 1\n\n\r\n";
    const auto before = f.w.time.now();
    SECTION("it began before") {
        shop.say(0, stream);
        CHECK_THAT(peer->read_some(), StartsWith("HTTP/1.1 200"));
        f.w.stop("portal");
        CHECK_THAT(peer->read_until_close(), !EndsWith("\r\n0\r\n\r\n"));
    }
    SECTION("it begins meanwhile") {
        stop_and_answer(f, shop, stream);
        CHECK_THAT(peer->read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("data: 1\n\n\r\n"));
    }
    CHECK(f.w.time.now() - before < seconds(5));
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(" status=200 "));
}

TEST_CASE("a WebSocket is ended by the drain, also one that begins meanwhile") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop, "Connection: Upgrade\r\nUpgrade: websocket\r\n");
    const std::string upgrade =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    const auto before = f.w.time.now();
    SECTION("it began before") {
        shop.say(0, upgrade);
        CHECK_THAT(peer->read_some(), StartsWith("HTTP/1.1 101"));
        f.w.stop("portal");
    }
    SECTION("it begins meanwhile") {
        stop_and_answer(f, shop, upgrade);
        CHECK_THAT(peer->read_some(), StartsWith("HTTP/1.1 101"));
    }
    CHECK(f.w.time.now() - before < seconds(5));
    CHECK(peer->read_until_close().empty());
    f.w.pump();
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("a request behind a stream of events that ended is finished within the drain like any other") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    const auto peer = client_of(f, shop);
    shop.say(0, whole_event_stream);
    CHECK_THAT(peer->read_answer(), EndsWith("data: 1\n\n"));
    peer->send(get_request("/api/Shop/second"));
    f.w.until("the instance is asked again", [&] { return shop.requests().size() == 2; });
    stop_and_answer(f, shop, ok);
    CHECK_THAT(peer->read_until_close(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
}
