#include "http/server/ending.hpp"

#include <catch2/catch.hpp>

using distd::http::ending;

TEST_CASE("a connection on which nothing went wrong ends in order, also when its client leaves") {
    ending e;
    CHECK(e.may_send());
    CHECK(e.is_orderly());
    CHECK_FALSE(e.is_cancelled());
    e.lose_client();
    CHECK_FALSE(e.may_send());
    CHECK(e.is_orderly());
    CHECK_FALSE(e.is_cancelled());
}

TEST_CASE("after an answer that was cut off the rest is sent, but the end is not an orderly one") {
    ending e;
    e.cut_off_answer();
    CHECK(e.may_send());
    CHECK_FALSE(e.is_orderly());
    CHECK_FALSE(e.is_cancelled());
}

TEST_CASE("what was cancelled may still be answered, until its client is gone") {
    ending e;
    e.cancel();
    CHECK(e.may_send());
    CHECK(e.is_cancelled());
    CHECK_FALSE(e.is_orderly());
    e.cut_off_answer();
    CHECK(e.is_cancelled());
    e.lose_client();
    CHECK_FALSE(e.may_send());
    CHECK(e.is_cancelled());
}

TEST_CASE("a client that was lost stays lost, whatever comes after it") {
    ending cancelled;
    cancelled.lose_client();
    cancelled.cancel();
    CHECK_FALSE(cancelled.may_send());
    CHECK(cancelled.is_cancelled());
    ending cut_off;
    cut_off.lose_client();
    cut_off.cut_off_answer();
    cut_off.lose_client();
    CHECK_FALSE(cut_off.may_send());
    CHECK_FALSE(cut_off.is_orderly());
}
