// Instances that do not read the bodies of requests take them for the next ones, and answer those, too. What
// such an answer meets must be whoever sent the body.
#include <catch2/catch.hpp>
#include <list>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";

std::string with_body(const std::string& method, const std::string& body = hidden) {
    return method +
           " /api/Shop/first HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

std::string answer(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

TEST_CASE("an answer to a body mistaken for a request reaches no other client") {
    gateway_fixture f(both_ways());
    const auto method = GENERATE(as<std::string>(), "POST", "PUT", "PATCH", "DELETE", "PURGE");
    const bool leaves = GENERATE(false, true);
    int attacked = -1;
    int asked = -1;
    auto& shop = f.instance([&](int connection, const std::string& request) {
        if (request.starts_with(method + " /first")) return attacked = connection, says(ok);
        if (request.starts_with("GET /account")) asked = connection;
        return silence();
    });
    shop.ignore_bodies();
    auto attacker = f.connect();
    attacker.send(with_body(method));
    CHECK_THAT(attacker.read_answer(), StartsWith("HTTP/1.1 200"));
    f.w.until("the body was taken for a request", [&] { return shop.requests().size() == 2; });
    REQUIRE_THAT(shop.requests().back(), StartsWith("GET /hidden"));
    if (leaves) attacker.reset();
    auto victim = f.connect();
    victim.send(get_request("/api/Shop/account"));
    f.w.until("the victim is asked for", [&] { return asked >= 0; });
    CHECK(asked != attacked);
    if (!leaves) shop.say(attacked, answer("hidden"));
    shop.say(asked, answer("account"));
    CHECK_THAT(victim.read_answer(), Contains("account") && !Contains("hidden"));
}

TEST_CASE("a body that an instance sends where none may be reaches nobody else") {
    gateway_fixture f(both_ways());
    const bool is_head = GENERATE(true, false);
    const std::string status = is_head ? "200 OK" : GENERATE("204 No Content", "304 Not Modified");
    int attacked = -1;
    int asked = -1;
    auto& shop = f.instance([&](int connection, const std::string& request) {
        if (request.find(" /first") != request.npos)
            return attacked = connection,
                   says("HTTP/1.1 " + status + "\r\n" +
                        (status[0] == '2' && is_head ? "Content-Length: 300\r\n" : "") + "\r\n");
        asked = connection;
        return silence();
    });
    auto attacker = f.connect();
    attacker.send((is_head ? "HEAD" : "GET") +
                  std::string(" /api/Shop/first HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    CHECK_THAT(attacker.read_some(), StartsWith("HTTP/1.1 " + status.substr(0, 3)));
    auto victim = f.connect();
    victim.send(get_request("/api/Shop/account"));
    f.w.until("the victim is asked for", [&] { return asked >= 0; });
    CHECK(asked != attacked);
    shop.say(attacked, answer("hidden"));
    shop.say(asked, answer("account"));
    CHECK_THAT(victim.read_answer(), Contains("account") && !Contains("hidden"));
}

TEST_CASE("one client's requests with bodies share a connection, which closes with the client") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    {
        auto client = f.connect();
        for (int i = 0; i < 20; ++i) {
            client.send(i % 3 == 0 ? get_request("/api/Shop/x") : with_body("POST", "hello"));
            CHECK_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
        }
        CHECK(shop.connections() <= 2);  // what it asked without a body may have gone elsewhere
        CHECK(f.holds(f.metric("distd_gateway_idle_connections"), "1"));
    }
    f.w.until("the client's connection is closed", [&] {
        f.w.time.advance(milliseconds(100));
        return shop.open_connections() == 0;
    });
}

TEST_CASE("a client's own connection is taken from the shared ones and serves its other requests, too") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));
    auto client = f.connect();
    for (const auto& request :
         {with_body("POST", "hello"), get_request("/api/Shop/x"), with_body("PUT", "x")}) {
        client.send(request);
        CHECK_THAT(client.read_answer(), StartsWith("HTTP/1.1 200"));
    }
    CHECK(shop.connections() == 1);
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200"));  // another client
    CHECK(shop.connections() == 2);
}

TEST_CASE("connections tied to one client are limited, and the oldest are closed first") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    std::list<raw_peer> clients;
    for (int i = 0; i < 140; ++i) {
        auto& c = clients.emplace_back(port_of(f.portal), [&] { f.w.pump(); });
        c.send(with_body("POST", "hello"));
        CHECK_THAT(c.read_answer(), StartsWith("HTTP/1.1 200"));
    }
    f.w.until("those over the bound are closed", [&] { return shop.open_connections() == 128; });
    const auto before = shop.connections();
    clients.back().send(with_body("POST", "hello"));
    CHECK_THAT(clients.back().read_answer(), StartsWith("HTTP/1.1 200"));
    CHECK(shop.connections() == before);
    clients.front().send(with_body("POST", "hello"));
    CHECK_THAT(clients.front().read_answer(), StartsWith("HTTP/1.1 200"));
    CHECK(shop.connections() == before + 1);
    f.w.time.advance(seconds(21));
    f.w.until("they idle no longer than others", [&] { return shop.open_connections() == 0; });
}

TEST_CASE("a GET with a body is not forwarded unless its route allows it") {
    gateway_fixture f;
    auto& shop = f.instance(says_ok);
    for (const std::string method : {"GET", "HEAD"}) {
        const auto got = f.exchange(with_body(method));
        CHECK_THAT(got, StartsWith("HTTP/1.1 400") && Contains("Connection: close"));
        CHECK(f.exchange(method +
                         " /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "0\r\n\r\n")
                  .starts_with("HTTP/1.1 400"));
    }
    CHECK(shop.requests().empty());
    const auto route = R"({"service":"Shop","prefix":"/shop","allow_get_bodies":true})";
    REQUIRE(f.w.http("PUT", f.registry + "/config/gateway/routes/shop", route).status == 201);
    f.w.until("the route is known", [&] { return f.holds(f.status(), "/shop"); });
    CHECK_THAT(f.exchange("GET /shop HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: "
                          "5\r\n\r\nhello"),
               StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), Contains("\r\n\r\nhello"));
}
