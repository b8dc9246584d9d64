// What an operator changes from the console, and who else cannot.
#include <catch2/catch.hpp>

#include "role/console_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

constexpr auto place = "http://127.0.0.6:8100";
constexpr auto url_field = "url=http%3A%2F%2F127.0.0.6%3A8100";

struct with_cart : console_fixture {
    with_cart() { add_instance("cart", place); }
    [[nodiscard]] bool is_drained() {
        return w.http("GET", registry() + "/services/cart").body.find("\"Drained\":true") !=
               std::string::npos;
    }
    // The word by which a page offers to undo, and the same as a form sends it.
    std::string undo_field(const std::string& path) {
        const auto page = get(path).body;
        const std::string before = "name=\"undo\" value=\"";
        const auto at = page.find(before);
        return at == page.npos ? std::string() : "undo=" + page.substr(at + before.size(), 32);
    }
};

}  // namespace

TEST_CASE_METHOD(with_cart, "a drain with a reason is done, shown with who, and can be undone") {
    const auto done = post("/services/cart/drain", std::string(url_field) + "&reason=disk+swap&who=ana");
    REQUIRE(done.status == 303);
    CHECK(is_drained());
    CHECK_THAT(done.header("Set-Cookie"),
               Contains("distd_console_name=ana") && Contains("HttpOnly") && Contains("SameSite=Strict"));
    CHECK_THAT(w.http("GET", registry() + "/events").body, Contains("disk swap"));
    const auto back = undo_field(done.header("Location"));
    REQUIRE_FALSE(back.empty());
    CHECK_THAT(get(done.header("Location")).body, Contains("http://127.0.0.6:8100 is drained."));
    CHECK(post("/undo", back).status == 303);
    CHECK_FALSE(is_drained());
    CHECK(post("/undo", back).status == 409);  // once
}

TEST_CASE_METHOD(with_cart, "a drain is ended, and undone with its reason") {
    REQUIRE(post("/services/cart/drain", std::string(url_field) + "&reason=disk+swap").status == 303);
    const auto done = post("/services/cart/end-drain", std::string(url_field) + "&reason=new+disk");
    REQUIRE(done.status == 303);
    CHECK_FALSE(is_drained());
    CHECK_THAT(w.http("GET", registry() + "/events").body, Contains("new disk"));
    CHECK(post("/undo", undo_field(done.header("Location"))).status == 303);
    CHECK(is_drained());
    CHECK_THAT(w.http("GET", registry() + "/services/cart").body, Contains(R"("DrainReason":"disk swap")"));
}

TEST_CASE_METHOD(with_cart, "what was drained and is forgotten comes back drained, for the same reason") {
    REQUIRE(post("/services/cart/drain", std::string(url_field) + "&reason=disk+swap").status == 303);
    const auto token = "form=" + form_token();
    const auto done = post("/services/cart/forget", std::string(url_field) + "&reason=by+mistake");
    REQUIRE(done.status == 303);
    CHECK(w.http("GET", registry() + "/services/cart").status == 404);
    const auto fields = token + "&" + undo_field(done.header("Location"));
    CHECK(send("POST", "/undo", fields, "Sec-Fetch-Site: same-origin\r\n").status == 303);
    CHECK(is_drained());
    CHECK_THAT(w.http("GET", registry() + "/services/cart").body, Contains(R"("DrainReason":"disk swap")"));
}

TEST_CASE_METHOD(with_cart, "what the registry refuses is a page with its words") {
    const auto answer = post("/services/cart/drain", "url=http%3A%2F%2Fnobody%3A1");
    CHECK(answer.status == 409);
    CHECK_THAT(answer.body, Contains("The registry did not do this"));
}

TEST_CASE_METHOD(with_cart, "no other origin changes anything, nor does a form without our token") {
    const auto token = form_token();
    const auto fields = std::string(url_field) + "&form=" + token;
    for (const auto& headers :
         {std::string("Sec-Fetch-Site: cross-site\r\nOrigin: http://evil.example\r\n"),
          std::string("Sec-Fetch-Site: same-site\r\nOrigin: http://127.0.0.1:5005\r\n"),
          std::string("Sec-Fetch-Site: none\r\n"), std::string("Origin: http://127.0.0.1:5005\r\n"),
          std::string("Origin: null\r\n"), std::string()}) {
        INFO(headers);
        CHECK(send("POST", "/services/cart/drain", fields, headers).status == 403);
    }
    for (const auto& field :
         {std::string(), std::string("&form="), std::string("&form=") + std::string(32, '0')})
        CHECK(send("POST", "/services/cart/drain", url_field + field, "Sec-Fetch-Site: same-origin\r\n")
                  .status == 403);
    CHECK_FALSE(is_drained());
    CHECK(send("POST", "/services/cart/drain", fields, "Origin: http://" + host() + "\r\n").status == 303);
    CHECK(is_drained());
}

TEST_CASE_METHOD(with_cart, "no answer lets another origin read it, and no other origin follows a page") {
    CHECK(get("/").header("Access-Control-Allow-Origin").empty());
    CHECK(get("/").header("Cross-Origin-Resource-Policy") == "same-origin");
    CHECK(get("/live?page=now", "Sec-Fetch-Site: same-site\r\n").status == 403);
    CHECK(get("/live?page=nowhere").status == 404);
}

namespace {

// A registry with a service of ours, which has an owner, and a console that is started with these flags.
struct with_owned_log {
    explicit with_owned_log(const std::string& data_dir_of_console = "console") {
        w.start("registry", "registry");
        w.start("log", "log", {"--registry=" + registry()});
        w.until("the log service is registered",
                [&] { return w.http("GET", registry() + "/services/LogService").body != "[]"; });
        w.start("console", "console",
                {"--registry=" + registry(), "--data-dir=" + w.data_dir(data_dir_of_console)});
    }
    [[nodiscard]] std::string registry() const { return w.address("registry", "registry"); }
    http_answer change(const std::string& what, const std::string& headers = {}) {
        const auto page = ask("GET", "/services/LogService", {}, {}).body;
        const std::string before = "name=\"form\" value=\"";
        const auto token = page.substr(page.find(before) + before.size(), 32);
        return ask("POST", "/services/LogService/" + what,
                   "form=" + token + "&url=" + http::percent_encode(w.address("log", "log")),
                   "Sec-Fetch-Site: same-origin\r\n" + headers);
    }
    http_answer ask(const std::string& method, const std::string& path, const std::string& body,
                    const std::string& headers) {
        return exchange(
            method, w.address("console", "console") + path, body, "application/x-www-form-urlencoded",
            [this] { w.pump(); }, headers);
    }
    [[nodiscard]] bool is_drained() {
        return w.http("GET", registry() + "/services/LogService").body.find("\"Drained\":true") !=
               std::string::npos;
    }

    in_process_world w;
};

}  // namespace

TEST_CASE("a console on the registry's data folder drains what has an owner") {
    with_owned_log s("registry");
    REQUIRE(s.change("drain").status == 303);
    CHECK(s.is_drained());
    CHECK(s.change("end-drain").status == 303);
    CHECK_FALSE(s.is_drained());
}

TEST_CASE("a console that cannot show that it is the operator's says what to set") {
    with_owned_log s;
    const auto refused = s.change("drain");
    CHECK(refused.status == 409);
    CHECK_THAT(refused.body, Contains("has an owner") && Contains("operator.secret") &&
                                 Contains("--data-dir") && Contains("--console-operator-secret") &&
                                 Contains("--access-token-file"));
    CHECK_FALSE(s.is_drained());
}

TEST_CASE("without tokens nothing is changed through a gateway") {
    with_owned_log s("registry");
    CHECK(s.change("drain", "Via: 1.1 distd\r\n").status == 403);
    CHECK_FALSE(s.is_drained());
}
