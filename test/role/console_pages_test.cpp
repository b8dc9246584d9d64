// The console's pages in front of a real registry: what they say, and that they say it when it changes.
#include <catch2/catch.hpp>

#include "role/console_fixture.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

TEST_CASE_METHOD(console_fixture, "the page Now says what runs, on which machines") {
    add_instance("cart", "http://127.0.0.6:8100", R"(,"Version":"1.8.2")");
    add_instance("cart", "http://127.0.0.7:8100");
    const auto page = get("/");
    CHECK(page.status == 200);
    CHECK_THAT(page.body, Contains("1 of 2 services is starting</h1>") && Contains(">cart</a>") &&
                              Contains("1.8.2 · 127.0.0.6 127.0.0.7") && Contains(">2/2</td>"));
    CHECK_THAT(page.header("Content-Security-Policy"), Contains("default-src 'self'"));
    CHECK_THAT(page.body, !Contains("<style") && !Contains("style=") && !Contains("onclick"));
    CHECK(page.body.size() < (100 << 10));
}

TEST_CASE_METHOD(console_fixture, "what is drained is shown with the reason, and who, on every page of it") {
    add_instance("cart", "http://127.0.0.6:8100");
    w.http("PUT", registry() + "/services/http%3A%2F%2F127.0.0.6%3A8100/drain", R"({"Reason":"disk swap"})");
    CHECK_THAT(get("/").body, Contains("http://127.0.0.6:8100 drained") && Contains("disk swap") &&
                                  Contains("</a> is drained"));
    CHECK_THAT(get("/services/cart").body, Contains("End drain") && Contains("disk swap"));
    CHECK_THAT(get("/events").body, Contains("127.0.0.6:8100 drained") && Contains("disk swap"));
}

TEST_CASE("the page of a service shows what a failing probe was answered") {
    console_fixture f({"--heartbeat-interval=1s"});
    raw_server sick(f.w.loop, [](int, const std::string&) -> raw_server::action {
        return {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 12\r\n\r\ndisk is full", true};
    });
    const auto base = "http://127.0.0.1:" + std::to_string(sick.port());
    f.add_instance("cart", base, R"(,"HeartbeatURL":")" + base + R"(/heartbeat")");
    f.w.until("it is lost",
              [&] { return f.w.http("GET", f.registry() + "/services/cart?health=lost").body.size() > 2; });
    std::string page;
    f.w.until("the page has the outage", [&] {
        page = f.get("/services/cart").body;
        return page.find("<table class=\"plain outages\">") != page.npos;
    });
    CHECK_THAT(page, Contains("answered 503") && Contains("disk is full"));
    const auto outages = page.substr(page.find("<table class=\"plain outages\">"));
    CHECK_THAT(outages.substr(0, outages.find("</table>")),
               Contains(">still</td>") && Contains(base) && Contains("<td>answered 503</td>"));
}

TEST_CASE_METHOD(console_fixture, "text from outside is text on every page") {
    const std::string name = R"(<script>alert(1)</script>)";
    add_instance(name, "http://127.0.0.6:8100",
                 R"(,"Version":"<em>","Tags":["<i>"],"RequiredServices":["<u>"])");
    for (const auto* path :
         {"/", "/services/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/events", "/find?q=%3Cscript"}) {
        INFO(path);
        const auto page = get(path);
        CHECK(page.status == 200);
        CHECK_THAT(page.body, Contains("&lt;script&gt;") && !Contains("<script>") && !Contains("<em>") &&
                                  !Contains("<i>") && !Contains("<u>"));
    }
}

TEST_CASE_METHOD(console_fixture, "a filter is an address, and a chip leads there") {
    add_instance("cart", "http://127.0.0.6:8100");
    add_instance("search", "http://127.0.0.7:9200");
    CHECK_THAT(get("/").body, Contains("href=\"/?machine=127.0.0.7\""));
    const auto page = get("/?machine=127.0.0.7");
    CHECK_THAT(page.body, Contains(">search</a><p>") && !Contains(">cart</a><p>"));
}

TEST_CASE_METHOD(console_fixture,
                 "the page of a service shows its instances and its neighbours, missing ones in red") {
    add_instance("cart", "http://127.0.0.6:8100",
                 R"(,"Version":"1.8.2","Weight":3,"RequiredServices":["search","points"])");
    add_instance("search", "http://127.0.0.7:9200");
    add_instance("checkout", "http://127.0.0.8:9300", R"(,"RequiredServices":["cart"])");
    const auto page = get("/services/cart").body;
    CHECK_THAT(page,
               Contains("<td class=\"t\">127.0.0.6</td><td class=\"t\">1.8.2</td><td class=\"n t\">3</td>"));
    const auto hops = page.substr(page.find("<div class=\"hops\">"));
    const auto above = hops.substr(0, hops.find("<p class=\"here\">"));
    const auto below = hops.substr(above.size(), hops.find("</div>") - above.size());
    CHECK_THAT(above,
               Contains("aria-label=\"Required by\"") && Contains(">checkout</a>") && !Contains("search"));
    CHECK_THAT(below, Contains("<a href=\"/services/search\">search</a></li>") &&
                          Contains("<li class=\"sick\">") &&
                          Contains("<a href=\"/services/points\">points</a> missing"));
}

TEST_CASE_METHOD(console_fixture,
                 "a service that requires what nobody offers says so on Now and on its own page") {
    add_instance("loyalty", "http://127.0.0.6:8100", R"(,"RequiredServices":["points"])");
    for (const auto* path : {"/", "/services/loyalty"})
        w.until("the console knows it", [&] {
            return get(path).body.find("requires points, which nobody offers") != std::string::npos;
        });
    CHECK_THAT(get("/services/points").body, Contains("Nobody offers points. loyalty requires it"));
}

TEST_CASE_METHOD(console_fixture, "events are filtered by their kind, their service and who") {
    add_instance("cart", "http://127.0.0.6:8100");
    add_instance("search", "http://127.0.0.7:9200");
    REQUIRE(post("/services/cart/drain", "url=http%3A%2F%2F127.0.0.6%3A8100&who=ana").status == 303);
    const auto timeline = [&](const std::string& filter) {
        const auto page = get("/events" + filter).body;
        return page.substr(page.find("id=\"timeline\""));
    };
    CHECK_THAT(timeline(""),
               Contains("8100 registered") && Contains("9200 registered") && Contains("8100 drained"));
    CHECK_THAT(timeline("?kind=drains"), Contains("8100 drained by ana") && !Contains("registered"));
    CHECK_THAT(timeline("?kind=registrations"), Contains("8100 registered") && !Contains("drained"));
    CHECK_THAT(timeline("?name=search"), Contains("9200 registered") && !Contains("8100"));
    CHECK_THAT(timeline("?who=ana"), Contains("8100 drained") && !Contains("registered"));
}

TEST_CASE_METHOD(console_fixture, "the search box leads to what is meant, or offers what is like it") {
    add_instance("cart", "http://127.0.0.6:8100");
    w.http("PUT", registry() + "/config/cart/limits", "7", "text/plain");
    CHECK(get("/find?q=cart").header("Location") == "/services/cart");
    CHECK_THAT(get("/find?q=127.0.0.6:8100").header("Location"), Contains("/services/cart#i"));
    CHECK(get("/find?q=cart%2Flimits").header("Location") == "/config/cart%2Flimits");
    CHECK(get("/find?q=0af7651916cd43dd8448eb211c80319c").header("Location") ==
          "/requests/0af7651916cd43dd8448eb211c80319c");
    CHECK_THAT(get("/find?q=car").body, Contains("href=\"/services/cart\"") &&
                                            Contains("href=\"/config/cart%2Flimits\"") &&
                                            Contains("href=\"/logs?q=car\""));
}

TEST_CASE_METHOD(console_fixture,
                 "while the registry is away the page says so, as of when, and nothing is well") {
    add_instance("cart", "http://127.0.0.6:8100");
    w.until("all are well", [&] { return get("/").body.find("well</h1>") != std::string::npos; });
    w.stop("registry");
    http_answer page;
    w.until("the page says it", [&] {
        page = get("/");
        return page.body.find("registry unreachable") != page.body.npos;
    });
    CHECK_THAT(page.body, Contains("The registry is unreachable</h1>") && Contains("as of <time") &&
                              Contains(">cart</a>") && !Contains("well</h1>"));
}

TEST_CASE_METHOD(console_fixture, "the tab of every page says by icon and title how the system is") {
    w.start("log", "log", {"--registry=" + registry()});
    w.start("portal", "portal,grading", {"--registry=" + registry()});
    add_instance("cart", "http://127.0.0.6:8100");
    w.http("PUT", registry() + "/config/cart/limits", "7", "text/plain");
    const auto everywhere = [&](const std::string& what, const std::string& icon, const std::string& title) {
        for (const auto* path : {"/", "/services/cart", "/logs", "/logs?before=1",
                                 "/requests/"
                                 "0af7651916cd43dd8448eb211c80319c",
                                 "/config", "/config/cart%2Flimits", "/config/new", "/traffic", "/events",
                                 "/alerts", "/find?q=c"}) {
            w.until(std::string(path) + " says that " + what, [&] {
                const auto page = get(path).body;
                return page.find("/icon-" + icon) != page.npos && page.find("<title>" + title) != page.npos;
            });
            CHECK_THAT(get(path).body, Contains("data-live=\"/live?page="));
        }
    };
    everywhere("all is well", "well", "");
    CHECK_THAT(get("/config/cart%2Flimits").body, Contains("<title>cart/limits · Config · distd</title>"));
    add_instance("shop", "http://127.0.0.6:8200", R"(,"RequiredServices":["points"])");
    everywhere("one is sick", "sick", "▲ 1 sick · ");
    CHECK_THAT(get("/config/cart%2Flimits").body,
               Contains("<title>▲ 1 sick · cart/limits · Config · distd</title>"));
    w.stop("registry");
    everywhere("nobody knows", "unknown", "? registry unreachable · ");
    CHECK_THAT(get("/nowhere").body, Contains("/icon-unknown"));  // which asks nobody
}

TEST_CASE_METHOD(console_fixture, "an unknown page and an unknown service are pages, too") {
    CHECK(get("/nowhere").status == 404);
    CHECK_THAT(get("/nowhere").body, Contains("No such page"));
    const auto nobody = get("/services/nobody");
    CHECK(nobody.status == 404);
    CHECK_THAT(nobody.body, Contains("no instance is registered") && Contains("<svg class=\"g dot\"") &&
                                !Contains("g sick"));
    CHECK_THAT(get("/find?q=%3F").body,
               Contains("<h1>Keys</h1>") && Contains(">Esc</kbd>") && !Contains("Search the log"));
    CHECK(get("/assets/none.css").status == 404);
    CHECK_THAT(get("/assets/style.css").header("Content-Type"), Contains("text/css"));
}
