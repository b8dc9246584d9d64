// A program that registers itself, or listens where somebody else did, for the secrets of those who call it.
#include <openssl/evp.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

const std::string operators = "first-token-of-the-operator-0123";
const std::string attackers = "second-token-of-somebody-else-99";

std::string token_file(const temp_dir& dir) {
    const auto path = dir / "tokens";
    std::ofstream(path) << operators << "\n" << attackers << "\n";
    ::chmod(path.c_str(), 0600);
    return path;
}

std::string basic(const std::string& password) {
    const auto plain = "ada:" + password;
    std::string text(4 * (plain.size() + 2) / 3 + 1, '\0');
    const auto size =
        ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                          reinterpret_cast<const unsigned char*>(plain.data()), int(plain.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string bearer(const std::string& token) { return "Authorization: Bearer " + token + "\r\n"; }

// A log service, an instance, a subscriber: whatever it is called as.
raw_server::action takes_everything(int, const std::string& request) {
    if (request.starts_with("OPTIONS"))
        return {ok_answer("", "Accept-Post: text/plain, application/x-ndjson\r\n")};
    return {ok_answer()};
}

// Sends what was overheard once more, as it is, to `port`.
int repeat(std::uint16_t port, const std::string& request) {
    raw_peer peer(port);
    static_cast<void>(peer.send(request));
    const auto answer = peer.read_answer();
    return answer.size() > 12 ? std::atoi(answer.c_str() + 9) : 0;
}

std::string with_host(std::string request, const std::string& host) {
    const auto at = request.find("\r\nHost: ") + 8;
    return request.replace(at, request.find("\r\n", at) - at, host);
}

}  // namespace

// Registers itself as a log service, a subscriber and an instance, and uses what it is sent at other roles.
TEST_CASE("whoever listens is sent no access token, and nothing that opens a door elsewhere") {
    temp_dir dir;
    victim v("registry,log,grading,portal",
             {"--access-token-file=" + token_file(dir), "--heartbeat-interval=200ms"});
    listener evil(takes_everything);
    for (const std::string name : {"LogService", "Shop"}) {
        const auto url = evil.url("/" + name);
        const auto more = R"(,"HeartbeatURL":")" + url + R"(/hb","ServiceUpdateURL":")" + url +
                          R"(/patches","RequiredServices":["GradingService"],"Tags":["gateway"])";
        REQUIRE(exchange("POST", v.url("registry") + "/services", registration(name, url, more), {}, {},
                         bearer(attackers))
                    .status == 200);
    }
    const auto visit = [&](const std::string& method, const std::string& body) {
        return exchange(method, v.url("portal") + "/api/Shop/page", body, "text/plain", {},
                        "Authorization: Basic " + basic(operators) + "\r\n")
            .status;
    };
    wait_until("visitors reach it", [&] { return visit("GET", "") == 200; });
    for (std::size_t i = 0; i < scaled(10); ++i) CHECK(visit("POST", "hello") == 200);
    for (const auto* call : {"GET /Shop/hb", "POST /Shop/patches", "POST /Shop/page", "GET /LogService/hb",
                             "OPTIONS /LogService/log", "POST /LogService/log"})
        wait_until("it was called: " + std::string(call), [&] { return evil.received(call) > 0; });
    check_served("a listener for secrets", ask(v.url("registry") + "/heartbeat", 50));

    std::size_t proofs = 0;
    for (const auto& heard : evil.requests()) {
        CHECK_THAT(heard, !Contains(operators) && !Contains(attackers) && !Contains(basic(operators)));
        if (heard.find("Distd-Proof") == heard.npos || ++proofs > scaled(40)) continue;
        for (const auto* role : {"registry", "log", "grading", "portal"}) {
            const auto port = v.port(role);
            for (const auto& host : {"127.0.0.1:" + std::to_string(port), std::string("localhost"),
                                     "127.0.0.1:" + std::to_string(evil.port())}) {
                const auto status = repeat(port, with_host(heard, host));
                CAPTURE(role, host, heard.substr(0, 60), status);
                CHECK((status == 401 || status == 421));
            }
        }
    }
    CHECK(proofs > 5);
    CHECK(v.peak_mib() < 600);
    CHECK(v.stop() == 0);
}
