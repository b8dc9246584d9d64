// Who may change a registration.
#include "role/registry/core/registrant.hpp"

#include <catch2/catch.hpp>

using namespace distd::registry;

namespace {

constexpr bool same_machine = true;
constexpr bool another_machine = false;

registrant owner_with_secret(bool is_proven) {
    registrant r{"10.0.0.1", "h1"};
    r.has_confirmed_owner = is_proven;
    return r;
}
claimant with_secret(const char* hash) { return {"10.0.0.2", hash}; }
claimant with_token() { return {"10.0.0.2", "", true}; }

}  // namespace

TEST_CASE("a registration without a secret is everybody's on the machine that it came from") {
    const registrant owner{"10.0.0.1"};
    CHECK(judge(owner, {"10.0.0.1"}, same_machine) == claim::granted);
    CHECK(judge(owner, {"10.0.0.2"}, another_machine) == claim::refused);
    CHECK(judge(owner, with_token(), another_machine) == claim::granted);
    CHECK(judge(owner, with_secret("h2"), another_machine) == claim::needs_proof);
    CHECK(judge(registrant{}, {"10.0.0.2"}, another_machine) == claim::granted);  // kept from before
}

TEST_CASE("once its instance has proven a secret, only who shows it may change a registration") {
    const auto owner = owner_with_secret(true);
    CHECK(judge(owner, with_secret("h1"), another_machine) == claim::granted);
    CHECK(judge(owner, {"10.0.0.1"}, same_machine) == claim::refused);
    CHECK(judge(owner, with_secret("h2"), same_machine) == claim::needs_proof);
}

TEST_CASE("who has the secret that an owner's key belongs to is that owner") {
    auto who = with_secret("hash of the secret");
    CHECK(judge(owner_with_secret(true), who, same_machine) == claim::needs_proof);
    who.key = "h1";
    CHECK(judge(owner_with_secret(true), who, another_machine) == claim::granted);
    CHECK_FALSE(claimant{"10.0.0.2"}.is(""));
}

TEST_CASE("an operator is who shows a token and no secret") {
    const auto owner = owner_with_secret(true);
    CHECK(judge(owner, with_token(), another_machine) == claim::granted);
    auto service = with_secret("h2");
    service.is_operator = true;
    CHECK(judge(owner, service, same_machine) == claim::needs_proof);
}

TEST_CASE("a secret that its instance has not proven keeps nobody out: it may be of who took the URL first") {
    const auto owner = owner_with_secret(false);
    CHECK(judge(owner, {"10.0.0.1"}, same_machine) == claim::granted);
    CHECK(judge(owner, {"10.0.0.2"}, another_machine) == claim::refused);
    CHECK(judge(owner, with_secret("h2"), same_machine) == claim::granted);
    CHECK(judge(owner, with_secret("h1"), another_machine) == claim::granted);
}
