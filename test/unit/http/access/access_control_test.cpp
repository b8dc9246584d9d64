// Who may call, and that a proof is good for one call, at one place, once.
#include "http/access/access_control.hpp"

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "http/message/base64.hpp"
#include "support/fake_time.hpp"

using namespace distd;
using namespace distd::http;
using Catch::Contains;

namespace {

const std::string first = "first-token-of-the-operator";
const std::string second = "second-token-of-somebody";

struct scene {
    scene() {
        ours.use_tokens({first, second});
        theirs.use_tokens({second, first});
    }
    std::string prove(access_control& a, proven_call c, std::optional<std::string_view> body = "") {
        return a.prove(c, body);
    }
    access_control::verdict judge(const std::string& field, const proven_call& c) {
        return ours.judge(field, c, own, {boost::asio::ip::address_v4::loopback(), 3000}, "127.0.0.1");
    }
    std::string why(const std::string& field, const proven_call& c) {
        const auto v = judge(field, c);
        CHECK_FALSE(v.is_granted);
        return v.reason ? v.reason : "";
    }

    boost::asio::io_context loop;
    test::fake_time time{loop};
    access_control ours{time};
    access_control theirs{time};
    own_names own;
    const proven_call call{"GET", "/services?x=1", "127.0.0.1:3000"};
};

}  // namespace

TEST_CASE_METHOD(scene, "any of the tokens lets in, as a bearer or a password, and nothing else") {
    for (const auto& token : {first, second}) {
        CHECK(judge("Bearer " + token, call).is_granted);
        CHECK(judge("bearer " + token, call).is_granted);
        CHECK(judge("Basic " + base64_encode("anybody:" + token), call).is_granted);
    }
    for (const auto& wrong :
         {std::string("Bearer "), std::string("Bearer x"), "Bearer " + first + "x", std::string("Bearer"),
          first, "Basic " + first, "Basic " + base64_encode(first)})
        CHECK_THAT(why(wrong, call), Contains("none of the access tokens"));
    CHECK_THAT(why("", call), Contains("needs an access token"));
}

TEST_CASE_METHOD(scene, "a proof lets in without showing the token") {
    for (auto* sender : {&ours, &theirs}) {
        const auto proof = prove(*sender, call);
        CHECK_THAT(proof, !Contains(first) && !Contains(second));
        const auto v = judge(proof, call);
        CHECK(v.is_granted);
        REQUIRE(v.body);
        CHECK(is_same(*v.body, sha256("")));
    }
    CHECK_FALSE(judge(prove(theirs, call, std::nullopt), call).body);  // a body that is still to come
}

TEST_CASE_METHOD(scene, "a proof is used once") {
    const auto proof = prove(theirs, call);
    const auto later = prove(theirs, call);
    CHECK(judge(later, call).is_granted);
    CHECK(judge(proof, call).is_granted);
    CHECK_THAT(why(proof, call), Contains("already used"));
    CHECK_THAT(why(later, call), Contains("already used"));
}

TEST_CASE_METHOD(scene, "a proof is good for the call that it was made for only") {
    const auto proof = prove(theirs, call);
    CHECK_THAT(why(proof, {"DELETE", call.target, call.authority}), Contains("does not match this request"));
    CHECK_THAT(why(proof, {call.method, "/services?x=2", call.authority}),
               Contains("does not match this request"));
    CHECK_THAT(why(proof, {call.method, call.target, "localhost:3000"}),
               Contains("does not match this request"));
    CHECK(judge(proof, call).is_granted);  // what was refused has not used it up
}

TEST_CASE_METHOD(scene, "a proof that was made for another place is none here") {
    const proven_call elsewhere{"GET", "/services?x=1", "127.0.0.1:3001"};
    const auto proof = prove(theirs, elsewhere);
    CHECK_THAT(why(proof, elsewhere), Contains("another address"));
    CHECK_THAT(why(proof, call), Contains("does not match this request"));
}

TEST_CASE_METHOD(scene, "a proof is good for a minute") {
    const auto proof = prove(theirs, call);
    time.advance(access_control::max_clock_difference);
    CHECK(judge(proof, call).is_granted);
    const auto another = prove(theirs, call);
    time.advance(access_control::max_clock_difference + milliseconds(1));
    CHECK_THAT(why(another, call), Contains("compare the clocks"));
}

TEST_CASE_METHOD(scene, "no part of a proof can be changed") {
    const auto proof = prove(theirs, call, "body");
    for (const std::string part : {"key=", "time=", "nonce=", "-", "body=", "mac="}) {
        auto changed = proof;
        auto& digit = changed[changed.find(part, changed.find("key=")) + part.size()];
        digit = digit == '1' ? '2' : '1';
        CAPTURE(part, changed);
        CHECK_FALSE(judge(changed, call).is_granted);
    }
    auto uncovered = proof;
    const auto at = uncovered.find("body=") + 5;
    uncovered.replace(at, 64, "-");
    CHECK_FALSE(judge(uncovered, call).is_granted);
    for (const std::string broken : {"Distd-Proof", "Distd-Proof ", "Distd-Proof key=1", "Distd-Proof x"})
        CHECK_FALSE(judge(broken, call).is_granted);
    CHECK_FALSE(judge(proof + ", more=1", call).is_granted);
    CHECK(judge(proof, call).is_granted);
}

TEST_CASE_METHOD(scene, "a token that was taken away lets nobody in, and a new one does at once") {
    const auto old = prove(theirs, call);
    ours.use_tokens({"a-wholly-new-token"});
    CHECK_THAT(why(old, call), Contains("does not know"));
    CHECK_THAT(why("Bearer " + first, call), Contains("none of the access tokens"));
    theirs.use_tokens({"a-wholly-new-token"});
    CHECK(judge(prove(theirs, call), call).is_granted);
}

TEST_CASE_METHOD(scene, "without tokens nothing is asked for, and nothing is shown") {
    ours.use_tokens({});
    CHECK_FALSE(ours.is_required());
    CHECK(prove(ours, call).empty());
}

TEST_CASE_METHOD(scene, "a proof that a process of ours may have taken before it was restarted is refused") {
    const auto taken = prove(theirs, call);
    time.advance(seconds(1));
    access_control restarted(time);
    restarted.use_tokens({first, second});
    const auto judge_it = [&](const std::string& field) {
        return restarted.judge(field, call, own, {boost::asio::ip::address_v4::loopback(), 3000},
                               "127.0.0.1");
    };
    CHECK_THAT(judge_it(taken).reason, Contains("before this process started"));
    time.advance(seconds(59));
    CHECK_THAT(judge_it(taken).reason, Contains("before this process started"));
    CHECK(judge_it(prove(theirs, call)).is_granted);
    // By then it is too old for everybody; whose clock is behind is refused no longer.
    time.advance(seconds(2));
    CHECK_THAT(judge_it(taken).reason, Contains("compare the clocks"));
    const auto slow = prove(theirs, call);
    time.advance(seconds(50));
    CHECK(judge_it(slow).is_granted);
}

TEST_CASE_METHOD(scene, "a sender whose clock is a little behind is not refused by who just started") {
    const auto proof = prove(theirs, call);
    time.advance(milliseconds(400));
    access_control restarted(time);
    restarted.use_tokens({first, second});
    CHECK(restarted.judge(proof, call, own, {boost::asio::ip::address_v4::loopback(), 3000}, "127.0.0.1")
              .is_granted);
}
