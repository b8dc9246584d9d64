#include "http/message/request_origin.hpp"

#include <catch2/catch.hpp>

#include "http/server/exchange.hpp"

using namespace distd::http;

namespace {

struct sent {
    explicit sent(std::initializer_list<head_field> fields) { x.head.fields = fields; }
    // What a browser says of the page that made it ask `host` for something.
    sent(std::string_view site, std::string_view origin, std::string_view host)
        : sent({{"Host", host}, {"Origin", origin}, {"sec-fetch-site", site}}) {}

    bool from_page() { return is_from_page(request(x)); }
    bool from_other_site() { return is_from_other_site(request(x)); }
    bool from_same_origin() { return is_from_same_origin(request(x)); }
    bool through_gateway() { return is_through_gateway(request(x)); }

    exchange x;
};

constexpr auto here = "127.0.0.1:5005";

}  // namespace

TEST_CASE("a program that says nothing of a site is from none") {
    sent program({{"Host", here}});
    CHECK_FALSE(program.from_page());
    CHECK_FALSE(program.from_other_site());
}

TEST_CASE("what the browser itself says decides") {
    CHECK_FALSE(sent("same-origin", "http://127.0.0.1:5005", here).from_other_site());
    CHECK_FALSE(sent("none", "", here).from_other_site());
    CHECK(sent("cross-site", "", here).from_other_site());
    CHECK(sent("same-site", "http://127.0.0.1:8080", here).from_other_site());
    CHECK(sent("something-new", "", here).from_other_site());
    // Also where a proxy in front has another name than we.
    CHECK_FALSE(sent("same-origin", "https://grades.example", here).from_other_site());
}

TEST_CASE("without its word the origin has to be the host that was asked") {
    CHECK_FALSE(sent("", "http://127.0.0.1:5005", here).from_other_site());
    CHECK_FALSE(sent("", "HTTP://Grades.Example", "grades.example:80").from_other_site());
    CHECK_FALSE(sent("", "https://grades.example", "grades.example:443").from_other_site());
    CHECK_FALSE(sent("", "https://grades.example", "grades.example").from_other_site());
    for (const auto* origin : {"http://127.0.0.1:8080", "http://evil.example", "null", "http://", "",
                               "http://127.0.0.1:5005.evil.example", "file://127.0.0.1:5005"})
        CHECK(sent("", origin, here).from_other_site() == (*origin != '\0'));
}

TEST_CASE("behind a gateway the origin may be the gateway, by the name that it was asked for") {
    const auto from = [](std::string_view origin) {
        return sent({{"Host", here}, {"Origin", origin}, {"X-Forwarded-Host", "gate.example:1"}});
    };
    CHECK_FALSE(from("http://gate.example:1").from_other_site());
    CHECK(from("http://gate.example:2").from_other_site());
}

TEST_CASE("a change needs evidence of its origin: silence and a gateway's name are none") {
    CHECK(sent("same-origin", "", here).from_same_origin());
    CHECK(sent("", "http://127.0.0.1:5005", here).from_same_origin());
    CHECK(sent("", "https://Console.Example", "console.example:443").from_same_origin());
    for (const auto* site : {"none", "same-site", "cross-site", "something-new"})
        CHECK_FALSE(sent(site, "http://127.0.0.1:5005", here).from_same_origin());
    for (const auto* origin : {"", "null", "http://", "http://127.0.0.1:8080", "file://127.0.0.1:5005"})
        CHECK_FALSE(sent("", origin, here).from_same_origin());
    CHECK_FALSE(sent("", "http://", "").from_same_origin());
    sent proxied({{"Host", here}, {"Origin", "http://gate.example"}, {"X-Forwarded-Host", "gate.example"}});
    CHECK_FALSE(proxied.from_same_origin());
}

TEST_CASE("a page of our own site is a page, too") {
    CHECK(sent("same-origin", "", here).from_page());
    CHECK(sent("", "http://127.0.0.1:5005", here).from_page());
    CHECK(sent("", "null", here).from_page());
}

TEST_CASE("a gateway of ours is found among others that a request came through") {
    CHECK(sent({{"Via", "1.0 other"}, {"via", "1.1 more, 1.1 distd"}}).through_gateway());
    CHECK_FALSE(sent({{"Via", "1.0 other"}, {"X-Via", "1.1 distd"}}).through_gateway());
}
