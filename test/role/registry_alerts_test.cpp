// Alerts of a registry: they reach a webhook, and one that does not answer delays nobody.
#include <algorithm>
#include <fstream>

#include "role/registry/config/config_store.hpp"
#include "role/registry_fixture.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

struct scene : watched_registry {
    scene()
        : hook(w.loop, [this](int, const std::string& request) { return take(request); }),
          probed(w.loop, [this](int, const std::string&) {
              ++probes;
              return raw_server::action{"HTTP/1.1 " + health + " X\r\nContent-Length: 0\r\n\r\n"};
          }) {}

    raw_server::action take(const std::string& request) {
        messages.push_back(request.substr(request.find("\r\n\r\n") + 4));
        heads.push_back(request.substr(0, request.find("\r\n\r\n")));
        return raw_server::action{hook_answer};
    }
    http_answer put(const std::string& name, const std::string& value) {
        return w.http("PUT", url() + "/config/alerts/" + name, value);
    }
    void alert(const std::string& more = {}) {
        const auto value = R"({"url":")" + hook.url("/t0ken") + R"(","after":"0s")" + more + "}";
        REQUIRE(put("ops", value).status == 201);
    }
    void add_cart() {
        post(instance("cart", "http://cart", R"(,"HeartbeatURL":")" + probed.url("/h") + '"'));
        until_listed(R"("passing")");
    }
    void until_listed(const std::string& words) {
        w.until("it is " + words, [&] { return get("/services").body.find(words) != std::string::npos; });
    }
    void until_sent(const std::string& words) {
        w.until("the webhook is told " + words, [&] { return count(words) > 0; });
    }
    std::ptrdiff_t count(const std::string& words) const {
        return std::ranges::count_if(messages, [&](const auto& m) { return m.find(words) != m.npos; });
    }
    void until_alerts_say(const std::string& words) {
        w.until("/alerts says " + words,
                [&] { return get("/alerts").body.find(words) != std::string::npos; });
    }

    std::string hook_answer = ok;
    std::string health = "200";
    int probes = 0;
    std::vector<std::string> messages;
    std::vector<std::string> heads;
    raw_server hook;
    raw_server probed;
};

}  // namespace

TEST_CASE("a loss reaches the webhook of an alert, and that it is back does") {
    scene s;
    s.alert(R"(,"headers":{"X-Key":"k3y"})");
    s.add_cart();
    s.health = "503";
    s.until_sent(R"("text":"cart lost: http://cart: answered 503")");
    CHECK_THAT(s.heads.front(), Contains("POST /t0ken HTTP/1.1") && Contains("X-Key: k3y") &&
                                    Contains("Content-Type: application/json") && !Contains("Authorization"));
    CHECK_THAT(s.messages.front(), Contains(R"("instances":"1 of 1")"));
    s.health = "200";
    s.until_sent("cart back: well again after");
    CHECK(s.messages.size() == 2);
    s.until_alerts_say(R"("delivered":2)");
    CHECK_THAT(s.get("/alerts").body, Contains(R"("last_delivery":{"service":"cart","what":"back")") &&
                                          !Contains("t0ken") && !Contains("k3y"));
    CHECK_THAT(s.get("/metrics").body,
               Contains(R"(distd_registry_alert_messages_total{outcome="delivered"} 2)"));
}

TEST_CASE("a message that the webhook does not take is sent again") {
    scene s;
    s.alert();
    s.hook_answer = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
    s.add_cart();
    s.health = "503";
    s.w.until("it was tried three times", [&] { return s.count("cart lost") == 3; });
    CHECK_THAT(s.get("/alerts").body,
               Contains(R"("reason":"answered 500")") && Contains(R"("pending_count":1)"));
    s.hook_answer = ok;
    s.until_alerts_say(R"("delivered":1)");
    CHECK(s.count("cart lost") == 4);
    CHECK_THAT(s.get("/alerts").body, Contains(R"("pending_count":0)"));
}

TEST_CASE("a webhook that hangs delays no probe, no patch and no stop") {
    scene s;
    s.alert();
    s.hook_answer.clear();
    s.add_cart();
    s.post(instance("gone", "http://gone", R"(,"HeartbeatURL":"http://127.0.0.1:1/h")"));
    s.until_sent("gone lost");
    int patches = 0;
    raw_server subscriber(s.w.loop, [&](int, const std::string&) {
        ++patches;
        return raw_server::action{ok};
    });
    s.post(instance("shop", "http://shop",
                    R"(,"RequiredServices":["late"],"ServiceUpdateURL":")" + subscriber.url("/u") + '"'));
    const auto probes_before = s.probes;
    const auto begin = s.w.time.now();
    s.w.until("cart is probed twice more", [&] { return s.probes == probes_before + 2; });
    CHECK(s.w.time.now() - begin <= seconds(7));  // two of its intervals, on the clock of the test
    const auto patches_before = patches;
    s.post(instance("late", "http://late"));
    s.w.until("shop has its patch", [&] { return patches > patches_before; });
    CHECK(s.hook.open_connections() > 0);  // it hangs still
    CHECK(s.count("gone lost") == 1);
    s.w.stop("registry");  // which checks that it is clean
}

TEST_CASE("what was reported before a restart is not reported again, and that it is back still is") {
    scene s;
    s.alert();
    s.add_cart();
    s.health = "503";
    s.until_sent("cart lost");
    s.until_alerts_say(R"("delivered":1)");
    s.w.pump();
    s.restart();
    s.until_listed(R"("lost")");
    const auto probes = s.probes;
    s.w.until("it is probed again", [&] { return s.probes > probes; });
    CHECK(s.count("cart lost") == 1);
    s.health = "200";
    s.until_sent("cart back");
    CHECK(s.count("cart lost") == 1);
}

TEST_CASE("what a webhook had not taken at a stop is sent after the next start") {
    scene s;
    s.alert();
    s.hook_answer.clear();
    s.add_cart();
    s.health = "503";
    s.until_sent("cart lost");
    s.hook_answer = ok;
    s.restart();
    s.w.until("it is sent again", [&] { return s.count("cart lost") == 2; });
    s.until_alerts_say(R"("delivered":1)");
}

TEST_CASE("a test of an alert says at once whether it arrives") {
    scene s;
    s.alert();
    const auto test = [&](const std::string& name) {
        return s.w.http("POST", s.url() + "/alerts/" + name + "/test");
    };
    auto a = test("ops");
    CHECK(a.status == 200);
    CHECK_THAT(a.body, Contains(R"("delivered":true,"status":200)"));
    CHECK_THAT(s.messages.front(), Contains("registry test: sent by 127.0.0.1 to see whether it arrives"));
    s.hook_answer = "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n";
    a = test("ops");
    CHECK(a.status == 502);
    CHECK_THAT(a.body, Contains("did not take the message: answered 404"));
    CHECK_THAT(s.get("/alerts").body, Contains(R"("what":"test")") && Contains(R"("pending_count":0)"));
    CHECK(test("nobody").status == 404);
    CHECK(s.w.http("POST", s.url() + "/alerts/ops/test?x=1").status == 400);
    CHECK(s.get("/alerts?x=1").status == 400);
}

TEST_CASE("a test whose webhook hangs fails with its deadline, and there is one at a time") {
    scene s;
    s.alert();
    s.hook_answer.clear();
    auto first = s.connect();
    first.send("POST /alerts/ops/test HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    s.w.until("the first one is sent", [&] { return s.messages.size() == 1; });
    CHECK(s.w.http("POST", s.url() + "/alerts/ops/test").status == 409);
    s.w.time.advance(seconds(11));
    CHECK_THAT(first.read_answer(), Contains("502") && Contains("did not take the message"));
}

TEST_CASE("a webhook with TLS is called when its certificate is trusted, and nothing otherwise") {
    const certificate_wish for_authority{.names = {}, .subject = "root", .is_authority = true};
    const test_certificate root(for_authority);
    const test_certificate stranger(for_authority);
    const test_certificate own({.names = {"127.0.0.1"}}, &root);
    temp_dir dir;
    const bool is_trusted = GENERATE(true, false);
    const bool has_own_roots = GENERATE(true, false);  // for the system's own processes
    std::ofstream(dir / "ca.pem") << (is_trusted ? root : stranger).certificate();
    ::setenv("SSL_CERT_FILE", std::string(dir / "ca.pem").c_str(), 1);
    std::ofstream(dir / "own.pem")
        << test_certificate({.names = {}, .subject = "own root", .is_authority = true}).certificate();
    scene s;
    if (has_own_roots) {
        s.w.stop("registry");
        s.w.start("registry", "registry", {"--tls-ca-file=" + std::string(dir / "own.pem")});
    }
    raw_server hook(s.w.loop, [](int, const std::string&) { return raw_server::action{ok}; });
    hook.speak_tls({own.certificate(), own.key()});
    const auto url = hook.url("/t0ken");
    REQUIRE(s.put("ops", R"({"url":")" + url + R"("})").status == 201);
    const auto a = s.w.http("POST", s.url() + "/alerts/ops/test");
    ::unsetenv("SSL_CERT_FILE");
    CHECK(a.status == (is_trusted ? 200 : 502));
    REQUIRE(hook.requests().size() == (is_trusted ? 1U : 0U));
    if (is_trusted)
        CHECK_THAT(hook.requests().front(), Contains("POST /t0ken") && Contains(R"("what":"test")"));
    if (!is_trusted) CHECK_THAT(a.body, Contains("its certificate is not trusted"));
}

TEST_CASE("an alert that is wrong is refused when it is put, and nothing is stored") {
    scene s;
    const auto refused = s.put("ops", R"({"url":"http://127.0.0.1:9/","on":["lots"]})");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Contains("Nothing was stored. on: expected some of lost, back, missing, guard"));
    CHECK_THAT(s.put("ops", R"({"url":"http://169.254.169.254/"})").body, Contains("url: 169.254.169.254"));
    CHECK_THAT(s.put("a/b", R"({"url":"http://127.0.0.1:9/"})").body, Contains("the name of an alert"));
    CHECK(s.get("/config/alerts/ops").status == 404);
    CHECK(s.get("/alerts").body == "[]");
}

TEST_CASE("an old version of an alert that is wrong is refused when it is restored, with the reason") {
    scene s;
    s.w.stop("registry");
    {
        // As another version of the registry may have kept it.
        registry::config_store kept(s.w.data_dir("registry") + "/registry/config.db", {}, s.w.time.wall());
        for (const auto* value : {R"({"url":"http://127.0.0.1:9/","on":["lots"]})", R"({"url":"ftp://x/"})",
                                  R"({"url":"http://127.0.0.1:9/"})"}) {
            registry::config_change c;
            c.key = "alerts/ops";
            c.media_type = "application/json";
            c.value = std::make_shared<const std::string>(value);
            REQUIRE(kept.perform(c).is == registry::config_outcome::verdict::done);
        }
    }
    s.w.start("registry", "registry");
    const auto before = s.get("/alerts").body;
    const auto refused = s.w.http("POST", s.url() + "/config/alerts/ops?restore=1");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Contains("Nothing was stored. on: expected some of lost, back, missing, guard"));
    CHECK(s.w.http("POST", s.url() + "/config/alerts/ops?restore=2").status == 400);
    CHECK(s.w.http("POST", s.url() + "/config/alerts/ops?restore=9").status == 404);
    CHECK(s.get("/config/alerts/ops").header("X-Distd-Version") == "3");
    CHECK(s.get("/alerts").body == before);
}

TEST_CASE("an alert that was deleted is not restored where there are as many as there may be") {
    scene s;
    s.alert();
    REQUIRE(s.w.http("DELETE", s.url() + "/config/alerts/ops").status == 204);
    for (int i = 0; i < 32; ++i)
        REQUIRE(s.put("a" + std::to_string(i), R"({"url":"http://127.0.0.1:9/"})").status == 201);
    const auto refused = s.w.http("POST", s.url() + "/config/alerts/ops?restore=1");
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Contains("there are 32 alerts, as many as there may be"));
    CHECK(s.get("/config/alerts/ops").status == 404);
    REQUIRE(s.w.http("DELETE", s.url() + "/config/alerts/a0").status == 204);
    CHECK(s.w.http("POST", s.url() + "/config/alerts/ops?restore=1").status == 201);
}

TEST_CASE("an alert follows its configuration") {
    scene s;
    s.alert();
    CHECK_THAT(s.get("/alerts").body, Contains(R"("name":"ops")") && Contains(R"("after":"0s")"));
    CHECK(s.put("ops", R"({"url":")" + s.hook.url() + R"(","services":["other"],"after":"0s"})").status ==
          200);
    s.add_cart();
    s.health = "503";
    s.until_listed(R"("lost")");
    s.w.time.advance(seconds(5));
    CHECK(s.messages.empty());
    CHECK(s.w.http("DELETE", s.url() + "/config/alerts/ops").status == 204);
    CHECK(s.get("/alerts").body == "[]");
    CHECK(s.w.http("POST", s.url() + "/config/alerts/ops?restore=1").status == 201);
    s.until_sent("cart lost");
}

TEST_CASE("nothing secret of an alert is in the registry's log") {
    scene s;
    std::string logged;
    s.w.log("registry").tap("registry", [&](log_level, std::string_view record) { logged += record; });
    s.alert(R"(,"headers":{"X-Key":"k3y"})");
    s.hook_answer = "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n";
    s.add_cart();
    s.health = "503";
    s.w.until("it was tried", [&] { return s.count("cart lost") == 1; });
    s.until_alerts_say(R"("failed":)");
    CHECK_THAT(logged, Contains("alert_not_sent") && !Contains("t0ken") && !Contains("k3y"));
}
