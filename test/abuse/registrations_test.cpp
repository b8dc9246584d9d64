// A neighbour on the same machine that wants somebody else's registration, and one that wants all room for
// registrations.
#include <catch2/catch.hpp>
#include <chrono>

#include "abuse/abuse.hpp"
#include "http/message/call_proof.hpp"
#include "http/message/url.hpp"
#include "wire/owner_secret.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

// Another address of the victims' own machine.
constexpr const char* neighbour = "127.0.0.7";

int status_of(const std::string& answer) { return answer.size() > 12 ? std::atoi(answer.c_str() + 9) : 0; }

// Sends requests over one connection, one after the other.
class attacker {
public:
    attacker(std::uint16_t port, const std::string& source)
        : authority_("127.0.0.1:" + std::to_string(port)), peer_(port, {}, source) {}

    std::string send(const std::string& method, const std::string& target, const std::string& body,
                     const std::string& fields) {
        peer_.send(method + " " + target + " HTTP/1.1\r\nHost: " + authority_ +
                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body);
        return peer_.read_answer();
    }
    // A proof in order, made with the attacker's own key: the registry has to verify it before it refuses.
    std::string proof(const std::string& method, const std::string& target, const std::string& body) {
        http::call_proof p;
        p.key = wire::owner_id_of(key_);
        p.time_ms =
            std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        p.number = ++calls_;
        p.body = sha256(body);
        p.mac = to_hex(key_.sign(p.signed_text({method, target, authority_})));
        return "X-Owner-Proof: " + p.text() + "\r\n";
    }

private:
    std::string authority_;
    raw_peer peer_;
    signing_key key_ = wire::owner_key_of("the attacker's own secret");
    std::uint64_t calls_ = 0;
};

}  // namespace

// Withdraws, drains, replaces and reports for the registration of another service on its machine.
TEST_CASE("a neighbour changes nothing of a service's registration, and another client is served") {
    victim v("registry,log");
    const auto list = v.url("registry") + "/services/LogService";
    wait_until("it is registered",
               [&] { return exchange("GET", list).body.find(R"("Proven":true)") != std::string::npos; });
    const auto url = v.url("log");
    const auto port = std::to_string(v.port("log"));
    const auto id = "/services/" + http::percent_encode(url);
    const auto replacement = R"({"ServiceName":"LogService","ServiceURL":")" + url + R"(","Weight":9})";
    const auto alias =
        R"({"ServiceName":"Mine","ServiceURL":"http://localhost:)" + port + R"(/","Tags":["gateway"]})";
    struct attempt {
        const char* method;
        std::string target;
        std::string body;
    };
    const attempt attempts[] = {{"DELETE", "/services", url},       {"PUT", id + "/drain", ""},
                                {"DELETE", id + "/drain", ""},      {"PUT", id + "/heartbeat", ""},
                                {"POST", "/services", replacement}, {"POST", "/services", alias}};
    attacker a(v.port("registry"), neighbour);
    other_client other(v.url("registry") + "/services");
    std::size_t refused = 0;
    std::size_t sent = 0;
    for (std::size_t round = 0; round < scaled(100); ++round)
        for (const auto& [method, target, body] : attempts) {
            const std::string secret =
                "X-Owner-Secret: one of many guesses, number " + std::to_string(round) + "\r\n";
            for (const auto& shown : {std::string(), secret, a.proof(method, target, body)}) {
                ++sent;
                if (status_of(a.send(method, target, body, shown)) == 403) ++refused;
            }
        }
    CHECK(refused == sent);
    check_served("foreign registrations", other.stop());
    const auto left = exchange("GET", v.url("registry") + "/services").body;
    CHECK_THAT(left, Contains(url) && Contains(R"("Proven":true)"));
    CHECK_THAT(left, !Contains("Drained") && !Contains("Weight") && !Contains("Mine"));
    CHECK(v.stop() == 0);
}

// Registers instances with as large fields as are taken, as many as are taken.
TEST_CASE("one address fills its own share of the room for registrations, and others register") {
    constexpr std::size_t share = 256 << 10;
    victim v("registry", {"--registry-max-bytes-per-address=" + std::to_string(share)});
    const auto before = v.resident_mib();
    const auto body_of = [](std::size_t n) {
        std::string meta;
        for (const char key : {'a', 'b', 'c', 'd'})
            meta +=
                (meta.empty() ? "\"" : ",\"") + std::string(1, key) + "\":\"" + std::string(1000, 'x') + '"';
        return R"({"ServiceName":"Fat","ServiceURL":"http://127.0.0.1:1/)" + std::to_string(n) +
               R"(","Meta":{)" + meta + "}}";
    };
    attacker a(v.port("registry"), attacker_source);
    other_client other(v.url("registry") + "/services?fields=ServiceURL");
    std::size_t taken = 0;
    std::string last;
    for (std::size_t n = 0; n < scaled(400); ++n) {
        last = a.send("POST", "/services", body_of(n), "");
        if (status_of(last) == 200) ++taken;
    }
    CHECK(status_of(last) == 429);
    CHECK_THAT(last, Contains("--registry-max-bytes-per-address"));
    CHECK(taken >= 20);
    CHECK(taken * 4000 <= share);
    CHECK(exchange("POST", v.url("registry") + "/services", body_of(1'000'000)).status == 200);
    check_served("a full share of registrations", other.stop());
    CHECK(v.resident_mib() - before < 150);  // a third of it without what sanitizers keep back
    CHECK(v.stop() == 0);
}
