// Who may see the console where access tokens are configured.
#include <catch2/catch.hpp>
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

TEST_CASE_METHOD(guarded_console, "a program shows its token with each request") {
    CHECK(get("/", std::string("Authorization: Bearer ") + token + "\r\n").status == 200);
    CHECK(get("/", "Authorization: Bearer wrong\r\n").status == 303);
    CHECK(get("/?t=" + std::string(64, '0')).header("Set-Cookie").empty());
}
