// Heads that are seldom seen, as they are passed on.
#include <catch2/catch.hpp>

#include "http/proxy/forwarded_head.hpp"

using namespace distd::http;
using Catch::Contains;

namespace {

request_head head_of(const std::string& text) {
    request_head head;
    head_reader reader;
    REQUIRE(reader.read(text, head) == head_reader::state::complete);
    return head;
}

std::string forwarded(const std::string& fields, const field_rules& rules = {}, request_forwarding how = {}) {
    const auto text = "GET /x HTTP/1.1\r\nHost: front.example\r\n" + fields + "\r\n";
    exchange x;
    x.head = head_of(text);
    x.remote = "10.1.2.3";
    x.identify();
    how.target = "/y";
    how.authority = "inside:80";
    how.rules = &rules;
    std::string out;
    append_forwarded_request(out, x, how);
    return out;
}

const std::string trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

}  // namespace

TEST_CASE("nothing that is for proxies is passed on, in either direction, and nothing else by mistake") {
    const auto out = forwarded("Proxy: http://6.6.6.6\r\nPROXY-Anything: 1\r\nProxyless: kept\r\n");
    CHECK_THAT(out, !Contains("6.6.6.6") && !Contains("PROXY-") && Contains("Proxyless: kept\r\n"));
    std::string answer;
    append_forwarded_answer(
        answer, {{"Proxy-Authentication-Info", "a"}, {"Proxy-Authenticate", "b"}, {"X-Proxy", "kept"}},
        nullptr, {"the-id", "today", false});
    CHECK_THAT(answer, !Contains("Proxy-Auth") && Contains("X-Proxy: kept\r\n"));
}

TEST_CASE("what a client says of its trace goes along with that trace only") {
    CHECK_THAT(forwarded(trace + "tracestate: a=b\r\n"),
               Contains("tracestate: a=b\r\n") && Contains("0af7651916cd43dd8448eb211c80319c"));
    CHECK_THAT(forwarded("tracestate: a=b\r\n"), !Contains("tracestate") && Contains("traceparent: 00-"));
    CHECK_THAT(forwarded("traceparent: 00-none\r\nTraceState: a=b\r\n"), !Contains("TraceState"));
}

TEST_CASE("a WebSocket may be asked for on a second line of Connection") {
    const std::string line = "GET /x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n";
    const auto asking = line + "Connection: keep-alive\r\nConnection: Upgrade\r\n\r\n";
    CHECK(wants_websocket(head_of(asking)));
    const auto silent = line + "Connection: keep-alive\r\nConnection: close\r\n\r\n";
    CHECK_FALSE(wants_websocket(head_of(silent)));
}

TEST_CASE("a token goes along, unless the route keeps it here") {
    const std::string token = "Authorization: Bearer secret\r\n";
    CHECK_THAT(forwarded(token), Contains(token));
    CHECK_THAT(forwarded(token, {{"authorization"}, {}, {}}), !Contains("secret"));
}

TEST_CASE("a token with which the client was admitted here stays here, and ours goes along instead") {
    request_forwarding admitted;
    admitted.keeps_authorization = true;
    admitted.authorization = "ours";
    const auto out = forwarded("authorization: Bearer secret\r\nCookie: a=b\r\n", {}, admitted);
    CHECK_THAT(out,
               !Contains("secret") && Contains("Authorization: ours\r\n") && Contains("Cookie: a=b\r\n"));
    admitted.authorization = {};
    CHECK_THAT(
        forwarded("Authorization: Bearer secret\r\n", {{}, {{"Authorization", "theirs"}}, {}}, admitted),
        !Contains("secret") && Contains("Authorization: theirs\r\n"));
}
