#include "base/digest.hpp"

#include <catch2/catch.hpp>

using namespace distd;

// The first vectors of FIPS 180-2 and RFC 4231.
TEST_CASE("digests and signatures are those of the standards") {
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    CHECK(to_hex(sha256("abc")) == abc);
    running_sha256 pieces;
    for (const auto* piece : {"a", "", "bc"}) pieces.add(piece);
    CHECK(to_hex(pieces.finish()) == abc);
    const hmac_key jefe("Jefe");
    for (int again = 0; again < 2; ++again)
        CHECK(to_hex(jefe.sign("what do ya want for nothing?")) ==
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(to_hex(hmac_key(std::string(20, '\x0b')).sign("Hi There")) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

TEST_CASE("a digest is read back from its hex digits, and from nothing else") {
    const auto d = sha256("abc");
    digest again{};
    REQUIRE(from_hex(to_hex(d), again));
    CHECK(is_same(d, again));
    again[31] ^= 1;
    CHECK_FALSE(is_same(d, again));
    CHECK_FALSE(from_hex("", again));
    CHECK_FALSE(from_hex(to_hex(d) + "0", again));
    CHECK_FALSE(from_hex(std::string(64, 'A'), again));
    CHECK_FALSE(from_hex(std::string(64, 'g'), again));
}
