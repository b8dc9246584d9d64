// What a registration may say beyond the base protocol: every spelling, every limit, and how it is written.
#include "wire/registration_extras.hpp"

#include <catch2/catch.hpp>

#include "wire/registration.hpp"
#include "wire/rules.hpp"

using namespace distd;
using namespace std::chrono_literals;
using Catch::Contains;

namespace {

std::string with(const std::string& fields) {
    return R"({"ServiceName":"A","ServiceURL":"a:1",)" + fields + "}";
}

registration parsed(const std::string& fields) {
    json_error error;
    auto r = parse_registration(with(fields), error);
    INFO(error.text);
    REQUIRE(r);
    return *r;
}

std::string refusal(const std::string& fields) {
    json_error error;
    REQUIRE_FALSE(parse_registration(with(fields), error));
    return error.text;
}

std::string list_of(std::size_t count) {
    std::string out = "[";
    for (std::size_t i = 0; i < count; ++i) out += (i ? ",\"t" : "\"t") + std::to_string(i) + '"';
    return out + "]";
}

std::string pairs(std::size_t count) {
    std::string out = "{";
    for (std::size_t i = 0; i < count; ++i) out += (i ? ",\"k" : "\"k") + std::to_string(i) + R"(":"v")";
    return out + "}";
}

const char* const all_of_them =
    R"("Tags":["b","a"],"Meta":{"Rack":"7","rack":"8"},"Weight":0,"Zone":"eu","Version":"1.2",)"
    R"("HeartbeatInterval":"10s","HeartbeatTimeout":"500ms","FailuresBeforeLost":3,)"
    R"("SuccessesBeforeBack":2,"DeregisterAfter":"0s","TTL":"1m30s")";

}  // namespace

TEST_CASE("the added fields are read, and written behind those of the base protocol") {
    const auto r = parsed(all_of_them);
    const auto& e = r.more();
    CHECK(e.tags == std::vector<std::string>{"b", "a"});
    CHECK(e.meta == std::map<std::string, std::string>{{"Rack", "7"}, {"rack", "8"}});
    CHECK(e.weight == 0);
    CHECK(e.zone == "eu");
    CHECK(e.version == "1.2");
    CHECK(e.heartbeat_interval == 10s);
    CHECK(e.heartbeat_timeout == 500ms);
    CHECK(e.failures_before_lost == 3);
    CHECK(e.successes_before_back == 2);
    CHECK(e.deregister_after == 0ms);
    CHECK(e.ttl == 90s);
    CHECK(to_wire(r) == R"({"ServiceName":"A","ServiceURL":"a:1","RequiredServices":[],)"
                        R"("ServiceUpdateURL":"","HeartbeatURL":"",)" +
                            std::string(all_of_them) + "}");
}

TEST_CASE("the added fields are understood in every spelling") {
    const auto r = parsed(
        R"("tags":["a"],"META":{"k":"v"},"weight":7,"zone":"z","version":"v","heartbeat_interval":"1s",
           "heartbeatTimeout":"1s","failures_before_lost":2,"successesBeforeBack":2,
           "deregister_after":"2h","ttl":"5s")");
    CHECK(to_members(r.extras) ==
          R"("Tags":["a"],"Meta":{"k":"v"},"Weight":7,"Zone":"z","Version":"v","HeartbeatInterval":"1s",)"
          R"("HeartbeatTimeout":"1s","FailuresBeforeLost":2,"SuccessesBeforeBack":2,)"
          R"("DeregisterAfter":"2h","TTL":"5s")");
}

TEST_CASE("what is null, empty or missing was not sent") {
    CHECK_FALSE(parsed(R"("Tags":null,"Meta":{},"Weight":null,"Zone":"","TTL":null)").extras);
    CHECK_FALSE(parsed(R"("Tags":[],"Other":1)").extras);
    CHECK_FALSE(
        parsed(R"("Tags":"","Meta":[],"Weight":"","HeartbeatInterval":"","heartbeat_timeout":[])").extras);
    CHECK_FALSE(
        parsed(R"("FailuresBeforeLost":"","SuccessesBeforeBack":"","DeregisterAfter":"","TTL":"")").extras);
    CHECK(parsed(R"("TTL":"","Zone":"eu","Meta":[],"Weight":2)").extras->zone == "eu");
    CHECK(parsed(R"("Other":1)") == parsed(R"("Meta":null)"));
    CHECK(parsed(R"("Weight":1)").extras);
    CHECK_FALSE(parsed(R"("Weight":1)") == parsed(R"("Other":1)"));
}

TEST_CASE("a duration is text with units, or a number of seconds") {
    CHECK(parsed(R"("TTL":10)").more().ttl == 10s);
    CHECK(parsed(R"("TTL":2.5)").more().ttl == 2500ms);
    CHECK(parsed(R"("HeartbeatInterval":0.1)").more().heartbeat_interval == 100ms);
    CHECK(parsed(R"("DeregisterAfter":0)").more().deregister_after == 0ms);
    CHECK(parsed(R"("DeregisterAfter":"365d")").more().deregister_after == 365 * 24h);
    CHECK_THAT(refusal(R"("TTL":"10 apples")"),
               Contains(R"(TTL: found '10 apples'; a duration such as "250ms", "10s" or "1m30s")") &&
                   Contains("or a number of seconds, is right"));
    CHECK_THAT(refusal(R"("TTL":"10")"), Contains("found '10'"));
    CHECK_THAT(refusal(R"("TTL":["10s"])"), Contains("TTL: found an array"));
    CHECK_THAT(refusal(R"("TTL":true)"), Contains("TTL: found true;"));
    CHECK_THAT(refusal(R"("TTL":0e309)"), Contains("TTL: found a number out of range;"));
}

TEST_CASE("a time that is too short for a unit of ours is not taken for none") {
    CHECK_THAT(refusal(R"("DeregisterAfter":0.0001)"), Contains("from 1s to 365d, or 0 for never"));
    CHECK_THAT(refusal(R"("DeregisterAfter":-0.0001)"), Contains("from 1s to 365d, or 0 for never"));
    CHECK(parsed(R"("DeregisterAfter":-0.0)").more().deregister_after == 0ms);
}

TEST_CASE("a version may be a number") {
    CHECK(parsed(R"("Version":2,"Zone":1.5)").more().version == "2");
    CHECK(parsed(R"("Version":2,"Zone":1.5)").more().zone == "1.5");
    CHECK_THAT(refusal(R"("Version":[2])"), Contains("Version: expected a string, found an array"));
    CHECK_THAT(refusal(R"("Version":1e400)"), Contains("Version: the number is out of range"));
}

TEST_CASE("a certificate is named by its digest, in each form in which tools print it") {
    const std::string digest(64, 'a');
    std::string printed = "AA";
    for (int i = 1; i < 32; ++i) printed += ":AA";
    CHECK(parsed(R"("CertificateSha256":")" + digest + '"').more().certificate_sha256 == digest);
    CHECK(parsed(R"("certificate_sha256":")" + printed + '"').more().certificate_sha256 == digest);
    CHECK_FALSE(parsed(R"("CertificateSha256":"")").extras);
    CHECK(to_members(parsed(R"("CertificateSha256":")" + printed + '"').extras) ==
          R"("CertificateSha256":")" + digest + '"');
    for (const auto& wrong : {digest + "a", digest.substr(1), "g" + digest.substr(1)})
        CHECK_THAT(refusal(R"("CertificateSha256":")" + wrong + '"'),
                   Contains("CertificateSha256: found '") && Contains("64 hex digits"));
}

TEST_CASE("a tag that occurs twice counts once") {
    CHECK(parsed(R"("Tags":["b","a","b"])").more().tags == std::vector<std::string>{"b", "a"});
}

TEST_CASE("a number beyond its limits is refused with what was found and what would be right") {
    CHECK(refusal(R"("Weight":-1)") == "Weight: found -1; a whole number from 0 to 65535 is right");
    CHECK_THAT(refusal(R"("Weight":65536)"), Contains("65536"));
    CHECK_THAT(refusal(R"("Weight":"heavy")"), Contains("Weight: expected a whole number, found a string"));
    CHECK_THAT(refusal(R"("Weight":1.5)"), Contains("1.5"));
    CHECK_THAT(refusal(R"("FailuresBeforeLost":0)"), Contains("from 1 to 100"));
    CHECK_THAT(refusal(R"("SuccessesBeforeBack":101)"), Contains("from 1 to 100"));
    CHECK(refusal(R"("HeartbeatInterval":"99ms")") ==
          "HeartbeatInterval: found 99ms; from 100ms to 1d is right");
    CHECK_THAT(refusal(R"("HeartbeatInterval":"25h")"), Contains("1d1h"));
    CHECK_THAT(refusal(R"("HeartbeatTimeout":"9ms")"), Contains("from 10ms to 1m"));
    CHECK_THAT(refusal(R"("HeartbeatTimeout":61)"), Contains("1m1s"));
    CHECK_THAT(refusal(R"("DeregisterAfter":"999ms")"), Contains("from 1s to 365d, or 0 for never"));
    CHECK_THAT(refusal(R"("DeregisterAfter":-1)"), Contains("found -1000ms"));
    CHECK_THAT(refusal(R"("DeregisterAfter":1e300)"), Contains("DeregisterAfter"));
    CHECK_THAT(refusal(R"("TTL":0)"), Contains("from 1s to 1d"));
    CHECK(refusal(R"("Weight":1e400)") == "Weight: the number is out of range");
    CHECK_THAT(refusal(R"("TTL":"99999999999999999999d")"), Contains("TTL"));
}

TEST_CASE("the limits on tags, pairs and texts are real") {
    CHECK(parsed(R"("Tags":)" + list_of(wire::max_tags)).more().tags.size() == wire::max_tags);
    CHECK_THAT(refusal(R"("Tags":)" + list_of(wire::max_tags + 1)), Contains("found 65 of them"));
    CHECK_THAT(refusal(R"("Tags":["a",""])"), Contains("Tags[1]: it is empty"));
    CHECK_THAT(refusal(R"("Tags":["a\n"])"), Contains("Tags[0]") && Contains("control byte"));
    CHECK_THAT(refusal(R"("Tags":["a",7])"), Contains("Tags[1]: expected a string, found a number"));
    CHECK_THAT(refusal(R"("Tags":[")" + std::string(257, 'x') + "\"]"), Contains("at most 256"));
    CHECK(parsed(R"("Meta":)" + pairs(wire::max_meta)).more().meta.size() == wire::max_meta);
    CHECK_THAT(refusal(R"("Meta":)" + pairs(wire::max_meta + 1)), Contains("found 65 pairs"));
    CHECK_THAT(refusal(R"("Meta":{"":"v"})"), Contains("a key is empty"));
    CHECK_THAT(refusal(R"("Meta":{")" + std::string(129, 'k') + R"(":"v"})"), Contains("at most 128"));
    CHECK_THAT(refusal(R"("Meta":{"k":")" + std::string(1025, 'v') + "\"}"), Contains("at most 1024"));
    CHECK_THAT(refusal(R"("Meta":{"k":1})"), Contains("Meta.k: expected a string, found a number"));
    CHECK_THAT(refusal(R"("Zone":")" + std::string(257, 'z') + '"'), Contains("Zone"));
    CHECK_THAT(refusal(R"("Version":"\u0001")"), Contains("Version") && Contains("control byte"));
}
