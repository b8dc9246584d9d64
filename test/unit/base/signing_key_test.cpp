#include "base/signing_key.hpp"

#include <catch2/catch.hpp>
#include <chrono>

using namespace distd;

TEST_CASE("a key signs as RFC 8032 says, and the same seed is the same key") {
    digest seed{};
    REQUIRE(from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed));
    const signing_key key(seed);
    CHECK(to_hex(key.verifier()) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    CHECK(to_hex(key.sign("")) ==
          "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd2"
          "5bf5f059"
          "5bbe24655141438e7a100b");
    CHECK(signing_key(seed).verifier() == key.verifier());
}

TEST_CASE("a signature is good for its text and its key alone") {
    const signing_key key(sha256("one"));
    const signing_key other(sha256("two"));
    auto s = key.sign("text");
    CHECK(is_signed_by(key.verifier(), "text", s));
    CHECK_FALSE(is_signed_by(key.verifier(), "texts", s));
    CHECK_FALSE(is_signed_by(other.verifier(), "text", s));
    s[0] ^= 1;
    CHECK_FALSE(is_signed_by(key.verifier(), "text", s));
}

// Prints what a registration with an owner costs: unit_tests "[.]what a signature costs".
TEST_CASE("what a signature costs", "[.]") {
    const signing_key key(sha256("one"));
    const std::string text(400, 'x');
    const auto took = [](auto&& work) {
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < 2000; ++i) work();
        return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count() /
               2000;
    };
    const auto s = key.sign(text);
    WARN("sign " << took([&] { static_cast<void>(key.sign(text)); }) << " µs, verify "
                 << took([&] { static_cast<void>(is_signed_by(key.verifier(), text, s)); }) << " µs");
}
