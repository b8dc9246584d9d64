// What the server answers to requests that no well-behaved client sends. Each row: the bytes, and the status;
// every refusal also closes the connection, and no handler runs.
#include <catch2/catch.hpp>
#include <cctype>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/server_fixture.hpp"

namespace {

using namespace distd;
using namespace distd::test;

struct row {
    const char* name;
    std::string bytes;
    int status;
};

const std::string host = "Host: a\r\n";

std::string get(const std::string& headers, const std::string& target = "/") {
    return "GET " + target + " HTTP/1.1\r\n" + headers + "\r\n";
}
std::string post(const std::string& headers, const std::string& body) {
    return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}
std::string chunked(const std::string& body) { return post("Transfer-Encoding: chunked\r\n", body); }

std::vector<row> refused() {
    using namespace std::string_literals;
    return {
        // request line
        {"no version", "GET /\r\n\r\n", 400},
        {"empty version", "GET / \r\nHost: a\r\n\r\n", 400},
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
        {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"HTTP/0.9 spelled out", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
        {"lower-case http", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
        {"version without a dot", "GET / HTTP/11\r\nHost: a\r\n\r\n", 400},
        {"version with two digits", "GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
        {"two spaces after the method", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"two spaces before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a tab for a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a space before the method", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"a space in the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"trailing space", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
        {"unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"lower-case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
        {"method with a control byte", "G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"method with a separator", "GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {"two empty lines first", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"TLS hello", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"s, 400},
        {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
        {"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 400},
        {"bare CR in the request line", "GET /\rx HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"NUL in the request line", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"s, 400},
        {"GET with a body", get(host + "Content-Length: 3\r\n") + "abc", 413},
        {"GET with a body in chunks", get(host + "Transfer-Encoding: chunked\r\n") + "0\r\n\r\n", 413},
        // target
        {"target without a slash", get(host, "x"), 400},
        {"empty path with a query", get(host, "?a=1"), 400},
        {"asterisk with GET", get(host, "*"), 400},
        {"authority form with GET", get(host, "a:80"), 400},
        {"another scheme", get(host, "ftp://a/"), 400},
        {"absolute form of another host", get(host, "http://b/"), 400},
        {"absolute form with credentials", get(host, "http://u@a/"), 400},
        {"absolute form without a host", get(host, "http:///x"), 400},
        {"fragment", get(host, "/a#b"), 400},
        {"backslash", get(host, "/a\\b"), 400},
        {"high byte", get(host, "/\xc3\xa4"), 400},
        {"DEL", get(host, "/\x7f"), 400},
        {"escaped NUL", get(host, "/a%00"), 400},
        {"escaped NUL in the query", get(host, "/?a=%00"), 400},
        {"broken escape", get(host, "/%zz"), 400},
        {"cut escape", get(host, "/%4"), 400},
        {"lone percent", get(host, "/%"), 400},
        {"climbing", get(host, "/../etc/passwd"), 400},
        {"climbing later", get(host, "/a/../../b"), 400},
        {"climbing, escaped dots", get(host, "/%2e%2e/x"), 400},
        {"climbing, mixed escapes", get(host, "/.%2E/x"), 400},
        {"climbing, escaped slash", get(host, "/..%2fx"), 400},
        {"climbing, escaped backslash", get(host, "/..%5cx"), 400},
        {"climbing at the end", get(host, "/.."), 400},
        {"climbing, parameters behind the dots", get(host, "/..;a=b/x"), 400},
        {"climbing, parameters in between", get(host, "/a;b/..;/.%2e;c"), 400},
        {"target of 8 KiB and more", get(host, "/" + std::string(8 * 1024, 'a')), 414},
        {"target without an end", "GET /" + std::string(20'000, 'a'), 414},
        // host
        {"no host", get("Accept: x\r\n"), 400},
        {"two hosts", get("Host: a\r\nHost: b\r\n"), 400},
        {"two equal hosts", get("Host: a\r\nHost: a\r\n"), 400},
        {"empty host", get("Host:\r\n"), 400},
        {"blank host", get("Host:   \r\n"), 400},
        {"host with a comma", get("Host: a,b\r\n"), 400},
        {"host with credentials", get("Host: u@a\r\n"), 400},
        {"host with a path", get("Host: a/b\r\n"), 400},
        {"host with a space", get("Host: a b\r\n"), 400},
        {"host with letters for a port", get("Host: a:b\r\n"), 400},
        {"host with a long port", get("Host: a:123456\r\n"), 400},
        {"host of a port only", get("Host: :80\r\n"), 400},
        {"host with an open bracket", get("Host: [::1\r\n"), 400},
        {"host with a high byte", get("Host: \xc3\xa4\r\n"), 400},
        // fields
        {"folded line", get(host + "A: b\r\n c\r\n"), 400},
        {"folded with a tab", get(host + "A: b\r\n\tc\r\n"), 400},
        {"folded first line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
        {"blank line with a space", get(host + " \r\n"), 400},
        {"space before the colon", get(host + "A : b\r\n"), 400},
        {"no colon", get(host + "A\r\n"), 400},
        {"empty name", get(host + ": b\r\n"), 400},
        {"underscore in a name", get(host + "Content_Length: 5\r\n"), 400},
        {"NUL in a value", get(host + "A: b\0c\r\n"s), 400},
        {"control byte in a value",
         get(host + "A: b\x01"
                    "c\r\n"),
         400},
        {"CR in a value", get(host + "A: b\rc\r\n"), 400},
        {"LF in a value", get(host + "A: b\nX: y\r\n"), 400},
        {"DEL in a value", get(host + "A: b\x7f\r\n"), 400},
        {"high byte in a name", get(host + "\xc3\xa4: b\r\n"), 400},
        {"control byte in a name", get(host + "A\x02: b\r\n"), 400},
        {"parenthesis in a name", get(host + "A(b): c\r\n"), 400},
        {"101 lines",
         get(host +
             [] {
                 std::string s;
                 for (int i = 0; i < 100; ++i) s += "A: b\r\n";
                 return s;
             }()),
         431},
        {"17 KiB of header", get(host + "A: " + std::string(17 * 1024, 'x') + "\r\n"), 431},
        {"header without an end",
         "GET / HTTP/1.1\r\nHost: a\r\n" +
             [] {
                 std::string s;
                 for (int i = 0; i < 90; ++i) s += "A: " + std::string(300, 'y') + "\r\n";
                 return s;
             }(),
         431},
        {"unknown expectation", post("Expect: tea\r\nContent-Length: 1\r\n", "x"), 417},
        // framing
        {"two lengths", post("Content-Length: 1\r\nContent-Length: 2\r\n", "x"), 400},
        {"two equal lengths", post("Content-Length: 1\r\nContent-Length: 1\r\n", "x"), 400},
        {"list of lengths", post("Content-Length: 1, 1\r\n", "x"), 400},
        {"signed length", post("Content-Length: +1\r\n", "x"), 400},
        {"negative length", post("Content-Length: -1\r\n", "x"), 400},
        {"hex length", post("Content-Length: 0x1\r\n", "x"), 400},
        {"empty length", post("Content-Length:\r\n", "x"), 400},
        {"fractional length", post("Content-Length: 1.0\r\n", "x"), 400},
        {"length of 20 digits", post("Content-Length: 99999999999999999999\r\n", "x"), 400},
        {"length with a space inside", post("Content-Length: 1 1\r\n", "x"), 400},
        {"length and chunked", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400},
        {"identity", post("Transfer-Encoding: identity\r\n", ""), 501},
        {"gzip", post("Transfer-Encoding: gzip\r\n", ""), 501},
        {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
        {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 501},
        {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
        {"chunked twice", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
         501},
        {"quoted chunked", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), 501},
        {"chunked with a parameter", post("Transfer-Encoding: chunked;q=1\r\n", "0\r\n\r\n"), 501},
        {"empty coding", post("Transfer-Encoding:\r\n", ""), 501},
        {"vertical tab before chunked",
         post("Transfer-Encoding: \x0b"
              "chunked\r\n",
              "0\r\n\r\n"),
         400},
        {"coding with a high byte", post("Transfer-Encoding: chunked\xa0\r\n", "0\r\n\r\n"), 501},
        {"chunked in HTTP/1.0",
         "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {"body over the limit, announced", post("Content-Length: 2000\r\n", ""), 413},
        // chunks
        {"size with a sign", chunked("+1\r\nx\r\n0\r\n\r\n"), 400},
        {"size with 0x", chunked("0x1\r\nx\r\n0\r\n\r\n"), 400},
        {"size with an underscore", chunked("1_0\r\nx\r\n0\r\n\r\n"), 400},
        {"size with a leading space", chunked(" 1\r\nx\r\n0\r\n\r\n"), 400},
        {"size with a trailing space", chunked("1 \r\nx\r\n0\r\n\r\n"), 400},
        {"no size", chunked("\r\nx\r\n0\r\n\r\n"), 400},
        {"size of 17 digits", chunked("00000000000000001\r\nx\r\n0\r\n\r\n"), 400},
        {"size line with a bare LF", chunked("1\nx\r\n0\r\n\r\n"), 400},
        {"data without CRLF", chunked("1\r\nxy\r\n0\r\n\r\n"), 400},
        {"data with a bare LF after it", chunked("1\r\nx\n0\r\n\r\n"), 400},
        {"data longer than its size", chunked("1\r\nxxxx\r\n0\r\n\r\n"), 400},
        {"5 KiB of extensions", chunked("1;" + std::string(5 * 1024, 'e') + "\r\nx\r\n0\r\n\r\n"), 400},
        {"extension with a bare LF", chunked("1;a\nx\r\n0\r\n\r\n"), 400},
        {"chunks over the limit",
         chunked("400\r\n" + std::string(0x400, 'x') + "\r\n400\r\n" + std::string(0x400, 'x') +
                 "\r\n0\r\n\r\n"),
         413},
    };
}

int status_of(const std::string& answer) {
    return answer.size() > 12 && answer.substr(0, 9) == "HTTP/1.1 " ? std::atoi(answer.c_str() + 9) : 0;
}

std::size_t answers_in(const std::string& bytes) {
    std::size_t n = 0;
    for (auto at = bytes.find("HTTP/1.1 "); at != std::string::npos; at = bytes.find("HTTP/1.1 ", at + 1))
        if (std::isdigit(static_cast<unsigned char>(bytes[at + 9])) != 0)
            ++n;  // and not a sentence that speaks of it
    return n;
}

struct echo_server : server_fixture {
    int handled = 0;
    echo_server() {
        get("/", [this](http::request) {
            ++handled;
            return http::response::text(200, "root");
        });
        http::route_options small;
        small.body_limit = 1500;
        post(
            "/echo",
            [this](http::request q) {
                ++handled;
                return http::response::text(200, std::string(q.body()));
            },
            small);
        start();
    }
};

}  // namespace

TEST_CASE("a malformed request is refused with the reason and reaches no handler") {
    echo_server s;
    const auto rows = refused();
    REQUIRE(rows.size() >= 100);
    for (const auto& r : rows) {
        CAPTURE(r.name);
        // A second, valid request behind the first must never be answered: that would be smuggling.
        const auto answer = s.exchange(r.bytes + "GET / HTTP/1.1\r\nHost: smuggled\r\n\r\n");
        CHECK(status_of(answer) == r.status);
        CHECK(answers_in(answer) == 1);
        CHECK(answer.find("Connection: close") != std::string::npos);
        CHECK(answer.find("application/problem+json") != std::string::npos);
        CHECK(answer.find("\"detail\":") != std::string::npos);
        CHECK(s.handled == 0);
        s.handled = 0;
    }
}

TEST_CASE("a refusal does not depend on how the bytes were split into reads") {
    echo_server s;
    for (const auto& r : refused()) {
        if (r.bytes.size() > 400) continue;
        CAPTURE(r.name);
        auto peer = s.connect();
        for (char c : r.bytes) peer.send(std::string_view(&c, 1));
        peer.finish_sending();
        CHECK(status_of(peer.read_until_close()) == r.status);
        CHECK(s.handled == 0);
    }
}

TEST_CASE("unusual but valid requests are answered") {
    echo_server s;
    const std::vector<row> rows{
        {"an empty line first", "\r\n" + get(host), 200},
        {"HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n", 200},
        {"absolute form", get(host, "http://a/"), 200},
        {"absolute form with https", get(host, "https://a/"), runs_over_tls() ? 200 : 400},
        {"absolute form, another case", get("Host: A\r\n", "HTTP://a/"), 200},
        {"absolute form without a path", get(host, "http://a"), 200},
        {"host with a port", get("Host: a:8080\r\n"), 200},
        {"IPv6 host", get("Host: [::1]:80\r\n"), 200},
        {"dots that stay inside", get(host, "/a/../b"), 404},
        {"obs-text in a value", get(host + "A: \xe4\r\n"), 200},
        {"tab in a value", get(host + "A: b\tc\r\n"), 200},
        {"empty value", get(host + "A:\r\n"), 200},
        {"100 lines",
         get(host +
             [] {
                 std::string t;
                 for (int i = 0; i < 99; ++i) t += "A: b\r\n";
                 return t;
             }()),
         200},
        {"chunked in capitals", post("Transfer-Encoding: CHUNKED\r\n", "1\r\nx\r\n0\r\n\r\n"), 200},
        {"chunk extension", chunked("1;a=b\r\nx\r\n0\r\n\r\n"), 200},
        {"trailers", chunked("1\r\nx\r\n0\r\nX-After: y\r\n\r\n"), 200},
        {"leading zeros in a size", chunked("0001\r\nx\r\n0\r\n\r\n"), 200},
        {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 204},
        {"GET with a body of nothing", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 200},
    };
    for (const auto& r : rows) {
        CAPTURE(r.name);
        auto answer = s.exchange(r.bytes);
        CHECK(status_of(answer) == r.status);
        CHECK(answers_in(answer) == 1);
        auto cut = s.connect();
        for (char c : r.bytes) cut.send(std::string_view(&c, 1));
        cut.finish_sending();
        CHECK(status_of(cut.read_until_close()) == r.status);
    }
}
