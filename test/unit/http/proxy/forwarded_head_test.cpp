#include <catch2/catch.hpp>

#include "http/proxy/forwarded_head.hpp"

using namespace distd::http;
using Catch::Contains;

namespace {

// The head as an instance gets it, for a request with these fields.
std::string forwarded(const std::string& fields, request_forwarding how = {},
                      const std::string& line = "GET /x HTTP/1.1") {
    const auto text = line + "\r\nHost: front.example\r\n" + fields + "\r\n";
    exchange x;
    head_reader reader;
    REQUIRE(reader.read(text, x.head) == head_reader::state::complete);
    x.remote = "10.1.2.3";
    x.identify();
    how.target = "/y";
    how.authority = "inside:80";
    std::string out;
    append_forwarded_request(out, x, how);
    return out;
}

std::string answered(const std::vector<head_field>& fields, const field_rules* rules = nullptr) {
    std::string out;
    append_forwarded_answer(out, fields, rules, {"the-id", "today", false});
    return out;
}

}  // namespace

TEST_CASE("fields of the client's connection stay behind, also those that Connection names") {
    const auto out = forwarded(
        "Connection: keep-alive, X-Mine\r\nKeep-Alive: timeout=5\r\nX-Mine: 1\r\nTE: trailers\r\n"
        "Trailer: X\r\nProxy-Authorization: p\r\nProxy-Connection: p\r\nExpect: 100-continue\r\nX-Yours: "
        "2\r\n");
    for (const auto* gone : {"X-Mine", "Keep-Alive", "TE:", "Trailer", "Proxy-", "Expect", "Connection"})
        CHECK_THAT(out, !Contains(gone));
    CHECK_THAT(out, Contains("X-Yours: 2\r\n") && Contains("GET /y HTTP/1.1\r\nHost: inside:80\r\n"));
}

TEST_CASE("Connection may have any number of lines, and each counts") {
    std::string lines;
    std::string named;
    for (int i = 0; i < 9; ++i) {
        lines += "Connection: X-Mine" + std::to_string(i) + "\r\n";
        named += "X-Mine" + std::to_string(i) + ": 1\r\n";
    }
    CHECK_THAT(forwarded(lines + named + "X-Yours: 2\r\n"), !Contains("X-Mine") && Contains("X-Yours: 2"));
}

TEST_CASE("a proxy's own line behind its client's is not lost: all lines of a field are one list") {
    request_forwarding trusting;
    trusting.trusts_peer = true;
    const auto out = forwarded(
        "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 10.0.0.9\r\nForwarded: for=6.6.6.6\r\n"
        "Forwarded: for=10.0.0.9\r\nVia: 1.0 first\r\nVia: 1.1 second\r\n",
        trusting);
    CHECK_THAT(out, Contains("X-Forwarded-For: 6.6.6.6, 10.0.0.9, 10.1.2.3\r\n") &&
                        Contains("Forwarded: for=6.6.6.6, for=10.0.0.9, for=10.1.2.3;") &&
                        Contains("Via: 1.0 first, 1.1 second, 1.1 distd\r\n"));
}

TEST_CASE("what a route's rules set is there once, also where we would write it ourselves") {
    const auto count = [](const std::string& text, const std::string& part) {
        std::size_t n = 0;
        for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
        return n;
    };
    field_rules rules;
    for (const auto* name : {"X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "Via",
                             "X-Request-Id", "traceparent"})
        rules.set.emplace_back(name, "ours");
    request_forwarding how;
    how.rules = &rules;
    const auto out = forwarded("X-Forwarded-Proto: theirs\r\n", how);
    const auto back = answered({{"Via", "1.1 theirs"}}, &rules);
    for (const auto& [name, value] : rules.set) {
        CHECK(count(out, "\r\n" + name + ": ") == 1);
        CHECK_THAT(out, Contains("\r\n" + name + ": ours\r\n"));
        CHECK(count("\r\n" + back, "\r\n" + name + ": ") == 1);
    }
}

TEST_CASE("an answer without a Date gets one") {
    CHECK_THAT(answered({{"A", "1"}}), Contains("Date: today\r\n"));
    CHECK_THAT(answered({{"date", "theirs"}}), Contains("date: theirs\r\n") && !Contains("today"));
}

TEST_CASE("nobody gets rid of Authorization, framing or who asked by naming them in Connection") {
    const auto out = forwarded(
        "Connection: Authorization, Cookie, Content-Length, Host, X-Forwarded-For\r\nAuthorization: a\r\n"
        "Cookie: c=1\r\nContent-Length: 5\r\n",
        {}, "POST /x HTTP/1.1");
    CHECK_THAT(out, Contains("Authorization: a\r\n") && Contains("Cookie: c=1\r\n") &&
                        Contains("Content-Length: 5\r\n") && Contains("X-Forwarded-For: 10.1.2.3\r\n"));
}

TEST_CASE("an untrusted client's word about who it is counts nothing; a trusted proxy's is added to") {
    const std::string claims =
        "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\nForwarded: "
        "for=6.6.6.6\r\n"
        "X-Real-IP: 6.6.6.6\r\nX-Forwarded-Anything: 6.6.6.6\r\n";
    const auto untrusted = forwarded(claims);
    CHECK_THAT(untrusted, !Contains("6.6.6.6") && !Contains("evil") && !Contains("https"));
    CHECK_THAT(untrusted, Contains("X-Forwarded-For: 10.1.2.3\r\n") &&
                              Contains("X-Forwarded-Host: front.example\r\n") &&
                              Contains("X-Forwarded-Proto: http\r\n") &&
                              Contains("Forwarded: for=10.1.2.3;host=\"front.example\";proto=http\r\n"));
    request_forwarding trusting;
    trusting.trusts_peer = true;
    const auto trusted = forwarded(claims, trusting);
    CHECK_THAT(trusted, Contains("X-Forwarded-For: 6.6.6.6, 10.1.2.3\r\n") &&
                            Contains("X-Forwarded-Proto: https\r\n") && !Contains("Proto: http\r\n") &&
                            Contains("Forwarded: for=6.6.6.6, for=10.1.2.3;"));
}

TEST_CASE("what proxies of other makes call the client's address reaches no instance from a client") {
    for (const std::string name : {"CF-Connecting-IP", "CF-Connecting-IPv6",
                                   "cf-connecting-ip", "True-Client-IP",
                                   "X-Client-IP",      "Fastly-Client-IP",
                                   "Client-IP",        "X-Cluster-Client-IP",
                                   "X-Real-IP",        "X-Remote-IP",
                                   "X-Remote-Addr",    "X-Original-Forwarded-For",
                                   "X-Originating-IP", "X-Forwarded",
                                   "Forwarded-For",    "X-Envoy-External-Address",
                                   "X-Azure-ClientIP", "X-Azure-SocketIP",
                                   "X-Original-Host",  "X-AppEngine-User-IP",
                                   "X-Remote-User",    "X-Host",
                                   "Front-End-Https",  "X-Scheme",
                                   "X-Url-Scheme"}) {
        CAPTURE(name);
        CHECK_THAT(forwarded(name + ": claimed\r\n"), !Contains("claimed"));
    }
    request_forwarding trusting;
    trusting.trusts_peer = true;
    CHECK_THAT(forwarded("CF-Connecting-IP: 192.0.2.9\r\n", trusting),
               Contains("CF-Connecting-IP: 192.0.2.9\r\n"));
    for (const std::string name : {"X-Clip", "Skip", "Author", "IP", "X-Ip", "X-Trip"}) {
        CAPTURE(name);
        CHECK_THAT(forwarded(name + ": kept\r\n"), Contains(name + ": kept\r\n"));
    }
}

TEST_CASE("cookies of pages of ours stay here, all others go along") {
    request_forwarding how;
    how.own_cookies = "own_";
    const auto with = [&](const std::string& value) { return forwarded("Cookie: " + value + "\r\n", how); };
    CHECK_THAT(with("a=1; own_form=secret; b=2"), Contains("Cookie: a=1; b=2\r\n"));
    CHECK_THAT(with("own_form=secret;b=2"), Contains("Cookie: b=2\r\n"));
    CHECK_THAT(with("a=1; own_form=x; own_console=y"), Contains("Cookie: a=1\r\n"));
    CHECK_THAT(with("owner=1; a=own_form"), Contains("Cookie: owner=1; a=own_form\r\n"));
    CHECK_THAT(with("own_form=secret"), !Contains("Cookie"));
}

TEST_CASE("a service behind the gateway sets no cookie of pages of ours") {
    std::vector<head_field> fields{{"Set-Cookie", "own_console=stolen; Path=/"},
                                   {"set-cookie", " =own_console=stolen"},
                                   {"Set-Cookie", "owner=1; Path=/"},
                                   {"Set-Cookie", "a=own_console"}};
    answer_forwarding ours{"the-id", "today"};
    ours.own_cookies = "own_";
    std::string out;
    append_forwarded_answer(out, fields, nullptr, ours);
    CHECK_THAT(out, !Contains("stolen") && Contains("owner=1; Path=/") && Contains("a=own_console"));
}

TEST_CASE("an h2c upgrade is not passed on, a WebSocket's is") {
    const std::string h2c =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    CHECK_THAT(forwarded(h2c), !Contains("pgrade") && !Contains("HTTP2"));
    request_forwarding upgrading;
    upgrading.is_upgrade = true;
    CHECK_THAT(
        forwarded("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n", upgrading),
        Contains("Connection: upgrade\r\nUpgrade: websocket\r\n") && Contains("Sec-WebSocket-Key: k\r\n"));
}

TEST_CASE("the request's id, its trace and our Via go along") {
    const auto out = forwarded(
        "X-Request-Id: abcdefgh\r\nVia: 1.1 outer\r\n"
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\ntracestate: a=b\r\n");
    CHECK_THAT(out, Contains("X-Request-Id: abcdefgh\r\n") && Contains("Via: 1.1 outer, 1.1 distd\r\n") &&
                        Contains("traceparent: 00-0af7651916cd43dd8448eb211c80319c-") &&
                        !Contains("b7ad6b7169203331") && Contains("tracestate: a=b\r\n"));
}

TEST_CASE("an answer goes on without its connection's fields and with ours, and rules change both heads") {
    field_rules rules{{"Server"}, {{"X-A", "new"}}, {{"X-B", "1"}}};
    const auto out = answered({{"Server", "s"},
                               {"Connection", "close, X-Hop"},
                               {"X-Hop", "1"},
                               {"Keep-Alive", "5"},
                               {"Transfer-Encoding", "chunked"},
                               {"Content-Length", "3"},
                               {"X-A", "old"},
                               {"Set-Cookie", "a=1"},
                               {"Set-Cookie", "b=2"},
                               {"X-Request-Id", "theirs"}},
                              &rules);
    CHECK(out ==
          "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nVia: 1.1 distd\r\nX-Request-Id: the-id\r\nDate: "
          "today\r\nX-A: new\r\nX-B: "
          "1\r\n");
    request_forwarding how;
    how.rules = &rules;
    CHECK_THAT(forwarded("Server: s\r\nX-A: old\r\n", how),
               !Contains("old") && !Contains("Server") && Contains("X-A: new\r\n") && Contains("X-B: 1\r\n"));
}

TEST_CASE("a Location at the instance becomes one that its clients can reach, any other stays as it is") {
    const location_mapping stripped{"http://", "inside:80", {"/base", "/v1", ""}, "/shop"};
    const location_mapping bare{"http://", "inside:80", {}, ""};
    const auto told = [](const std::string& url, const location_mapping& at) {
        const std::vector<head_field> fields{{"LOCATION", url}};
        std::string out;
        append_forwarded_answer(out, fields, nullptr, {"the-id", "today", false, &at});
        const auto begin = out.find(": ") + 2;
        return out.substr(begin, out.find('\r') - begin);
    };
    CHECK(told("http://inside:80/base/v1/x?y#z", stripped) == "/shop/x?y#z");
    CHECK(told("HTTP://INSIDE:80/base/v1", stripped) == "/shop");
    CHECK(told("http://inside:80/base/v1?q", stripped) == "/shop?q");
    CHECK(told("http://inside:80/x", bare) == "/x");
    CHECK(told("http://inside:80", bare) == "/");
    CHECK(told("http://inside:80?q", bare) == "/?q");
    for (const auto* kept : {"http://inside:80/other", "http://inside:80/base/v10",
                             "http://inside:800/base/v1/x", "http://inside", "https://inside:80/base/v1/x",
                             "/base/v1/x", "x", "http://", "", "http://inside:80@evil/base/v1"})
        CHECK(told(kept, stripped) == kept);
    CHECK(told("http://inside:80@evil/", bare) == "http://inside:80@evil/");
}

TEST_CASE("an instance gets the prefix that was taken off the path, behind what a trusted proxy took off") {
    request_forwarding how;
    CHECK_THAT(forwarded("X-Forwarded-Prefix: /evil\r\n", how), !Contains("Prefix"));
    how.prefix = "/shop";
    CHECK_THAT(forwarded("X-Forwarded-Prefix: /evil\r\n", how),
               Contains("X-Forwarded-Prefix: /shop\r\n") && !Contains("evil"));
    how.trusts_peer = true;
    CHECK_THAT(forwarded("", how), Contains("\r\nX-Forwarded-Prefix: /shop\r\n"));
    CHECK_THAT(forwarded("x-forwarded-prefix: /outer/\r\n", how),
               Contains("\r\nX-Forwarded-Prefix: /outer/shop\r\n") && !Contains("x-forwarded-prefix"));
    const field_rules rules{{"x-forwarded-prefix"}, {}, {}};
    how.rules = &rules;
    CHECK_THAT(forwarded("X-Forwarded-Prefix: /outer\r\n", how), !Contains("Prefix"));
}
