// One request of the client and its answer over the wire: what is sent, what is refused before, what arrives.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "unit/http/client/client_fixture.hpp"

using namespace distd;
using namespace distd::http;
using namespace distd::test;
using action = raw_server::action;

TEST_CASE_METHOD(client_fixture, "a request says what it must and nothing else") {
    raw_server server(loop, always(ok));
    auto c = post(server.url("/log?level=info"), "hello");
    c.headers.add("X-Request-Id", "r1");
    const auto answer = ask(std::move(c));
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == "ok");
    CHECK(answer->headers.find("content-length") == "2");
    CHECK(server.requests().at(0) ==
          "POST /log?level=info HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
              "\r\nUser-Agent: distd\r\nX-Request-Id: r1\r\nContent-Type: text/plain\r\n"
              "Content-Length: 5\r\nConnection: close\r\n\r\nhello");
}

TEST_CASE_METHOD(client_fixture, "an address as peers register it can be called, and localhost is resolved") {
    raw_server server(loop, always(ok));
    const auto answer = get("localhost:" + std::to_string(server.port()) + "/books");
    REQUIRE(answer);
    CHECK(server.requests().at(0).find("GET /books HTTP/1.1\r\nHost: localhost:") == 0);
}

TEST_CASE_METHOD(client_fixture, "localhost reaches a server that listens on IPv6 only") {
    std::optional<raw_server> server;
    try {
        server.emplace(loop, always(ok), "::1");
    } catch (const boost::system::system_error&) {
        WARN("no IPv6 on this machine");
        return;
    }
    CHECK(get("http://localhost:" + std::to_string(server->port())));
}

TEST_CASE_METHOD(client_fixture, "what would break a request apart is refused before anything is sent") {
    raw_server server(loop, always(ok));
    CHECK(error_of(call("GET", "https://localhost/")) == errc::bad_address);
    CHECK(error_of(call("GET", server.url("/a b"))) == errc::bad_address);
    CHECK(error_of(call("GET", server.url("/\r\nHost: x"))) == errc::bad_address);
    for (const auto* method : {"", "GET /x", "CONNECT", "TRACE", "GE\r\nT"})
        CHECK(error_of(call(method, server.url())) == errc::invalid);
    const auto with = [&](std::string name, std::string value) {
        call c("GET", server.url());
        c.headers.add(std::move(name), std::move(value));
        return c;
    };
    using namespace std::string_literals;
    for (const auto& value : {"a\r\nB: c"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x7f"s})
        CHECK(error_of(with("A", value)) == errc::invalid);
    for (const auto* name :
         {"", "A B", "A:", "A\r\nB", "Host", "content-length", "Transfer-Encoding", "Connection", "Expect"})
        CHECK(error_of(with(name, "x")) == errc::invalid);
    CHECK(error_of(call("POST", server.url()).with_body("x", "text/plain\r\nA: b")) == errc::invalid);
    CHECK(server.connections() == 0);
    CHECK(ended_as("refused") > 0);
}

TEST_CASE_METHOD(client_fixture, "a large request body arrives whole") {
    raw_server server(loop, always(ok));
    std::string body(3'000'000, 'a');
    body.back() = 'z';
    REQUIRE(ask(post(server.url(), body)));
    const auto& request = server.requests().at(0);
    CHECK(request.substr(request.find("\r\n\r\n") + 4) == body);
}

TEST_CASE_METHOD(client_fixture, "answers of every framing arrive whole over the wire") {
    const std::string big(300'000, 'b');
    raw_server server(loop, [&](int, const std::string& request) -> action {
        if (request.starts_with("GET /chunked"))
            return {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n",
                    false, false, 1};
        if (request.starts_with("GET /close")) return {"HTTP/1.1 200 OK\r\n\r\nok", true};
        if (request.starts_with("GET /big"))
            return {"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + big};
        if (request.starts_with("GET /none")) return {"HTTP/1.1 204 No Content\r\n\r\n"};
        return {"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n"};  // HEAD
    });
    CHECK(get(server.url("/chunked"))->body == "ok");
    CHECK(get(server.url("/big"))->body == big);
    CHECK(get(server.url("/none"))->body.empty());
    CHECK(ask(call("HEAD", server.url()))->headers.find("Content-Length") == "300000");
    CHECK(server.connections() == 1);
    CHECK(get(server.url("/close"))->body == "ok");
    CHECK(client->idle_connections() == 0);
}

TEST_CASE_METHOD(client_fixture, "garbage and oversize are bad answers, and their connections are closed") {
    const auto& text = GENERATE(values<std::string>({
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(16 * 1024, 'x') + "\r\n\r\n",
    }));
    raw_server server(loop, always(text));
    call c("GET", server.url());
    c.answer_limit = 100;
    CHECK(error_of(std::move(c)) == errc::bad_answer);
    run_until([&] { return server.open_connections() == 0; });
    CHECK(client->idle_connections() == 0);
}

TEST_CASE_METHOD(client_fixture, "nobody listening is unreachable") {
    std::uint16_t free_port = 0;
    { free_port = raw_server(loop, always(ok)).port(); }
    CHECK(error_of(call("GET", "http://127.0.0.1:" + std::to_string(free_port))) == errc::unreachable);
    CHECK(ended_as("unreachable") == 1);
}
