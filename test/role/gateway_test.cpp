// The gateway between raw clients and scripted instances: every byte of both sides is the test's.
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "support/raw_peer.hpp"
#include "support/world.hpp"
#include "unit/net/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

using action = raw_server::action;

constexpr auto ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";

action says(std::string text) { return {std::move(text)}; }
action says_and_closes(std::string text) { return {std::move(text), true}; }

// A portal that exposes `Shop`, whose instances are scripts.
struct fixture {
    explicit fixture(std::vector<std::string> flags = {}) {
        w.start("registry", "registry");
        registry = w.address("registry", "registry");
        flags.push_back("--registry=" + registry);
        w.start("portal", "portal", flags);
        portal = w.address("portal", "portal");
        w.until("the portal is registered",
                [&] { return w.http("GET", registry + "/services/Portald").body.size() > 2; });
    }

    raw_server& instance(raw_server::script script, const std::string& more = R"("Tags":["gateway"])") {
        instances.push_back(std::make_unique<raw_server>(w.loop, std::move(script)));
        auto& i = *instances.back();
        const auto url = "http://127.0.0.1:" + std::to_string(i.port());
        const auto taken = w.http("POST", registry + "/services",
                                  R"({"ServiceName":"Shop","ServiceURL":")" + url + R"(",)" + more + "}");
        REQUIRE(taken.status == 200);
        w.until("the gateway knows it", [&] { return holds(status(), std::to_string(i.port())); });
        return i;
    }

    static bool holds(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
    std::string status() { return w.http("GET", portal + "/gateway/status").body; }
    raw_peer connect() {
        return raw_peer(port_of(portal), [this] { w.pump(); });
    }
    std::string exchange(const std::string& bytes) {
        auto peer = connect();
        peer.send(bytes);
        peer.finish_sending();
        return peer.read_until_close();
    }
    std::string get(const std::string& path = "/api/Shop/x", const std::string& fields = {}) {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + fields + "\r\n");
    }

    in_process_world w;
    std::string registry;
    std::string portal;
    std::vector<std::unique_ptr<raw_server>> instances;
};

const std::string post =
    "POST /api/Shop/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";

}  // namespace

TEST_CASE("a request reaches an instance below its service's name, and the answer comes back") {
    fixture f;
    auto& shop = f.instance([](int, const std::string&) {
        return says(
            "HTTP/1.1 201 Whatever\r\nContent-Length: 2\r\nX-Of: theirs\r\nConnection: keep-alive\r\n\r\nhi");
    });
    const auto answer = f.get("/api/Shop/a%2Fb/c?d=e");
    CHECK_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n") && EndsWith("\r\n\r\nhi") &&
                           Contains("X-Of: theirs\r\n") && Contains("Via: 1.1 distd\r\n"));
    REQUIRE(shop.requests().size() == 1);
    CHECK_THAT(shop.requests()[0], StartsWith("GET /a%2Fb/c?d=e HTTP/1.1\r\nHost: 127.0.0.1:"));
    CHECK_THAT(f.get("/api/Shop"), EndsWith("hi"));
    CHECK_THAT(shop.requests()[1], StartsWith("GET / HTTP/1.1"));
    CHECK(shop.connections() == 1);
}

TEST_CASE("only services that opted in are reached, and the registry and the portal itself never") {
    fixture f({"--portal-gateway-services=Named"});
    auto& open = f.instance([](int, const std::string&) { return says(ok); });
    raw_server shut(f.w.loop, [](int, const std::string&) { return says(ok); });
    const auto put = [&](const std::string& name, const std::string& url, const std::string& tags) {
        return f.w.http(
            "POST", f.registry + "/services",
            R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + R"(","Tags":[)" + tags + "]}");
    };
    REQUIRE(put("Shut", shut.url(""), "").status == 200);
    REQUIRE(put("Named", shut.url("/named"), "").status == 200);
    REQUIRE(put("RegistryService", f.registry, R"("gateway")").status == 200);
    REQUIRE(put("Loop", f.portal, R"("gateway")").status == 200);
    const auto port = std::to_string(port_of(f.registry));
    for (const auto* host :
         {"localhost", "LOCALHOST.", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"})
        REQUIRE(put("Alias", "http://" + (host + (":" + port)), R"("gateway")").status == 200);
    REQUIRE(put("LoopAlias", "localhost:" + std::to_string(port_of(f.portal)), R"("gateway")").status == 200);
    f.w.until("the last is known", [&] { return f.holds(f.status(), "LoopAlias"); });
    CHECK_THAT(f.get("/api/Shop/"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/Shut/"), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(f.get("/api/Named/"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/RegistryService/services"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.get("/api/Loop/heartbeat"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.get("/api/Alias/services"), StartsWith("HTTP/1.1 503"));
    CHECK_THAT(f.get("/api/LoopAlias/heartbeat"), StartsWith("HTTP/1.1 503"));
    CHECK(open.requests().size() == 1);
}

TEST_CASE(
    "bodies go both ways whatever their framing, and received chunks are never passed on as they were") {
    fixture f;
    std::string answer;
    auto& shop = f.instance([&](int, const std::string& request) {
        return request.starts_with("POST") ? says_and_closes(answer) : says(answer);
    });
    answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: "
        "1\r\n\r\n";
    const auto got = f.get();
    CHECK_THAT(got, Contains("Transfer-Encoding: chunked\r\n") && EndsWith("0\r\n\r\n") && Contains("abc") &&
                        Contains("de") && !Contains("x=y") && !Contains("X-Trailer") &&
                        !Contains("Content-Length"));
    answer = "HTTP/1.1 200 OK\r\n\r\nuntil the close";
    CHECK_THAT(f.exchange(post), StartsWith("HTTP/1.1 200") && Contains("chunked") &&
                                     Contains("until the close") && EndsWith("0\r\n\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("Content-Length: 5\r\n") && EndsWith("\r\n\r\nhello"));
}

TEST_CASE("a body in chunks is framed anew") {
    fixture f;
    std::string heard;
    f.instance([&](int, const std::string& request) {
        heard += request;
        return action{};
    });
    auto peer = f.connect();
    peer.send(
        "POST /api/Shop/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-T: 1\r\n\r\n");
    CHECK(peer.is_silent());
    CHECK_THAT(heard, Contains("Transfer-Encoding: chunked\r\n") && EndsWith("\r\n5\r\nhello\r\n0\r\n\r\n"));
}

TEST_CASE("an answer that two parties could read differently, or is none, is a 502 and its connection goes") {
    fixture f;
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
         "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhi",
         "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\nhi", "SSH-2.0-OpenSSH\r\n",
         "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 502") && Contains("not well-formed") && Contains("request_id"));
    CHECK(shop.requests().size() == 1);
    f.w.pump();
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("what an instance says beyond its answer reaches nobody") {
    fixture f;
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret",
         "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nsecret"}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    for (int i = 0; i < 2; ++i) CHECK_THAT(f.get(), StartsWith("HTTP/1.1 20") && !Contains("secret"));
    CHECK(shop.connections() == 2);
}

TEST_CASE("an answer that breaks off is cut off at the client, too, and said to be") {
    fixture f;
    const auto [answer, never] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nabcdef", "Content-Length: 6"},
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n", "0\r\n\r\n"},
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdefXX0\r\n\r\n", "0\r\n\r\n"}}));
    f.instance([&](int, const std::string&) { return says_and_closes(answer); });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto got = peer.read_until_close();
    CHECK_THAT(got, StartsWith("HTTP/1.1 200") && !Contains(never));
}

TEST_CASE("where the close is the end of an answer, one that breaks off ends in a reset") {
    fixture f;
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nabcdef\r\n0\r\n\r\n"}));
    const bool is_whole = answer.ends_with("0\r\n\r\n");
    f.instance([&](int, const std::string&) { return says_and_closes(answer); });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.0\r\n\r\n");
    const auto got = peer.read_until_close();
    CHECK(peer.was_reset() == !is_whole);
    if (is_whole) CHECK_THAT(got, EndsWith("\r\n\r\nabcdef"));
}

TEST_CASE("an instance that drips its answer is waited for, byte by byte") {
    fixture f;
    f.instance([&](int, const std::string&) { return action{ok, false, false, 1}; });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
}

TEST_CASE("a refused connection sends any request to another instance") {
    fixture f;
    auto& gone = f.instance([](int, const std::string&) { return says(ok); });
    auto& shop = f.instance([](int, const std::string&) { return says(ok); });
    gone.close();
    for (int i = 0; i < 6; ++i) CHECK_THAT(f.exchange(post), StartsWith("HTTP/1.1 200"));
    CHECK(shop.requests().size() == 6);
}

TEST_CASE("malformed answers count like 502s: one request that draws them takes no instance out at once") {
    fixture f;
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
    fixture f;
    int calls = 0;
    const auto script = [&](int, const std::string&) { return ++calls == 1 ? action{{}, true} : says(ok); };
    f.instance(script);
    f.instance(script);
    SECTION("GET") {
        CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
        CHECK(calls == 2);
    }
    SECTION("POST") {
        CHECK_THAT(f.exchange(post), StartsWith("HTTP/1.1 502") && Contains("not known whether"));
        CHECK(calls == 1);
    }
    SECTION("GET, but an answer had begun") {
        calls = 1;
        CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    }
}

TEST_CASE("after 80 seconds of idleness, in which instances closed their connections, nothing fails") {
    fixture f;
    auto& shop = f.instance([](int, const std::string&) { return says(ok); });
    std::vector<std::unique_ptr<raw_peer>> peers;
    const auto all_ask = [&] {
        peers.clear();
        for (int i = 0; i < 64; ++i) {
            peers.push_back(std::make_unique<raw_peer>(port_of(f.portal), [&] { f.w.pump(); }));
            peers.back()->send(i % 2 == 0
                                   ? "GET /api/Shop/x HTTP/1.1\r\nHost: a\r\n\r\n"
                                   : "POST /api/Shop/x HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
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

TEST_CASE("a client that leaves ends the request at the instance") {
    fixture f;
    auto& shop = f.instance([](int, const std::string&) { return action{}; });
    {
        auto peer = f.connect();
        peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: a\r\n\r\n");
        CHECK(peer.is_silent());
        CHECK(shop.open_connections() == 1);
    }
    f.w.time.advance(seconds(1));
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("a request whose client leaves is recorded once, with the reason") {
    fixture f;
    f.instance([](int, const std::string& request) {
        return request.find("half") == std::string::npos
                   ? action{}
                   : says("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    });
    const auto requests = [&](const std::string& status) {
        return f.w.http("GET", f.portal + "/metrics")
                   .body.find(
                       R"(distd_http_requests_total{method="GET",route="/api/{service}/{path...}",status=")" +
                       status + "\"} 1\n") != std::string::npos;
    };
    for (const auto* path : {"/api/Shop/whole", "/api/Shop/half"}) {
        auto peer = f.connect();
        peer.send("GET " + std::string(path) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        static_cast<void>(peer.is_silent());
    }
    f.w.time.advance(seconds(1));
    CHECK(requests("4xx"));
    CHECK(requests("2xx"));
    CHECK_THAT(f.w.http("GET", f.portal + "/metrics").body, Contains("distd_http_requests_in_flight 1\n"));
}

TEST_CASE("a client that ends in the middle of its request's body has left, and the request ends with it") {
    fixture f;
    auto& shop = f.instance([](int, const std::string&) { return action{}; });
    CHECK_THAT(f.exchange("POST /api/Shop/x HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"),
               StartsWith("HTTP/1.1 499") && Contains("has left"));
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("the cookie of the portal's own forms reaches no instance") {
    fixture f;
    auto& shop = f.instance([](int, const std::string&) { return says(ok); });
    static_cast<void>(f.get("/api/Shop/x", "Cookie: a=1; distd_form=0123; b=2\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("Cookie: a=1; b=2\r\n") && !Contains("distd_form"));
}

TEST_CASE("an instance that is silent for 15 seconds is given up, and so is one that stops half way for 30") {
    fixture f;
    std::string begin;
    f.instance([&](int, const std::string&) { return says(begin); });
    begin = GENERATE(
        Catch::Generators::values<std::string>({"", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"}));
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    static_cast<void>(peer.is_silent());
    f.w.time.advance(seconds(14));
    f.w.time.advance(seconds(begin.empty() ? 2 : 18));
    CHECK_THAT(peer.read_until_close(), begin.empty() ? StartsWith("HTTP/1.1 504") && Contains("in time")
                                                      : StartsWith("HTTP/1.1 200") && EndsWith("abc"));
}

TEST_CASE("events go on one by one, and a stream of them is not ended by silence") {
    fixture f;
    f.instance([](int, const std::string&) {
        return says(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: "
            "chunked\r\n\r\n9\r\ndata: 1\n\n\r\n");
    });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\n\r\n");
    const auto got = peer.read_some();
    CHECK_THAT(got, Contains("data: 1\n\n") && !Contains("gzip"));
    f.w.time.advance(std::chrono::minutes(10));
    CHECK(peer.is_silent());
}

TEST_CASE("a WebSocket is a tunnel: bytes go both ways until one side closes") {
    fixture f;
    auto& shop = f.instance([](int, const std::string& request) {
        return request.starts_with("GET") ? says(
                                                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                                "Upgrade: websocket\r\nSec-WebSocket-Accept: k\r\n\r\nfirst")
                                          : says("<" + request + ">");
    });
    auto peer = f.connect();
    peer.send("GET /api/Shop/x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    std::string got;
    while (!f.holds(got, "first")) got += peer.read_some();
    CHECK_THAT(got, StartsWith("HTTP/1.1 101 ") && Contains("Connection: upgrade\r\n") &&
                        Contains("Upgrade: websocket\r\n") && Contains("Sec-WebSocket-Accept: k\r\n"));
    CHECK_THAT(shop.requests()[0], Contains("Upgrade: websocket\r\n"));
    peer.send("frame\r\n\r\n");
    CHECK(peer.read_some() == "<frame\r\n\r\n>");
    peer.finish_sending();
    CHECK(peer.read_until_close().empty());
    f.w.pump();
    CHECK(shop.open_connections() == 0);
}

TEST_CASE("errors are problem+json for programs and a page for people, with the request's id") {
    fixture f;
    const auto for_programs = f.get("/api/Nobody/x", "X-Request-Id: abcdefgh1\r\n");
    CHECK_THAT(for_programs, StartsWith("HTTP/1.1 404") && Contains("application/problem+json") &&
                                 Contains(R"("request_id":"abcdefgh1")"));
    const auto for_people = f.get("/api/%3Cb%3E/x", "Accept: text/html\r\nX-Request-Id: abcdefgh1\r\n");
    CHECK_THAT(for_people, StartsWith("HTTP/1.1 404") && Contains("text/html") && Contains("abcdefgh1") &&
                               !Contains("<b>"));
}

TEST_CASE("a client over its rate gets 429 with the time to wait, others go on") {
    fixture f(
        {"--portal-gateway-rate=1", "--portal-gateway-burst=2", "--portal-gateway-key-header=X-Api-Key"});
    f.instance([](int, const std::string&) { return says(ok); });
    for (int i = 0; i < 2; ++i)
        CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: a\r\n"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: a\r\n"),
               StartsWith("HTTP/1.1 429") && Contains("Retry-After: 1\r\n"));
    CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: b\r\n"), StartsWith("HTTP/1.1 200"));
    f.w.time.advance(seconds(1));
    CHECK_THAT(f.get("/api/Shop/", "X-Api-Key: a\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("behind a trusted proxy the rate is that of the client whom the proxy names, whatever it adds to") {
    fixture f({"--portal-gateway-rate=1", "--portal-gateway-trusted-proxies=127.0.0.1"});
    f.instance([](int, const std::string&) { return says(ok); });
    const auto from = [&](const std::string& claim, const std::string& client) {
        return f.get("/api/Shop/", "X-Forwarded-For: " + claim + "\r\nX-Forwarded-For: " + client + "\r\n");
    };
    CHECK_THAT(from("1.1.1.1", "10.0.0.9"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(from("2.2.2.2", "10.0.0.9"), StartsWith("HTTP/1.1 429"));
    CHECK_THAT(from("2.2.2.2", "10.0.0.8"), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a path that climbs above what is offered reaches nobody") {
    fixture f;
    REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/shop",
                     R"({"service":"Shop","prefix":"/shop","strip_prefix":true,"add_prefix":"/public"})")
                .status < 300);
    auto& shop = f.instance([](int, const std::string&) { return says(ok); });
    f.w.until("the route holds", [&] { return f.holds(f.status(), R"("prefix":"/shop")"); });
    for (const auto* path : {"/api/Shop/../x", "/api/Shop/%2e%2e/x", "/api/Shop/a/..%2f../x",
                             "/shop/../secret", "/shop/%2E./secret"})
        CHECK_THAT(f.get(path), StartsWith("HTTP/1.1 400") && Contains("climbs above"));
    CHECK(shop.requests().empty());
    CHECK_THAT(f.get("/shop/a/../b"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /public/a/../b HTTP/1.1"));
}

TEST_CASE("routes come live from the central configuration, and wrong ones are named where operators look") {
    fixture f;
    CHECK_THAT(f.get("/shop/x"), StartsWith("HTTP/1.1 404"));
    const auto put = [&](const std::string& name, const std::string& value) {
        REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/" + name, value).status < 300);
    };
    put("bad", R"({"service":"Shop","prefix":"no"})");
    put("shop",
        R"({"service":"Shop","prefix":"/shop","strip_prefix":true,"request_headers":{"set":{"X-R":"1"}},)"
        R"("response_headers":{"add":{"X-S":"2"}}})");
    f.w.until("the route holds", [&] { return f.holds(f.status(), R"("prefix":"/shop")"); });
    CHECK_THAT(f.get("/shop/x"), StartsWith("HTTP/1.1 503"));
    auto& shop = f.instance([](int, const std::string&) { return says(ok); }, R"("Zone":"z")");
    CHECK_THAT(f.status(), Contains("gateway/routes/bad: prefix"));
    CHECK_THAT(f.get("/shop/x?y"), StartsWith("HTTP/1.1 200") && Contains("X-S: 2\r\n"));
    CHECK_THAT(shop.requests().back(), StartsWith("GET /x?y HTTP/1.1") && Contains("X-R: 1\r\n"));
    CHECK_THAT(f.w.http("GET", f.portal + "/metrics").body, Contains("distd_gateway_route_errors 1"));
}

TEST_CASE("a list of services that makes no sense takes nobody away") {
    fixture f;
    f.instance([](int, const std::string&) { return says(ok); });
    raw_server other(f.w.loop, [](int, const std::string&) { return says(ok); });
    REQUIRE(f.w.http("POST", f.registry + "/services",
                     R"({"ServiceName":"Other","ServiceURL":")" + other.url("") + "\"}")
                .status == 200);
    const auto put = [&](const std::string& value) {
        REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/services", value).status < 300);
    };
    put(R"(["Other"])");
    f.w.until("it is exposed", [&] { return f.holds(f.status(), R"("name":"Other")"); });
    put(R"(["Other")");
    f.w.until("the mistake is named", [&] { return f.holds(f.status(), "gateway/services: not JSON"); });
    CHECK_THAT(f.get("/api/Other/x"), StartsWith("HTTP/1.1 200"));
    put("[]");
    f.w.until("it is not any more", [&] { return !f.holds(f.status(), R"("name":"Other")"); });
    CHECK_THAT(f.get("/api/Other/x"), StartsWith("HTTP/1.1 404"));
}

TEST_CASE("without the registry the gateway goes on with what it knows, and says so") {
    fixture f;
    f.instance([](int, const std::string&) { return says(ok); });
    f.w.stop("registry");
    f.w.until("it is noticed", [&] { return f.holds(f.status(), R"("reachable":false)"); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a registry that lost its data does not make the gateway forget who never registers again") {
    fixture f;
    f.instance([](int, const std::string&) { return says(ok); });
    const auto port = port_of(f.registry);
    f.w.stop("registry");
    f.w.until("it is noticed", [&] { return f.holds(f.status(), R"("reachable":false)"); });
    f.w.start("another", "registry", {"--listen=registry=127.0.0.1:" + std::to_string(port)});
    f.w.until("the portal is registered again",
              [&] { return f.w.http("GET", f.registry + "/services/Portald").body.size() > 2; });
    f.w.until("it is back", [&] { return f.holds(f.status(), R"("reachable":true)"); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    auto& second = f.instance([](int, const std::string&) { return says(ok); });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    CHECK(second.requests().size() == 1);
}

TEST_CASE("an instance that answers before it took the whole body gets no more of it") {
    fixture f;
    auto& shop = f.instance([](int, const std::string&) {
        return says("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
    });
    auto peer = f.connect();
    peer.send("POST /api/Shop/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    CHECK(peer.is_silent());
    peer.send("1\r\nb\r\n");
    CHECK_THAT(peer.read_until_close(),
               StartsWith("HTTP/1.1 413") && Contains("Connection: close\r\n") && EndsWith("no"));
    CHECK(shop.requests().size() == 1);
}
