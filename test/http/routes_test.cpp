// Which route a request reaches, who may use it, and what is said where there is none.
#include <catch2/catch.hpp>

#include "http/access/access_control.hpp"
#include "support/server_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

TEST_CASE("a literal segment wins over a parameter, and parameters are decoded after splitting") {
    server_fixture s;
    s.get("/b/new", [](http::request) { return http::response::text(200, "literal"); });
    s.get("/b/{id}", [](http::request q) { return http::response::text(200, "id=" + q.param("id")); });
    s.get("/b/{id}/c", [](http::request q) { return http::response::text(200, "c of " + q.param("id")); });
    s.get("/f/{path...}",
          [](http::request q) { return http::response::text(200, "rest=" + q.param("path")); });
    s.start();
    CHECK_THAT(s.exchange(get_request("/b/new")), EndsWith("literal"));
    CHECK_THAT(s.exchange(get_request("/b/%6eew")), EndsWith("literal"));
    CHECK_THAT(s.exchange(get_request("/b/a%2Fb%20c")), EndsWith("id=a/b c"));
    CHECK_THAT(s.exchange(get_request("/b/new/c")), EndsWith("c of new"));
    CHECK_THAT(s.exchange(get_request("/f/x/y/z?q=1")), EndsWith("rest=x/y/z"));
    CHECK_THAT(s.exchange(get_request("/b//c")), StartsWith("HTTP/1.1 404"));
    CHECK_THAT(s.exchange(get_request("/b/")), StartsWith("HTTP/1.1 404"));
}

TEST_CASE("404, 405 and OPTIONS tell what is offered") {
    server_fixture s;
    s.get("/a", [](http::request) { return http::response(200); });
    s.post("/a", [](http::request) { return http::response(200); });
    s.start();
    CHECK_THAT(s.exchange("DELETE /a HTTP/1.1\r\nHost: a\r\n\r\n"),
               StartsWith("HTTP/1.1 405") && Contains("Allow: GET, HEAD, POST, OPTIONS\r\n") &&
                   Contains("application/problem+json"));
    CHECK_THAT(s.exchange("OPTIONS /a HTTP/1.1\r\nHost: a\r\n\r\n"),
               StartsWith("HTTP/1.1 204") && Contains("Allow: GET, HEAD, POST, OPTIONS\r\n"));
    CHECK_THAT(s.exchange(get_request("/b")),
               StartsWith("HTTP/1.1 404") && Contains("There is nothing at /b."));
}

TEST_CASE("with access tokens every route that is not open asks for one") {
    server_fixture s;
    http::route_options open;
    open.open = true;
    s.get("/closed", [](http::request) { return http::response::text(200, "in"); });
    s.get(
        "/open", [](http::request) { return http::response::text(200, "in"); }, open);
    http::server_setup setup;
    setup.admission = std::make_shared<http::access_control>(s.time);
    setup.admission->use_tokens({"first-token", "second-token"});
    s.start(setup);
    CHECK_THAT(s.exchange(get_request("/closed")),
               StartsWith("HTTP/1.1 401") && Contains("WWW-Authenticate: Bearer"));
    CHECK_THAT(s.exchange(get_request("/nowhere")), StartsWith("HTTP/1.1 401"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Bearer wrong\r\n")),
               StartsWith("HTTP/1.1 401"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Bearer second-token\r\n")),
               StartsWith("HTTP/1.1 200"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Basic YW55Om5vdC1pdA==\r\n")),
               StartsWith("HTTP/1.1 401"));
    CHECK_THAT(s.exchange(get_request("/closed", "Authorization: Basic YW55OmZpcnN0LXRva2Vu\r\n")),
               StartsWith("HTTP/1.1 200"));
    CHECK_THAT(s.exchange(get_request("/open")), StartsWith("HTTP/1.1 200"));
}
