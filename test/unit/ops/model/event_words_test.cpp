// What happened, in words.
#include "ops/model/event_words.hpp"

#include <catch2/catch.hpp>

#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;

namespace {

const std::string at = "http://10.0.0.7:8100";
const std::vector<event> history{
    {1, noon, "registered", "mailer", at, {}, "10.0.0.9", {}, {}, {}},
    {2, noon + seconds(10), "lost", "mailer", at, "answered 503", {}, {}, {}, {}},
    {3, noon + seconds(68), "back", "mailer", at, {}, {}, {}, {}, {}},
    {4, noon + seconds(70), "drained", "mailer", at, "disk swap", "ana", {}, {}, {}},
    {5, noon + seconds(80), "config_put", {}, {}, {}, "ana", "cart/limits", 8, 7},
    {6, noon + seconds(90), "lost", "mailer", at, "no answer", {}, {}, {}, {}},
    {7, noon + seconds(95), "undrained", "mailer", at, "disk is new", "ana", {}, {}, {}},
};

std::string said(std::size_t i) {
    const auto w = describe(history[i], history);
    return std::string(w.glyph) + "|" + w.subject + w.key + w.text;
}

}  // namespace

TEST_CASE("an event is a sentence with who and why") {
    CHECK(said(0) == "well|mailer 10.0.0.7:8100 registered");
    CHECK(said(1) == "sick|mailer 10.0.0.7:8100 lost: answered 503");
    CHECK(said(2) == "well|mailer 10.0.0.7:8100 back after 58\u00a0s");
    CHECK(said(3) == "drained|mailer 10.0.0.7:8100 drained by ana: disk swap");
    CHECK(said(4) == "dot|cart/limits v7 → v8 by ana");
    CHECK(said(6) == "well|mailer 10.0.0.7:8100 back in rotation by ana: disk is new");
}

TEST_CASE("an outage lasts from the loss to the return, or still") {
    const auto all = outages_of("mailer", history);
    REQUIRE(all.size() == 2);
    CHECK_FALSE(all[0].to);
    CHECK(all[0].reason == "no answer");
    CHECK(all[1].from == noon + seconds(10));
    CHECK(all[1].to == noon + seconds(68));
    CHECK(outages_of("other", history).empty());
}
