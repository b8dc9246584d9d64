// Which forms carry the token of this site's pages.
#include "role/portal/csrf/csrf_token.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace distd::portal;

namespace {
const std::string token = "0123456789abcdef0123456789abcdef";
const std::string other = "ffffffffffffffffffffffffffffffff";
}  // namespace

TEST_CASE("the token is found among other cookies, if it has a valid form") {
    CHECK(token_of("distd_form=" + token) == token);
    CHECK(token_of("a=b; distd_form=" + token + "; c=d") == token);
    CHECK(token_of("distd_form=; distd_form=" + token) == token);
    for (const auto& header : {std::string(), std::string("distd_form"), "xdistd_form=" + token,
                               "distd_form=" + token + "0", std::string("distd_form=<script>")})
        CHECK_FALSE(token_of(header));
}

TEST_CASE("a form with the cookie's token is ok, with another a mismatch, without one none") {
    const auto cookie = "distd_form=" + token;
    CHECK(check_csrf(cookie, token) == csrf_check::ok);
    CHECK(check_csrf(cookie, other) == csrf_check::mismatch);
    CHECK(check_csrf(cookie, "") == csrf_check::mismatch);
    CHECK(check_csrf("", token) == csrf_check::mismatch);
    CHECK(check_csrf("", "") == csrf_check::mismatch);
    CHECK(check_csrf(cookie, std::nullopt) == csrf_check::none);
}
