// What the gateway passes on, and how it is framed on both sides.
#include <catch2/catch.hpp>

#include "role/gateway_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a request reaches an instance below its service's name, and the answer comes back") {
    gateway_fixture f(both_ways());
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

TEST_CASE(
    "bodies go both ways whatever their framing, and received chunks are never passed on as they were") {
    gateway_fixture f(both_ways());
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
    CHECK_THAT(f.exchange(post_request), StartsWith("HTTP/1.1 200") && Contains("chunked") &&
                                             Contains("until the close") && EndsWith("0\r\n\r\n"));
    CHECK_THAT(shop.requests().back(), Contains("Content-Length: 5\r\n") && EndsWith("\r\n\r\nhello"));
}

TEST_CASE("a body in chunks is framed anew") {
    gateway_fixture f(both_ways());
    std::string heard;
    f.instance([&](int, const std::string& request) {
        heard += request;
        return silence();
    });
    auto peer = f.connect();
    peer.send(
        "POST /api/Shop/x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5;ext=1\r\nhello\r\n0\r\nX-T: 1\r\n\r\n");
    CHECK(peer.is_silent());
    CHECK_THAT(heard, Contains("Transfer-Encoding: chunked\r\n") && EndsWith("\r\n5\r\nhello\r\n0\r\n\r\n"));
}

TEST_CASE("an answer that two parties could read differently, or is none, is a 502 and its connection goes") {
    gateway_fixture f(both_ways());
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
    gateway_fixture f(both_ways());
    const auto answer = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret",
         "HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\nsecret"}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    for (int i = 0; i < 2; ++i) CHECK_THAT(f.get(), StartsWith("HTTP/1.1 20") && !Contains("secret"));
    CHECK(shop.connections() == 2);
}

TEST_CASE("an answer that breaks off is cut off at the client, too, and said to be") {
    gateway_fixture f(both_ways());
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
    gateway_fixture f(both_ways());
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
    gateway_fixture f(both_ways());
    f.instance([&](int, const std::string&) { return action{ok, false, false, 1}; });
    CHECK_THAT(f.get(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
}

TEST_CASE("events go on one by one, and a stream of them is not ended by silence") {
    gateway_fixture f(both_ways());
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
    gateway_fixture f(both_ways());
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

TEST_CASE("what a client sends right behind its upgrade is part of the tunnel") {
    gateway_fixture f(both_ways());
    f.instance([](int, const std::string& request) {
        return says(request.starts_with("GET") ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                                                 "Upgrade: websocket\r\n\r\n"
                                               : "<" + request + ">");
    });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: Upgrade\r\nUpgrade: websocket\r\n") + "frame\r\n\r\n");
    std::string got;
    while (!got.ends_with(">")) got += peer.read_some();
    CHECK_THAT(got, StartsWith("HTTP/1.1 101 ") && EndsWith("\r\n\r\n<frame\r\n\r\n>"));
}

TEST_CASE("an instance that refuses an upgrade answers as it would any request, and its connection is kept") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance(says_ok);
    auto peer = f.connect();
    for (int i = 0; i < 2; ++i) {
        peer.send(get_request("/api/Shop/x", "Connection: Upgrade\r\nUpgrade: websocket\r\n"));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
    }
    CHECK(shop.connections() == 1);
}

TEST_CASE("an instance that answers before it took the whole body gets no more of it") {
    gateway_fixture f(both_ways());
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

TEST_CASE("an answer may be cut in two anywhere, and its connection is kept all the same") {
    gateway_fixture f;
    const auto [answer, end] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "\r\n\r\nhello"},
         {"HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", "\r\n\r\n"},
         {"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "\r\n\r\nhi"},
         {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "\r\n0\r\n\r\n"}}));
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    for (std::size_t cut = 1; cut < answer.size(); ++cut) {
        shop.forget_requests();
        peer.send(get_request("/api/Shop/x"));
        f.w.until("the instance is asked", [&] { return !shop.requests().empty(); });
        shop.say(0, answer.substr(0, cut));
        f.w.pump();
        shop.say(0, answer.substr(cut));
        std::string got;
        while (!got.ends_with(end)) got += peer.read_some();
        CHECK_THAT(got,
                   StartsWith("HTTP/1.1 20") && !Contains("Early Hints") && !Contains("Connection: close"));
    }
    CHECK(shop.connections() == 1);
}

TEST_CASE("what an instance says before its answer proper reaches nobody") {
    gateway_fixture f(both_ways());
    const auto interim = GENERATE(Catch::Generators::values<std::string>(
        {"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"}));
    const bool comes_apart = GENERATE(false, true);
    auto& shop = f.instance(
        [&](int, const std::string&) { return says(comes_apart ? interim : interim + std::string(ok)); });
    auto peer = f.connect();
    for (std::size_t i = 1; i <= 2; ++i) {
        peer.send(get_request("/api/Shop/x"));
        f.w.until("the instance is asked", [&] { return shop.requests().size() == i; });
        if (comes_apart) shop.say(0, ok);
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi") &&
                                           !Contains("Link") && !Contains("Continue"));
    }
    CHECK(shop.connections() == 1);
}

TEST_CASE("answers without a body end with their head, whatever it announces") {
    gateway_fixture f(both_ways());
    const auto [method, answer] = GENERATE(Catch::Generators::table<std::string, std::string>(
        {{"GET", "HTTP/1.1 204 No Content\r\n\r\n"},
         {"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n"},
         {"DELETE", "HTTP/1.1 204 No Content\r\n\r\n"},
         {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
         {"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
         {"HEAD", "HTTP/1.1 200 OK\r\n\r\n"}}));
    auto& shop = f.instance([&](int, const std::string&) { return says(answer); });
    auto peer = f.connect();
    for (const auto* last : {"", "Connection: close\r\n"})
        peer.send(method + " /api/Shop/x HTTP/1.1\r\nHost: a\r\n" + last + "\r\n");
    const auto got = peer.read_until_close();
    const auto first_line = "HTTP/1.1 " + answer.substr(9, 3);
    const auto second = got.find(first_line, 1);
    REQUIRE(second != std::string::npos);
    CHECK_THAT(got.substr(0, second), StartsWith(first_line) && EndsWith("\r\n\r\n"));
    CHECK(got.find("\r\n\r\n", second) + 4 == got.size());
    CHECK(shop.connections() == 1);
}

TEST_CASE("requests that a client sends ahead are answered in order, one after the other") {
    gateway_fixture f(both_ways());
    const bool answers_at_once = GENERATE(true, false);
    const auto echo = [](const std::string& request) {
        const auto target = request.substr(request.find(' ') + 1, 2);
        return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + target;
    };
    auto& shop = f.instance(
        [&](int, const std::string& request) { return answers_at_once ? says(echo(request)) : silence(); });
    auto peer = f.connect();
    const auto get = [](const std::string& path) { return get_request("/api/Shop" + path); };
    peer.send(get("/1") + get("/2") + "POST /api/Shop/3 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc" +
              get("/4") + get("/5"));
    for (std::size_t i = 1; i <= 5; ++i) {
        f.w.until("it is asked for", [&] { return shop.requests().size() >= i; });
        if (!answers_at_once) {
            CHECK(shop.requests().size() == i);
            shop.say(0, echo(shop.requests().back()));
        }
        CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\n/" + std::to_string(i)));
    }
    CHECK(peer.is_silent());
    CHECK(shop.connections() == 1);
}

TEST_CASE("a request that comes while another one waits is passed on when that is answered") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) { return silence(); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/first"));
    f.w.until("the first is there", [&] { return shop.requests().size() == 1; });
    peer.send(get_request("/api/Shop/second"));
    CHECK(peer.is_silent());
    CHECK(shop.requests().size() == 1);
    shop.say(0, ok);
    CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\nhi"));
    f.w.until("the second is there", [&] { return shop.requests().size() == 2; });
    CHECK_THAT(shop.requests().back(), StartsWith("GET /second "));
    shop.say(0, ok);
    CHECK_THAT(peer.read_answer(), EndsWith("\r\n\r\nhi"));
}

TEST_CASE("a client that takes its time gets all of a large answer") {
    gateway_fixture f(both_ways());
    const std::string body(GENERATE(60'000u, 100'000u, 16'000'000u), 'x');
    const auto answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    f.instance([&](int, const std::string&) { return says(answer); });
    auto peer = f.connect();
    peer.send(get_request("/api/Shop/x", "Connection: close\r\n"));
    f.w.time.advance(seconds(25));
    const auto got = peer.read_until_close();
    CHECK(got.ends_with("\r\n\r\n" + body));
}

TEST_CASE("a client that pauses again and again in the middle of many answers gets all of each") {
    gateway_fixture f(both_ways());
    const std::string body(70'000, 'x');  // of a little more than is read at once
    const auto answer =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    f.instance([&](int, const std::string&) { return says(answer); });
    constexpr int many = 200;  // more than the buffers on the way hold
    auto peer = f.connect();
    std::string requests;
    for (int i = 0; i < many; ++i) requests += get_request("/api/Shop/x");
    peer.send(requests);
    const int first_pause = GENERATE(range(0, 40, 5));
    int whole = 0;
    for (int i = 0; i < many; ++i) {
        if (i % 40 == first_pause) f.w.time.advance(seconds(25));
        whole += peer.read_answer().ends_with("\r\n\r\n" + body) ? 1 : 0;
    }
    CHECK(whole == many);
}

TEST_CASE("after an answer that leaves the connection no good the next request takes a new one") {
    gateway_fixture f(both_ways());
    auto& shop = f.instance([](int, const std::string&) {
        return says_and_closes("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
    });
    auto peer = f.connect();
    for (int i = 1; i <= 3; ++i) {
        peer.send(get_request("/api/Shop/x"));
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200") && EndsWith("\r\n\r\nhi"));
        CHECK(shop.connections() == i);
    }
}
