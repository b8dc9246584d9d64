// Which forms carry the token of this site's pages.
#include "role/portal/csrf/form_seal.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace distd::portal;

namespace {
const std::string token = "0123456789abcdef0123456789abcdef";
const std::string other = "ffffffffffffffffffffffffffffffff";
}  // namespace

TEST_CASE("the token is found among other cookies, and only one that we could have made") {
    CHECK(token_of("distd_form=" + token) == token);
    CHECK(token_of("a=b; distd_form=" + token + "; c=d") == token);
    CHECK(token_of("distd_form=; distd_form=" + token) == token);
    for (const auto& header : {std::string(), std::string("distd_form"), "xdistd_form=" + token,
                               "distd_form=" + token + "0", std::string("distd_form=<script>")})
        CHECK_FALSE(token_of(header));
}

TEST_CASE("a form is whole with the cookie's token, broken with any other, and none without one") {
    const auto cookie = "distd_form=" + token;
    CHECK(judge_seal(cookie, token) == seal_state::whole);
    CHECK(judge_seal(cookie, other) == seal_state::broken);
    CHECK(judge_seal(cookie, "") == seal_state::broken);
    CHECK(judge_seal("", token) == seal_state::broken);
    CHECK(judge_seal("", "") == seal_state::broken);
    CHECK(judge_seal(cookie, std::nullopt) == seal_state::none);
}
