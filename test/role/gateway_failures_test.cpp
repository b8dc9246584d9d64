// What becomes of a request when an instance, a client or the registry fails.
#include <catch2/catch.hpp>
#include <list>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a refused connection sends any request to another instance") {
    gateway_fixture f(both_ways());
    auto& gone = f.instance(says_ok);
    auto& shop = f.instance(says_ok);
    gone.close();
    for (int i = 0; i < 6; ++i) CHECK_THAT(f.exchange(post_request), StartsWith("HTTP/1.1 200"));
    CHECK(shop.requests().size() == 6);
}

TEST_CASE("malformed answers count like 502s and do not eject an instance at once") {
    gateway_fixture f(both_ways());
    const auto bad = [](int, const std::string&) { return says_and_closes("HTTP/9 what\r\n\r\n"); };
    f.instance(bad);
    f.instance(bad);
    const auto ejected = [&] { return f.holds(f.status(), R"("state":"ejected")"); };
    for (int i = 0; i < 4; ++i) CHECK_THAT(f.get(), StartsWith("HTTP/1.1 502"));
    CHECK_FALSE(ejected());
    for (int i = 0; i < 5; ++i) CHECK_THAT(f.get(), StartsWith("HTTP/1.1 502"));
    CHECK(ejected());
}

TEST_CASE("a GET whose connection breaks before an answer goes to another instance, a POST is reported") {
    gateway_fixture f(both_ways());
    int calls = 0;
    std::string begun;
    const auto script = [&](int, const std::string&) {
        return ++calls == 1 ? says_and_closes(begun) : says(ok);
    };
    f.instance(script);
    f.instance(script);
    SECTION("GET") {
        CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
        CHECK(calls == 2);
    }
    SECTION("POST") {
        CHECK_THAT(f.exchange(post_request), StartsWith("HTTP/1.1 502") && Contains("not known whether"));
        CHECK(calls == 1);
    }
    SECTION("GET, but an answer had begun") {
        begun = "HTTP/1.1 20";
        CHECK_THAT(f.get(), StartsWith("HTTP/1.1 502") && !Contains("not known whether"));
        CHECK(calls == 1);
    }
}

TEST_CASE("no request fails after 80 idle seconds in which instances closed their connections") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    std::vector<std::unique_ptr<raw_peer>> peers;
    const auto all_ask = [&] {
        peers.clear();
        for (int i = 0; i < 64; ++i) {
            peers.push_back(std::make_unique<raw_peer>(port_of(f.portal), [&] { f.w.pump(); }));
            peers.back()->send(
                i % 2 == 0 ? "GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\n\r\n"
                           : "POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx");
        }
        int good = 0;
        for (auto& p : peers) good += p->read_answer().starts_with("HTTP/1.1 200") ? 1 : 0;
        return good;
    };
    CHECK(all_ask() == 64);
    SECTION("for longer than the gateway keeps connections") { f.w.time.advance(seconds(80)); }
    SECTION("the instance closes while they are kept") { shop.close_connections(); }
    CHECK(all_ask() == 64);
}

TEST_CASE("a client disconnect cancels the request at the instance") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    {
        auto peer = f.connect();
        peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK(peer.is_silent());
        CHECK(shop.open_connections() == 1);
    }
    f.w.time.advance(seconds(1));
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("a request whose client left is logged once with the reason, and no longer in flight") {
    gateway_fixture f(both_ways());
    const auto [begin, status] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"", " status=499 "}, {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", " status=200 "}}));
    auto& shop = f.instance([&](int, const std::string&) { return says(begin); });
    {
        auto peer = f.connect();
        peer.send(get_request("/api/Shop/x"));
        f.w.until("the instance is asked", [&] { return shop.requests().size() == 1; });
        CHECK_THAT(f.status(), Contains(R"("in_flight":1)"));
        CHECK(f.metric(R"(distd_gateway_in_flight{service="Shop"})") == "1");
        CHECK(f.metric("distd_http_requests_in_flight") == "2");  // with the one that asks
        if (GENERATE(false, true)) peer.reset();
    }
    f.w.time.advance(seconds(1));
    CHECK_THAT(f.status(), Contains(R"("in_flight":0)"));
    CHECK(f.metric(R"(distd_gateway_in_flight{service="Shop"})") == "0");
    CHECK(f.metric("distd_http_requests_in_flight") == "1");
    CHECK(shop.open_connections() == 0);
    f.w.time.advance(seconds(40));
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(status) && Contains("client_gone"));
}

TEST_CASE(
    "an answer that is cut off for want of memory is logged with that reason, not as a client's leaving") {
    gateway_fixture f(std::vector<std::string>{"--max-request-memory=1MiB"});
    // A connection with TLS takes so much of it that few would be answered at all.
    f.portal = f.w.plain_address("portal", "portal");
    constexpr std::size_t size = 4 << 20;
    f.instance([&](int, const std::string&) {
        return says("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                    std::string(size, 'b'));
    });
    std::list<raw_peer> readers;
    for (int i = 0; i < 40; ++i) {  // as many as there is memory for are answered
        auto& peer = readers.emplace_back(port_of(f.portal), [&f] { f.w.pump(); });
        peer.send(get_request("/api/Shop/x"));
    }
    // How much the gateway holds of each differs with every piece that is read.
    for (int i = 0; i < 30 && f.records.empty(); ++i)
        for (auto& r : readers) {
            static_cast<void>(r.read_some());
            f.w.pump();
        }
    REQUIRE_FALSE(f.records.empty());
    for (const auto& r : f.records)
        CHECK_THAT(r, Contains(" status=200 ") && Contains("reason=memory_limit"));
}

TEST_CASE("a client that half-closes in the middle of its body has left: its request is cancelled") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    CHECK_THAT(f.exchange("POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc"),
               StartsWith("HTTP/1.1 499") && Contains("client disconnected"));
    CHECK(shop.open_connections() == 0);
}

TEST_CASE(
    "an end right behind the bytes before it is noticed, also on a connection that has been used for long") {
    gateway_fixture f;
    auto& shop = f.instance([](int, const std::string& request) {
        if (request.starts_with("GET /socket ")) return says("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        return request.starts_with("GET /x ") ? says(ok) : silence();
    });
    auto peer = f.connect();
    for (int i = 0; i < 4; ++i) {
        peer.send(get_request("/api/Shop/x"));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200"));
    }
    const auto [last, answer] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"POST /api/Shop/y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc", "HTTP/1.1 499"},
         {"POST /students/1/grades HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc", ""},
         {get_request("/api/Shop/socket", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
          "HTTP/1.1 101"}}));
    peer.send_last(last);
    CHECK_THAT(peer.read_until_close(), StartsWith(answer));
    CHECK(shop.open_connections() <= 1);  // the one that is kept
}

TEST_CASE("an instance times out after 15 s without an answer, and after 30 s within one") {
    gateway_fixture f(both_ways());
    const auto begin = GENERATE(
        Catch::Generators::values<std::string>({"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}));
    auto& shop = f.instance([&](int, const std::string&) { return says(begin); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: close\r\n"));
    static_cast<void>(peer.is_silent());
    f.w.time.advance(seconds(begin.empty() ? 14 : 29));
    CHECK(shop.open_connections() == 1);
    f.w.time.advance(seconds(2));
    CHECK(shop.open_connections() == 0);
    CHECK_THAT(peer.read_until_close(), begin.empty() ? StartsWith("HTTP/1.1 504") && Contains("in time")
                                                      : StartsWith("HTTP/1.1 200") && EndsWith("abc"));
    CHECK(shop.requests().size() == 1);
    REQUIRE(f.records.size() == 1);
    CHECK_THAT(f.records[0], Contains(begin.empty() ? "status=504" : "status=200") &&
                                 Contains(begin.empty() ? "timed_out" : "timed_out_half_way"));
}

TEST_CASE("the timeout of 15 s covers all retries together") {
    gateway_fixture f;
    auto& one = f.instance([](int, const std::string&) { return silence(); });
    auto& other = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: close\r\n"));
    const auto asked = [&] { return one.requests().size() + other.requests().size(); };
    f.w.until("one is asked", [&] { return asked() == 1; });
    f.w.time.advance(seconds(10));
    (one.requests().empty() ? other : one).close_connections();
    f.w.until("the other one is asked", [&] { return asked() == 2; });
    f.w.time.advance(seconds(4));
    CHECK(peer.is_silent());
    f.w.time.advance(seconds(2));
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 504"));
}

TEST_CASE("without the registry the gateway uses the known instances, and reports it") {
    gateway_fixture f;
    f.instance(says_ok);
    f.w.stop("registry");
    f.w.until("it is noticed", [&] { return f.holds(f.status(), R"("reachable":false)"); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a registry that lost its data does not make the gateway drop instances") {
    gateway_fixture f;
    f.instance(says_ok);
    const auto port = port_of(f.registry);
    f.w.stop("registry");
    f.w.until("it is noticed", [&] { return f.holds(f.status(), R"("reachable":false)"); });
    f.w.start("another", "registry", {"--listen=registry=127.0.0.1:" + std::to_string(port)});
    f.w.until("the portal is registered again",
              [&] { return f.w.http("GET", f.registry + "/services/Portald").body.size() > 2; });
    f.w.until("it is back", [&] { return f.holds(f.status(), R"("reachable":true)"); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    auto& second = f.instance(says_ok);
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    CHECK(second.requests().size() == 1);
}

TEST_CASE("when a kept connection breaks a GET is retried, anything else is reported") {
    gateway_fixture f(way::kept_connection);
    const bool breaks_late = GENERATE(false, true);
    const bool is_reset = GENERATE(false, true);
    int calls = 0;
    auto& shop = f.instance([&](int, const std::string&) {
        if (++calls > 1) return says(ok);
        return breaks_late ? silence() : action{{}, !is_reset, is_reset};
    });
    const auto ask = [&](const std::string& request) {
        auto peer = f.connect();
        peer.send(request);
        f.w.until("the instance is asked", [&] { return calls > 0; });
        if (breaks_late) shop.close(0);
        return peer.read_until_close();
    };
    const std::string rest = " /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    SECTION("GET and HEAD") {
        CHECK_THAT(ask(GENERATE(as<std::string>(), "GET", "HEAD") + rest + "\r\n"),
                   StartsWith("HTTP/1.1 200"));
        CHECK(calls == 2);
        CHECK(shop.connections() == 2);
        REQUIRE(f.records.size() == 1);
        CHECK_THAT(f.records[0], Contains(" status=200 ") && Contains(" tries=2 "));
    }
    SECTION("others, with a body or without one") {
        const auto request = GENERATE_REF(Catch::Generators::values<std::string>(
            {"POST" + rest + "\r\n", "POST" + rest + "Content-Length: 0\r\n\r\n",
             "POST" + rest + "Content-Length: 2\r\n\r\nab", "DELETE" + rest + "\r\n",
             "PUT" + rest + "Content-Length: 2\r\n\r\nab"}));
        CHECK_THAT(ask(request), StartsWith("HTTP/1.1 502") && Contains("not known whether"));
        CHECK(calls == 1);
        REQUIRE(f.records.size() == 1);
        CHECK_THAT(f.records[0], Contains(" status=502 ") && Contains(" tries=1 "));
    }
}

TEST_CASE("an instance that goes away with its kept connection is a 502 when there is no other") {
    gateway_fixture f(way::kept_connection);
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: close\r\n"));
    f.w.until("the instance is asked", [&] { return shop.requests().size() == 1; });
    shop.close();
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 502"));
}

TEST_CASE("an instance that leaves the registry while it is asked answers all the same") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x"));
    f.w.until("the instance is asked", [&] { return shop.requests().size() == 1; });
    REQUIRE(f.w.http("DELETE", f.registry + "/services", f.base(shop), "text/plain").status == 200);
    f.w.until("the gateway has forgotten it", [&] { return !f.holds(f.status(), f.base(shop)); });
    CHECK(peer.is_silent());
    SECTION("it answers") {
        shop.say(0, ok);
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    }
    SECTION("it answers in two pieces") {
        shop.say(0, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
        f.w.pump();
        shop.say(0, "hi");
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    }
    SECTION("it ends, and nobody else is there") {
        shop.close();
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 50"));
        CHECK(shop.requests().size() == 1);
    }
}
