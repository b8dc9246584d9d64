// The page Alerts, its button, and what of an alert is a secret.
#include <catch2/catch.hpp>

#include "role/console_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

struct with_alert : console_fixture {
    with_alert() : hook(w.loop, [this](int, const std::string&) { return raw_server::action{hook_answer}; }) {
        const auto value = R"({"url":")" + hook.url("/t0ken") + R"(","headers":{"X-Key":"k3y"}})";
        REQUIRE(w.http("PUT", registry() + "/config/alerts/ops", value).status == 201);
        add_instance("cart", "http://127.0.0.6:8100");
    }

    std::string hook_answer = "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n";
    raw_server hook;
};

}  // namespace

TEST_CASE_METHOD(console_fixture, "the page Alerts says that there are none, and how to write one") {
    CHECK_THAT(get("/alerts").body, Contains("<h1>No alerts</h1>") && Contains("Write one"));
}

TEST_CASE_METHOD(with_alert,
                 "the page Alerts shows each alert, and not where it leads to or with which key") {
    const auto page = get("/alerts").body;
    CHECK_THAT(page, Contains("lost, back and missing of all services, and the guard") &&
                         Contains("Nothing was delivered since") && Contains("Send a test"));
    CHECK_THAT(page, !Contains("t0ken") && !Contains("k3y"));
    const auto hidden = get("/config/alerts%2Fops").body;
    CHECK_THAT(hidden, Contains("It is not shown") && !Contains("t0ken") && !Contains("k3y"));
}

TEST_CASE_METHOD(with_alert, "a test is sent from the page, which then says whether it arrived") {
    CHECK(post("/alerts/ops/test", "").header("Location") == "/alerts");
    REQUIRE(hook.requests().size() == 1);
    CHECK_THAT(hook.requests().front(), Contains("registry test: sent by"));
    CHECK_THAT(get("/alerts").body, Contains("1 alert<") && Contains("a test, answered 204"));
    hook_answer = "HTTP/1.1 403 X\r\nContent-Length: 0\r\n\r\n";
    w.time.advance(seconds(1));
    CHECK(post("/alerts/ops/test", "").status == 303);
    CHECK_THAT(get("/alerts").body,
               Contains("The only alert does not arrive") && Contains("a test: answered 403"));
}

TEST_CASE_METHOD(with_alert, "a test needs the page's own form, and an alert that is there") {
    CHECK(send("POST", "/alerts/ops/test", "form=x", "Sec-Fetch-Site: same-origin\r\n").status == 403);
    CHECK(send("POST", "/alerts/ops/test", "form=" + form_token(), "Sec-Fetch-Site: cross-site\r\n").status ==
          403);
    CHECK(hook.requests().empty());
    const auto unknown = post("/alerts/nobody/test", "");
    CHECK(unknown.status == 409);
    CHECK_THAT(unknown.body, Contains("There is no configuration at alerts/nobody"));
}

TEST_CASE_METHOD(with_alert, "an alert that is wrong is not saved from the page Config, which says why") {
    const auto answer =
        post("/config/alerts%2Fops",
             "action=save&media_type=application%2Fjson&bytes=%7B%22on%22%3A%5B%22lots%22%5D%7D&etag=" +
                 http::percent_encode(w.http("GET", registry() + "/config/alerts/ops").header("ETag")));
    CHECK_THAT(answer.body, Contains("Nothing was stored. url: expected an address"));
}
