// Who may see the console where access tokens are configured.
#include <catch2/catch.hpp>
#include <distd/json.hpp>
#include <filesystem>
#include <fstream>

#include "role/console_fixture.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

constexpr auto token = "a-token-of-enough-characters";

// A file with that token, for its owner only.
struct token_file {
    token_file() {
        std::ofstream(path) << token << "\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_read);
    }
    temp_dir dir;
    std::string path = dir.path() + "/tokens";
};

struct guarded_console : token_file, console_fixture {
    guarded_console() : console_fixture({"--access-token-file=" + path}) {}
    http_answer sign_in(const std::string& fields) {
        return send("POST", "/sign-in", fields, "Sec-Fetch-Site: same-origin\r\n");
    }
};

std::string cookie_of(const http_answer& a) {
    const auto set = a.header("Set-Cookie");
    return "Cookie: " + set.substr(0, set.find(';')) + "\r\n";
}

}  // namespace

TEST_CASE_METHOD(guarded_console,
                 "a browser signs in once with a token, and its cookie is the console's own") {
    CHECK(get("/").header("Location") == "/sign-in?to=%2F");
    CHECK(get("/live?page=now").status == 401);
    CHECK(send("POST", "/services/cart/drain", "url=x", "Sec-Fetch-Site: same-origin\r\n").status == 401);
    CHECK_THAT(get("/sign-in").body, Contains("Access token") && !Contains("name=\"form\""));
    CHECK(sign_in("token=wrong-token-of-enough-characters").status == 403);
    CHECK(send("POST", "/sign-in", std::string("token=") + token, "Sec-Fetch-Site: cross-site\r\n").status ==
          403);

    const auto in = sign_in(std::string("to=%2Fevents&who=ana&token=") + token);
    REQUIRE(in.status == 303);
    CHECK(in.header("Location") == "/events");
    CHECK_THAT(in.header("Set-Cookie"), Contains("distd_console=") && Contains("HttpOnly") &&
                                            Contains("SameSite=Strict") && !Contains(token));
    CHECK(get("/", cookie_of(in)).status == 200);
    CHECK(get("/", "Cookie: distd_console=" + std::string(64, '0') + "\r\n").status == 303);
    CHECK_THAT(get("/", cookie_of(in)).body, Contains("services"));  // its own calls carry proofs
}

TEST_CASE_METHOD(guarded_console, "after the sign-in a link leads to this site only") {
    for (const auto* to : {"http%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "evil"})
        CHECK(sign_in(std::string("to=") + to + "&token=" + token).header("Location") == "/");
}

TEST_CASE_METHOD(guarded_console,
                 "whoever shows a token is given a link that signs in once, for two minutes") {
    const auto bearer = std::string("Authorization: Bearer ") + token + "\r\n";
    const auto ask = [&] {
        return send("POST", "/sign-in/link", {}, bearer + "X-Distd-Actor: ann@desk\r\n");
    };
    const auto path_in = [](const http_answer& a) {
        REQUIRE(a.status == 201);
        json_error error;
        return std::string(parse_json(a.body, error).value().at("Path").as_string());
    };
    const auto answer = ask();
    CHECK(answer.header("Cache-Control") == "no-store");
    const auto link = path_in(answer);
    const auto in = get(link + "&to=%2Fservices%2Fcart");
    CHECK(in.status == 303);
    CHECK(in.header("Location") == "/services/cart");
    const auto put = exchange(
        "PUT", registry() + "/config/motd", "hello", "text/plain", [this] { w.pump(); }, bearer);
    CHECK(put.status == 201);
    CHECK_THAT(get("/config/motd", cookie_of(in)).body, Contains("value=\"ann@desk\""));
    CHECK(get(link).header("Set-Cookie").empty());  // used

    const auto elsewhere = get(path_in(ask()) + "&to=%2F%2Fevil.example");
    CHECK(elsewhere.header("Location") == "/");
    const auto in_time = path_in(ask());
    const auto late = path_in(ask());
    w.time.advance(seconds(119));
    CHECK_FALSE(get(in_time).header("Set-Cookie").empty());
    w.time.advance(seconds(2));
    CHECK(get(late).header("Set-Cookie").empty());
}

TEST_CASE_METHOD(guarded_console, "no link is given without a token, to pages, and through a gateway") {
    CHECK(send("POST", "/sign-in/link").status == 401);
    const auto bearer = std::string("Authorization: Bearer ") + token + "\r\n";
    for (const auto* field :
         {"Sec-Fetch-Site: same-origin", "Origin: http://evil.example", "Via: 1.1 distd"}) {
        CAPTURE(field);
        CHECK(send("POST", "/sign-in/link", {}, bearer + field + "\r\n").status == 403);
    }
}

TEST_CASE_METHOD(guarded_console, "a program shows its token with each request") {
    CHECK(get("/", std::string("Authorization: Bearer ") + token + "\r\n").status == 200);
    CHECK(get("/", "Authorization: Bearer wrong\r\n").status == 303);
    CHECK(get("/?t=" + std::string(64, '0')).header("Set-Cookie").empty());
}
