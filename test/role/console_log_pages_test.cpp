// The console's pages Logs, Request and Config in front of real roles.
#include <catch2/catch.hpp>

#include "base/timestamp.hpp"
#include "role/console_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

constexpr auto trace = "0af7651916cd43dd8448eb211c80319c";

struct with_log : console_fixture {
    with_log() {
        w.start("log", "log", {"--registry=" + registry()});
        w.until("the console knows the log",
                [&] { return get("/logs").body.find("No log service") == std::string::npos; });
    }
    void write(const std::string& fields) {
        const auto r =
            w.http("POST", w.address("log", "log") + "/log", "{" + fields + "}\n", "application/x-ndjson");
        REQUIRE(r.status < 300);
    }
    std::string page_with(const std::string& path, const std::string& words) {
        std::string body;
        w.until(path + " shows " + words, [&] {
            body = get(path).body;
            return body.find(words) != body.npos;
        });
        return body;
    }
};

}  // namespace

TEST_CASE_METHOD(with_log, "Logs shows lines, their levels, and one with all of its fields and ways on") {
    write(R"("level":"error","service":"cart","message":"charge failed","order":4711,"trace":")" +
          std::string(trace) + "\"");
    const auto page = page_with("/logs?q=failed", "<mark>failed</mark>");
    CHECK_THAT(page,
               Contains("class=\"error\"") && Contains("order=4711") && Contains("<svg class=\"columns\""));
    const std::string before = "<li id=\"l";
    const auto at = page.find(before) + before.size();
    const auto seq = page.substr(at, page.find('"', at) - at);
    const auto one = get("/logs?q=failed&line=" + seq).body;
    CHECK_THAT(one, Contains("href=\"/requests/" + std::string(trace) + "\"") &&
                        Contains("q=failed%20order%3A4711") && Contains("q=failed%20-order%3A4711") &&
                        Contains("around=" + seq));
    CHECK_THAT(get("/logs?around=" + seq).body, Contains("charge failed"));
    CHECK_THAT(get("/logs?level=debug").body, Contains("No line in this range matches"));
}

TEST_CASE_METHOD(with_log, "a wrong query is answered with what the log service says of it") {
    CHECK_THAT(page_with("/logs?q=%28", "Not searched"), Contains("expected"));
}

TEST_CASE_METHOD(with_log, "text in a line is text on the pages Logs and Request") {
    write(R"("level":"<b>","service":"<script>1</script>","message":"<i>x","<u>":"<em>","trace":")" +
          std::string(trace) + "\"");
    for (const auto& path : {std::string("/logs"), "/requests/" + std::string(trace)}) {
        INFO(path);
        CHECK_THAT(page_with(path, "&lt;i&gt;x"), Contains("&lt;script&gt;") && !Contains("<script>1") &&
                                                      !Contains("<i>x") && !Contains("<u>") &&
                                                      !Contains("<em>"));
    }
}

TEST_CASE_METHOD(with_log, "a fatal line is an error: counted, among the latest, and opened by the count") {
    add_instance("cart", "http://127.0.0.6:8100");
    write(R"("level":"critical","service":"cart","message":"no memory left")");
    const auto page = page_with("/", "no memory left");
    const auto link = "/logs?service=cart&amp;level=error,fatal&amp;range=1h";
    CHECK_THAT(page_with("/", link), Contains(std::string("href=\"") + link + "\""));
    CHECK_THAT(get("/services/cart").body, Contains(link));
    CHECK_THAT(get("/?state=errors").body, Contains(">cart</a><p>"));
    CHECK_THAT(page_with("/logs?service=cart&level=error,fatal&range=1h", "no memory left"),
               Contains("class=\"fatal\""));
}

TEST_CASE_METHOD(with_log, "the latest errors are in the order of their own times, not of their arrival") {
    const auto at = [&](seconds ago) {
        return R"("time":")" + rfc3339(w.time.wall() - ago) +
               R"(","level":"error","service":"cart","message":)";
    };
    write(at(seconds(20)) + R"("said second")");
    write(at(seconds(10)) + R"("said last")");
    write(at(seconds(30)) + R"("said first, shipped late")");
    const auto page = page_with("/", "said first");
    const auto latest = page.substr(page.find("id=\"latest\""));
    CHECK(latest.find("said last") < latest.find("said second"));
    CHECK(latest.find("said second") < latest.find("said first"));
}

TEST_CASE_METHOD(with_log, "the page of a service has its last lines and its keys, and those of no other") {
    add_instance("cart", "http://127.0.0.6:8100");
    w.http("PUT", registry() + "/config/cart/limits", "7", "text/plain");
    w.http("PUT", registry() + "/config/search/limits", "7", "text/plain");
    write(R"("level":"info","service":"search","message":"asked for tea")");
    write(R"("level":"info","service":"cart","message":"two of them")");
    CHECK_THAT(page_with("/services/cart", "two of them"), !Contains("asked for tea") &&
                                                               Contains("href=\"/config/cart%2Flimits\"") &&
                                                               !Contains("search%2Flimits"));
}

TEST_CASE_METHOD(with_log, "the count of errors and the lines that it opens are of the same time") {
    add_instance("cart", "http://127.0.0.6:8100");
    struct {
        std::string range;
        seconds span, step, count_age;
    } const ranges[]{{"1h", std::chrono::hours(1), seconds(60), seconds(6)},
                     {"24h", std::chrono::hours(24), seconds(24 * 60), seconds(21)},
                     {"30d", std::chrono::hours(720), std::chrono::hours(12), seconds(121)}};
    for (const auto& r : ranges) {
        INFO(r.range);
        const auto badge = "service=cart&amp;level=error,fatal&amp;range=" + r.range;
        const auto is_there = [&](const std::string& path, const std::string& words) {
            return get(path).body.find(words) != std::string::npos;
        };
        const auto jump_to = [&](wall_point when) {
            w.time.jump_wall(std::chrono::duration_cast<milliseconds>(when - w.time.wall()));
        };
        jump_to(std::chrono::ceil<seconds>(w.time.wall()) + r.step * 3 / 2 -
                std::chrono::ceil<seconds>(w.time.wall()).time_since_epoch() % r.step);
        const auto said_at = w.time.wall();
        write(R"("level":"error","service":"cart","message":"of )" + r.range + "\"");
        page_with("/?range=" + r.range, badge);
        page_with("/logs?level=error,fatal&range=" + r.range, "of " + r.range);
        // Less old than the range, and older than the first whole step of it.
        jump_to(said_at + r.span - r.step / 4);
        w.time.advance(r.count_age);
        CHECK_FALSE(is_there("/logs?level=error,fatal&range=" + r.range, "of " + r.range));
        CHECK_FALSE(is_there("/?range=" + r.range, badge));
    }
}

TEST_CASE_METHOD(with_log, "a request is a tree of its calls, found by its trace and by its id") {
    const auto line = [&](const std::string& service, const std::string& span, const std::string& parent,
                          int status) {
        write(R"("service":")" + service + R"(","message":"request","trace":")" + trace + R"(","span":")" +
              span + R"(","parent":")" + parent +
              R"(","request_id":"5f2c19d0aa00bb11","method":"POST","path":"/pay","status":)" +
              std::to_string(status) + R"(,"duration_us":2010000)");
    };
    line("cards", "bbbbbbbbbbbbbbbb", "aaaaaaaaaaaaaaaa", 504);
    line("cart", "aaaaaaaaaaaaaaaa", "", 502);
    for (const auto& id : {std::string(trace), std::string("5f2c19d0aa00bb11")}) {
        INFO(id);
        const auto page = page_with("/requests/" + id, ">502</span> POST /pay took 2.01");
        CHECK_THAT(page, Contains(">cards</a>, which answered 504") && Contains("class=\"d1\""));
    }
    CHECK(get("/requests/00000000000000000000000000000001").status == 404);
}

TEST_CASE_METHOD(console_fixture, "a value is reviewed, saved, and restored, in the operator's name") {
    w.http("PUT", registry() + "/config/cart/limits", R"({"max":7})", "application/json");
    const auto etag_of = [&] {
        const auto page = get("/config/cart%2Flimits").body;
        const std::string before = "name=\"etag\" value=\"&quot;";
        const auto at = page.find(before) + before.size();
        return "&etag=%22" + page.substr(at, page.find("&quot;", at) - at) + "%22";
    };
    add_instance("cart", "http://127.0.0.6:8100");
    const auto etag = etag_of();
    const auto review = post("/config/cart%2Flimits",
                             "action=review&media_type=application%2Fjson&bytes=%7B%22max%22%3A8%7D" + etag);
    CHECK(review.status == 200);
    CHECK_THAT(review.body, Contains("<pre>  &quot;max&quot;: 7</pre>") &&
                                Contains("<pre>  &quot;max&quot;: 8</pre>") && Contains("Save as version 2"));
    const auto wrong =
        post("/config/cart%2Flimits", "action=save&media_type=application%2Fjson&bytes=%7B" + etag);
    CHECK_THAT(wrong.body, Contains("This is not JSON") && !Contains("Save as version"));
    const auto saved =
        post("/config/cart%2Flimits",
             "action=save&who=ana&media_type=application%2Fjson&bytes=%7B%22max%22%3A8%7D" + etag);
    REQUIRE(saved.status == 303);
    CHECK_THAT(get(saved.header("Location")).body,
               Contains("Version 2 is saved.") && Contains("Undo: restore 1") && Contains("<td>ana</td>"));
    const auto late = post("/config/cart%2Flimits",
                           "action=save&media_type=application%2Fjson&bytes=%7B%22max%22%3A9%7D" + etag);
    CHECK(late.status == 412);
    CHECK_THAT(late.body,
               Contains("Both values") && Contains("&quot;max&quot;: 8") && Contains("&quot;max&quot;: 9"));
    REQUIRE(post("/config/cart%2Flimits", "action=restore&version=1" + etag_of()).status == 303);
    CHECK(w.http("GET", registry() + "/config/cart/limits").body == R"({"max":7})");
    CHECK_THAT(get("/config/cart%2Flimits?left=1&right=2").body, Contains("class=\"diff\""));
    CHECK(
        send("POST", "/config/cart%2Flimits", "action=delete" + etag_of(), "Sec-Fetch-Site: same-origin\r\n")
            .status == 403);
    CHECK_THAT(get("/config/cart%2Flimits").body, Contains("Restore 2 as 4"));
    const auto deleted = post("/config/cart%2Flimits", "action=delete" + etag_of());
    REQUIRE(deleted.status == 303);
    CHECK(w.http("GET", registry() + "/config/cart/limits").status == 404);
    CHECK_THAT(get(deleted.header("Location")).body,
               Contains("It is deleted.") && Contains("Undo: restore 3"));
}

TEST_CASE_METHOD(console_fixture,
                 "a key that was just made is undone by its deletion, from where it was done") {
    add_instance("cart", "http://127.0.0.6:8100");
    const auto saved = post("/config/cart%2Fnew", "action=save&media_type=text%2Fplain&etag=&bytes=7");
    REQUIRE(saved.status == 303);
    const auto page = get(saved.header("Location")).body;
    CHECK_THAT(page, Contains("Undo: delete it"));
    const auto etag = http::percent_encode(w.http("GET", registry() + "/config/cart/new").header("ETag"));
    CHECK(post("/config/cart%2Fnew", "action=delete&etag=" + etag).status == 303);
    CHECK(w.http("GET", registry() + "/config/cart/new").status == 404);
}

TEST_CASE_METHOD(console_fixture,
                 "each change of a value asks for a reason, and the history and the events have it as text") {
    add_instance("cart", "http://127.0.0.6:8100");
    const std::string page = "/config/cart%2Flimits";
    const auto change = [&](const std::string& fields) {
        const auto etag =
            http::percent_encode(w.http("GET", registry() + "/config/cart/limits").header("ETag"));
        return post(page, fields + "&etag=" + etag);
    };
    const auto count_asked = [](const std::string& html) {
        int found = 0;
        for (auto at = html.find("<input name=\"reason\""); at != html.npos;
             at = html.find("<input name=\"reason\"", at + 1))
            ++found;
        return found;
    };
    const std::string value = "media_type=text%2Fplain&bytes=";
    CHECK(count_asked(post(page, "action=review&etag=&" + value + "7").body) == 1);
    REQUIRE(change("action=save&reason=more+carts&" + value + "7").status == 303);
    const auto hostile =
        "%3C/td%3E%3Cscript%3E1%3C/script%3E%E2%80%AEa%0D%0AX-Distd-Actor:+eve%20%F0%9F%98%80";
    REQUIRE(change("action=save&who=ana&reason=" + std::string(hostile) + "&" + value + "8").status == 303);
    REQUIRE(change("action=restore&version=1&reason=eight+is+wrong").status == 303);
    const auto shown = get(page).body;
    CHECK(count_asked(shown) == 2);  // of a deletion and of a restoration
    CHECK_THAT(shown, Contains("more carts") && Contains("eight is wrong") &&
                          Contains("&lt;/td&gt;&lt;script&gt;1&lt;/script&gt;a  X-Distd-Actor: eve 😀") &&
                          !Contains("<script>1"));
    const auto deleted = change("action=delete&reason=" + std::string(2000, 'x'));
    REQUIRE(deleted.status == 303);
    const auto undo = get(deleted.header("Location")).body;
    CHECK_THAT(undo, Contains(R"(name="reason" value="undo of version 4")"));
    CHECK_THAT(w.http("GET", registry() + "/events").body,
               Contains(R"("Reason":"more carts")") && Contains("<script>1</script>a  X-Distd-Actor: eve") &&
                   Contains(R"("Actor":"ana")") && Contains(R"("Reason":"version 1: eight is wrong")") &&
                   Contains(std::string(250, 'x') + "…"));
    CHECK_THAT(get("/events").body, Contains(": more carts") && Contains(": version 1: eight is wrong") &&
                                        Contains("&lt;script&gt;1") && !Contains("<script>1"));
}

TEST_CASE_METHOD(console_fixture,
                 "a secret value is shown only when it is asked for, and text in values is text") {
    w.http("PUT", registry() + "/config/cart/password", "hunter2", "text/plain");
    w.http("PUT", registry() + "/config/odd/%3Cb%3E", "</textarea><script>1</script>", "text/plain");
    CHECK_THAT(get("/config/cart%2Fpassword").body, !Contains("hunter2") && Contains("Show it"));
    CHECK_THAT(get("/config/cart%2Fpassword?left=1&right=1").body, !Contains("hunter2"));
    CHECK_THAT(get("/config/cart%2Fpassword?show=1").body, Contains("hunter2"));
    CHECK_THAT(get("/config").body, Contains("href=\"/config/odd%2F%3Cb%3E\"") && !Contains("<b>"));
    CHECK_THAT(get("/config/odd%2F%3Cb%3E").body, Contains("&lt;/textarea&gt;") && !Contains("<script>1"));
    w.http("PUT", registry() + "/config/cart/secret", "hunter3", "application/json");  // which is no JSON
    CHECK_THAT(get("/config/cart%2Fsecret").body, !Contains("unexpected") && !Contains("This is not JSON"));
    CHECK_THAT(get("/config/cart%2Fsecret?show=1").body, Contains("This is not JSON"));
    CHECK_THAT(get("/config?filter=PASS").body, Contains("password") && !Contains("odd"));
}

TEST_CASE_METHOD(console_fixture,
                 "a route that the gateway would refuse is not saved, and is told in its words") {
    add_instance("cart", "http://127.0.0.6:8100");  // whose page has the token of forms
    w.start("portal", "portal", {"--registry=" + registry()});
    w.http("PUT", registry() + "/config/gateway/routes/shop", R"({"service":"cart","prefix":"/shop"})");
    w.until("the console knows the route",
            [&] { return get("/traffic").body.find(">/shop</code>") != std::string::npos; });
    const auto judged = [&](const std::string& key, const std::string& value) {
        return post("/config/" + http::percent_encode(key),
                    "action=save&media_type=application%2Fjson&etag=&bytes=" + http::percent_encode(value));
    };
    CHECK_THAT(judged("gateway/routes/new", R"({"service":"a","prefixx":"/b"})").body,
               Contains("The gateway would refuse this: prefixx: unknown field") && !Contains(">Save"));
    CHECK_THAT(judged("gateway/routes/new", R"({"service":"a","prefix":"/shop"})").body,
               Contains("conflict with the route shop"));
    CHECK_THAT(judged("gateway/services", R"({"a":1})").body, Contains("The gateway would refuse this"));
    CHECK(w.http("GET", registry() + "/config/gateway/routes/new").status == 404);
    CHECK(judged("gateway/routes/new", R"({"service":"a","prefix":"/new"})").status == 303);
    CHECK(w.http("GET", registry() + "/config/gateway/routes/new").status == 200);
}

TEST_CASE_METHOD(console_fixture,
                 "a version that would not be saved now is not restored, and the page says why") {
    add_instance("cart", "http://127.0.0.6:8100");
    w.start("portal", "portal", {"--registry=" + registry()});
    const auto restored = [&](const std::string& key, const char* version) {
        const auto etag = w.http("GET", registry() + "/config/" + key).header("ETag");
        return post("/config/" + http::percent_encode(key),
                    std::string("action=restore&version=") + version + "&etag=" + http::percent_encode(etag));
    };
    const std::string route = "gateway/routes/shop";
    for (const auto* value :
         {R"({"service":"cart","prefixx":"/shop"})", R"({"service":"cart","prefix":"/shop"})"})
        w.http("PUT", registry() + "/config/" + route, value);
    const auto refused = restored(route, "1");
    CHECK(refused.status == 409);
    CHECK_THAT(refused.body, Contains("Version 1 was not restored. The gateway would refuse this: prefixx"));
    CHECK(w.http("GET", registry() + "/config/" + route).header("X-Distd-Version") == "2");
    w.http("PUT", registry() + "/config/cart/token", "{hunter2", "application/json");
    w.http("PUT", registry() + "/config/cart/token", "{}", "application/json");
    const auto secret = restored("cart/token", "1");
    CHECK_THAT(secret.body, Contains("Version 1 was not restored. This is not JSON") && !Contains("hunter2"));
}
