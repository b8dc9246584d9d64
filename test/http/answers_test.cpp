// What an answer looks like: its head, its ids, and what is left out or packed for a client that asked so.
#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("HEAD answers as GET does, without the body") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "four"); });
    s.start();
    const auto answer = s.exchange("HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_THAT(answer,
               StartsWith("HTTP/1.1 200") && Contains("Content-Length: 4\r\n") && EndsWith("\r\n\r\n"));
}

TEST_CASE("If-None-Match with the current ETag is answered with 304") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response::text(200, "body").etag("v1"); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/a")), Contains("ETag: \"v1\"\r\n"));
    for (const char* match : {"\"v1\"", "W/\"v1\"", "\"x\", \"v1\"", "*", "\"v1-gzip\""}) {
        CAPTURE(match);
        const auto answer = s.exchange(get_request("/a", std::string("If-None-Match: ") + match + "\r\n"));
        CHECK_THAT(answer, StartsWith("HTTP/1.1 304") && EndsWith("\r\n\r\n") && !Contains("Content-Length"));
    }
    CHECK_THAT(s.exchange(get_request("/a", "If-None-Match: \"v2\"\r\n")), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("pages are gzipped only for clients that accept gzip") {
    server_fixture s;
    s.get("/page", [](http::request) { return http::response::html(200, std::string(5000, 'x')); });
    s.get("/small", [](http::request) { return http::response::html(200, "x"); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/page", "Accept-Encoding: br, gzip\r\n")),
               Contains("Content-Encoding: gzip") && Contains("Vary: Accept-Encoding"));
    CHECK_THAT(s.exchange(get_request("/page", "Accept-Encoding: gzip;q=0\r\n")),
               !Contains("Content-Encoding") && Contains("Vary: Accept-Encoding"));
    CHECK_THAT(s.exchange(get_request("/page")), !Contains("Content-Encoding"));
    CHECK_THAT(s.exchange(get_request("/small", "Accept-Encoding: gzip\r\n")), !Contains("Content-Encoding"));
}

TEST_CASE("a valid request id and trace context are adopted, otherwise new ones are generated") {
    server_fixture s;
    s.get("/t", [](http::request q) {
        return http::response::text(200, q.trace().trace_id + " " + std::string(q.id()));
    });
    s.start();
    const std::string trace = "0af7651916cd43dd8448eb211c80319c";
    auto answer = s.exchange(get_request(
        "/t", "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\nX-Request-Id: my-request-1\r\n"));
    CHECK_THAT(answer, EndsWith(trace + " my-request-1") && Contains("X-Request-Id: my-request-1\r\n"));
    for (const char* bad : {"garbage", "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}) {
        CAPTURE(bad);
        answer =
            s.exchange(get_request("/t", std::string("traceparent: ") + bad + "\r\nX-Request-Id: a b\r\n"));
        const auto body = answer.substr(answer.find("\r\n\r\n") + 4);
        CHECK(body.size() == 32 + 1 + 16);
        CHECK(body.substr(0, 32) != trace);
    }
}

TEST_CASE("a handler's header values cannot add lines of their own") {
    server_fixture s;
    s.get("/r", [](http::request q) { return http::response::redirect(303, *q.query("to")); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/r?to=/x%0d%0aSet-Cookie:%20a=b")),
               Contains("Location: /x  Set-Cookie: a=b\r\n") && !Contains("\nSet-Cookie"));
}

TEST_CASE("a handler that throws is answered with 500 without its message, and the connection stays open") {
    server_fixture s;
    s.get("/quick", [](http::request) -> http::response { throw std::runtime_error("secret"); });
    s.get("/slow", [](http::request) -> task<http::response> { throw std::runtime_error("secret"); });
    s.start();
    auto peer = s.connect();
    for (const char* path : {"/quick", "/slow", "/quick"}) {
        peer.send(get_request(path));
        CHECK_THAT(peer.read_answer(),
                   StartsWith("HTTP/1.1 500") && !Contains("secret") && Contains("request_id"));
    }
}
