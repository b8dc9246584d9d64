// What a CA's errors mean: whether time helps, whether the order is lost, and what a person is told.
#include "acme/acme_answers.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::acme;
using Catch::Contains;
using std::chrono::hours;

namespace {

http::reply problem(int status, const std::string& name, const std::string& detail) {
    http::reply r;
    r.status = status;
    r.body = R"({"type":"urn:ietf:params:acme:error:)" + name + R"(","detail":")" + detail + "\"}";
    return r;
}

}  // namespace

TEST_CASE("what a CA refuses for good needs another configuration, everything else time") {
    using enum failure::remedy;
    for (const auto* name : {"rejectedIdentifier", "caa", "unauthorized", "externalAccountRequired"})
        CHECK(failure_of(problem(403, name, "no"), "ca").helped_by == configuration);
    // Terms that have changed are agreed to at the CA's own place: nothing here changes with it.
    for (const auto* name :
         {"rateLimited", "serverInternal", "malformed", "accountDoesNotExist", "dns", "userActionRequired"})
        CHECK(failure_of(problem(400, name, "no"), "ca").helped_by == time);
    CHECK(failure_of(problem(400, "accountDoesNotExist", "no"), "ca").account_is_lost);
}

TEST_CASE("an order that fails as a name could not be validated is placed again") {
    using enum failure::remedy;
    const auto remedy_of = [](const std::string& name) {
        const problem_answer why{"urn:ietf:params:acme:error:" + name, "no", {}};
        return failure_of_order({"invalid", {}, "", "", why}).helped_by;
    };
    for (const auto* name : {"unauthorized", "connection", "dns", "incorrectResponse"})
        CHECK(remedy_of(name) == time);
    for (const auto* name : {"caa", "rejectedIdentifier"}) CHECK(remedy_of(name) == configuration);
}

TEST_CASE("an order outlives a limit and a broken CA, and nothing else that it answers") {
    CHECK_FALSE(failure_of(problem(429, "rateLimited", "no"), "ca").order_is_lost);
    CHECK_FALSE(failure_of(problem(500, "serverInternal", "no"), "ca").order_is_lost);
    CHECK(failure_of(problem(404, "malformed", "no such order"), "ca").order_is_lost);
    http::reply gone;
    gone.status = 404;
    gone.body = "<html>";
    CHECK(failure_of(gone, "ca").order_is_lost);
    CHECK(failure_of(gone, "ca").sentence == "ca answered 404");
    gone.status = 502;
    CHECK_FALSE(failure_of(gone, "ca").order_is_lost);
}

TEST_CASE("the CA's words are shown on one line, in bounds, with the names they are about") {
    auto r = problem(400, "malformed", "two\\nlines");
    CHECK(failure_of(r, "ca.example").sentence == "ca.example refused: two lines");
    CHECK(failure_of(problem(400, "malformed", std::string(5000, 'x')), "ca").sentence.size() < 500);
    r.body = R"({"type":"urn:ietf:params:acme:error:compound","detail":"several","subproblems":[
        {"type":"x","detail":"not this","identifier":{"type":"dns","value":"b.example"}}]})";
    CHECK_THAT(failure_of(r, "ca").sentence, Contains("several; b.example: not this"));
}

TEST_CASE("what a CA may answer has bounds: places, tokens, nonces, lists, chains") {
    const std::string place = "https://ca.example/x";
    directory_answer d{place, place, place, ""};
    CHECK(flaw_of(d).empty());
    d.new_order = "http://ca.example/x";
    CHECK_FALSE(flaw_of(d).empty());
    d.new_order = place + std::string(3000, 'x');
    CHECK_FALSE(flaw_of(d).empty());
    d = {place, place, place, "ftp://ca.example"};
    CHECK_FALSE(flaw_of(d).empty());

    order_answer o{"pending", {place}, place, "", {}};
    CHECK(flaw_of(o).empty());
    o.status = "pending\nforever";
    CHECK(flaw_of(o) == "has an order in a state that ACME does not know: pending forever");
    o.status = "ready";
    o.finalize = "";
    CHECK_FALSE(flaw_of(o).empty());
    o = {"valid", {}, place, "", {}};
    CHECK_FALSE(flaw_of(o).empty());
    o = {"pending", std::vector<std::string>(101, place), place, "", {}};
    CHECK_FALSE(flaw_of(o).empty());
    o.authorizations = {"/relative"};
    CHECK_FALSE(flaw_of(o).empty());

    authorization_answer a{"pending", {"dns", "shop.example"}, {}};
    a.challenges.push_back({"http-01", place, "abc_-9", "pending", {}});
    a.challenges.push_back({"of-tomorrow-01", "", "", "", {}});
    CHECK(flaw_of(a).empty());
    for (const auto* token : {"", "../x", "a b", "<script>", "a=", "a.b"}) {
        a.challenges[0].token = token;
        CHECK_FALSE(flaw_of(a).empty());
    }
    a.challenges[0].token = std::string(257, 'a');
    CHECK_FALSE(flaw_of(a).empty());
    a.challenges.assign(21, {"of-tomorrow-01", "", "", "", {}});
    CHECK_FALSE(flaw_of(a).empty());

    CHECK(is_nonce("oFvnlFP1wIhRlYS2jTaXbA"));
    CHECK_FALSE(is_nonce(""));
    CHECK_FALSE(is_nonce("a\"b"));
    CHECK_FALSE(is_nonce(std::string(2000, 'a')));

    const std::string one = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    CHECK(is_chain(one + one));
    CHECK_FALSE(is_chain(""));
    CHECK_FALSE(is_chain("<html>"));
    CHECK_FALSE(is_chain(one + "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    CHECK_FALSE(is_chain(one + std::string(70'000, '\n')));
}

TEST_CASE("a problem with a thousand parts is a sentence of a few") {
    problem_answer p{"urn:ietf:params:acme:error:compound", "several", {}};
    p.subproblems.assign(1000, {"x", std::string(1000, 'y'), identifier{"dns", "b.example"}});
    order_answer o{"invalid", {}, "", "", p};
    const auto f = failure_of_order(o);
    CHECK(f.sentence.size() < 3000);
    CHECK_THAT(f.sentence, Contains("and 995 more"));
}

TEST_CASE("a name that was not proven is named, with the usual reasons") {
    authorization_answer a;
    a.status = "invalid";
    a.identifier = {"dns", "shop.example"};
    challenge_answer failed;
    failed.type = "http-01";
    failed.error = problem_answer{"urn:ietf:params:acme:error:connection", "refused", {}};
    a.challenges.push_back(failed);
    auto f = failure_of_authorization(a);
    CHECK(f.helped_by == failure::remedy::time);
    CHECK_THAT(f.sentence, Contains("shop.example") && Contains("refused") && Contains("port 80"));
    a.challenges[0].error->type = "urn:ietf:params:acme:error:caa";
    CHECK(failure_of_authorization(a).helped_by == failure::remedy::configuration);
    a.challenges.clear();
    CHECK_THAT(failure_of_authorization(a).sentence, Contains("does not say why"));
}

TEST_CASE("a CA says in seconds, or with a date, when to come again") {
    const wall_point now{seconds(1'800'000'000)};  // Fri, 15 Jan 2027 08:00:00 GMT
    const auto after = [&](const std::string& text) {
        http::reply r;
        if (!text.empty()) r.headers.add("Retry-After", text);
        return retry_after_of(r, now);
    };
    CHECK(after("120") == seconds(120));
    CHECK(after("-5") == seconds(0));
    CHECK(after("Fri, 15 Jan 2027 09:00:00 GMT") == seconds(hours(1)));
    CHECK(after("Fri, 15 Jan 2027 07:00:00 GMT") == seconds(0));
    CHECK(*after("Fri, 31 Dec 9999 23:59:59 GMT") > hours(24 * 365 * 100));  // later than a clock goes
    CHECK(after("Fri, 31 Dec 0001 23:59:59 GMT") == seconds(0));
    CHECK_FALSE(after("soon"));
    CHECK_FALSE(after(""));
}
