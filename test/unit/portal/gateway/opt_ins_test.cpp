#include "role/portal/gateway/opt_ins.hpp"

#include <catch2/catch.hpp>

using namespace distd::portal;
using distd::wire::url_proof;
using state = opt_ins::state;

TEST_CASE("a place is open when all who are there opted in, and closed by one who did not") {
    opt_ins o;
    CHECK(o.at("a 80") == state::unknown);
    o.add("a 80", url_proof::vouched_for, true);
    CHECK(o.at("a 80") == state::open);
    CHECK(o.at("a 81") == state::unknown);
    o.add("a 80", url_proof::vouched_for, false);
    o.add("a 80", url_proof::vouched_for, true);
    CHECK(o.at("a 80") == state::closed);
    o.clear();
    CHECK(o.at("a 80") == state::unknown);
}

TEST_CASE("who has confirmed to listen at a place decides alone, in whatever order they come") {
    const bool has_opted_in = GENERATE(false, true);
    const bool is_first = GENERATE(false, true);
    opt_ins o;
    if (is_first) o.add("a 80", url_proof::confirmed, has_opted_in);
    o.add("a 80", url_proof::vouched_for, !has_opted_in);
    if (!is_first) o.add("a 80", url_proof::confirmed, has_opted_in);
    CHECK(o.at("a 80") == (has_opted_in ? state::open : state::closed));
}

TEST_CASE(
    "a process that registers several services decides for each, so one that opted in opens its place") {
    opt_ins o;
    o.add("a 80", url_proof::confirmed, false);
    o.add("a 80", url_proof::confirmed, true);
    CHECK(o.at("a 80") == state::open);
}

TEST_CASE("who registers the URL of somebody else neither opens nor closes it") {
    opt_ins o;
    o.add("a 80", url_proof::none, true);
    CHECK(o.at("a 80") == state::unknown);
    o.add("a 80", url_proof::vouched_for, true);
    o.add("a 80", url_proof::none, false);
    CHECK(o.at("a 80") == state::open);
}
