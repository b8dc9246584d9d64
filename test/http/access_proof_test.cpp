// Calls between processes that have the same access tokens: each shows a proof, which is good for that call
// only; and who got one can do nothing with it.
#include <catch2/catch.hpp>
#include <fstream>

#include "http/access/access_control.hpp"
#include "support/raw_peer.hpp"
#include "support/world.hpp"
#include "unit/http/client/raw_server.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;
using action = raw_server::action;

const std::string token = "the-token-of-the-whole-system";
const std::string bearer = "Authorization: Bearer " + token + "\r\n";

struct scene {
    scene() {
        std::ofstream(tokens) << token << "\n";
        std::filesystem::permissions(tokens, std::filesystem::perms::owner_read);
        caller.use_tokens({token});
    }
    std::vector<std::string> flags(std::vector<std::string> more = {}) {
        more.push_back("--access-token-file=" + tokens);
        return more;
    }
    http_answer ask(const std::string& method, const std::string& url, const std::string& headers,
                    const std::string& body = {}) {
        return exchange(
            method, url, body, "application/json", [this] { w.pump(); }, headers);
    }
    std::string proof(const std::string& method, const std::string& url, const std::string& target,
                      const std::string& body = {}) {
        const auto authority = url.substr(url.find("//") + 2);
        return "Authorization: " + caller.prove({method, target, authority}, body) + "\r\n";
    }

    temp_dir dir;
    std::string tokens = dir / "tokens";
    in_process_world w;
    http::access_control caller{w.time};
};

struct registry : scene {
    registry() { w.start("registry", "registry", flags()); }
    std::string url() const { return w.address("registry", "registry"); }
    std::string enroll(const std::string& body) {
        return ask("POST", url() + "/services", bearer, body).head;
    }
};

std::string authorization_in(const std::string& request) {
    const std::string name = "\r\nAuthorization: ";
    const auto at = request.find(name);
    return at == request.npos
               ? ""
               : request.substr(at + name.size(), request.find("\r\n", at + 2) - at - name.size());
}

}  // namespace

TEST_CASE_METHOD(registry, "a proof is taken once, for the call and the body it was made for") {
    const std::string body = R"({"ServiceName":"A","ServiceURL":"http://a"})";
    const auto mine = proof("POST", url(), "/services", body);
    CHECK(ask("POST", url() + "/services", mine, body + " ").status == 401);  // now used up
    CHECK(ask("POST", url() + "/services", mine, body).status == 401);
    CHECK(ask("POST", url() + "/services", proof("POST", url(), "/services", body), body).status == 200);
    CHECK(ask("GET", url() + "/services", proof("GET", url(), "/services")).status == 200);
    const auto refused = ask("DELETE", url() + "/services", proof("GET", url(), "/services"));
    CHECK(refused.status == 401);
    CHECK_THAT(refused.body, Contains("does not match this request"));
    CHECK_THAT(ask("GET", url() + "/services", proof("GET", "http://127.0.0.1:1", "/services")).body,
               Contains("does not match this request"));
    const auto metrics = ask("GET", url() + "/metrics", bearer).body;
    CHECK_THAT(metrics, Contains("distd_http_refused_access_total 4"));
}

TEST_CASE_METHOD(
    registry, "who listens on a registered port is told no token, and can do nothing with what it is told") {
    std::vector<std::string> heard;
    raw_server squatter(w.loop, [&](int, const std::string& request) {
        heard.push_back(request);
        return action{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"};
    });
    REQUIRE_THAT(enroll(R"({"ServiceName":"A","ServiceURL":")" + squatter.url("") + R"(","HeartbeatURL":")" +
                        squatter.url("/services") + R"(","RequiredServices":["B"],"ServiceUpdateURL":")" +
                        squatter.url("/services") + "\"}"),
                 StartsWith("HTTP/1.1 200"));
    REQUIRE_THAT(enroll(R"({"ServiceName":"B","ServiceURL":"http://b"})"), StartsWith("HTTP/1.1 200"));
    w.until("it is probed and patched", [&] {
        const auto is = [&](const char* method) {
            return std::ranges::any_of(heard, [&](const auto& r) { return r.starts_with(method); });
        };
        return is("GET") && is("POST");
    });
    for (const auto& request : heard) {
        CHECK(request.find(token) == request.npos);
        const auto shown = authorization_in(request);
        CHECK_THAT(shown, StartsWith("Distd-Proof "));
        const auto method = request.substr(0, request.find(' '));
        const auto body = request.substr(request.find("\r\n\r\n") + 4);
        CHECK(ask(method, url() + "/services", "Authorization: " + shown + "\r\n", body).status == 401);
    }
}

TEST_CASE_METHOD(scene, "what a visitor was admitted with stays at the gateway, which vouches for itself") {
    std::vector<std::string> heard;
    raw_server shop(w.loop, [&](int, const std::string& request) {
        heard.push_back(request);
        return action{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    });
    w.start("all", "registry,portal", flags({"--portal-gateway-services=Shop"}));
    const auto body = R"({"ServiceName":"Shop","ServiceURL":")" + shop.url("") + "\"}";
    REQUIRE(ask("POST", w.address("all", "registry") + "/services", bearer, body).status == 200);
    const auto portal = w.address("all", "portal");
    w.until("the portal knows the shop",
            [&] { return ask("GET", portal + "/api/Shop/x", bearer).status == 200; });
    heard.clear();
    CHECK(ask("POST", portal + "/api/Shop/x?y=1", bearer, "{}").status == 200);
    CHECK(ask("GET", portal + "/api/Shop/x", "").status == 401);
    REQUIRE(heard.size() == 1);
    CHECK(heard.front().find(token) == heard.front().npos);
    http::access_control instance(w.time);
    instance.use_tokens({token});
    const auto authority = "127.0.0.1:" + std::to_string(shop.port());
    const boost::asio::ip::tcp::endpoint called(boost::asio::ip::address_v4::loopback(), shop.port());
    const auto v = instance.judge(authorization_in(heard.front()), {"POST", "/x?y=1", authority}, {}, called,
                                  "127.0.0.1");
    CHECK(v.is_granted);
    REQUIRE(v.body);
    CHECK(is_same(*v.body, sha256("{}")));
}

TEST_CASE_METHOD(scene, "every role of a system with tokens finds the others") {
    w.start("registry", "registry", flags());
    const auto registry = "--registry=" + w.address("registry", "registry");
    w.start("log", "log", flags({registry}));
    w.start("grading", "grading", flags({registry}));
    w.start("portal", "portal", flags({registry}));
    w.until("the portal shows the class",
            [&] { return ask("GET", w.address("portal", "portal") + "/students", bearer).status == 200; });
    w.until("lines of grading are in the log", [&] {
        const auto found = ask("GET", w.address("log", "log") + "/log?service=GradingService", bearer);
        return found.status == 200 && !found.body.empty();
    });
}

TEST_CASE_METHOD(registry,
                 "a token that was exchanged in the file lets in from then on, and the old one no more") {
    std::filesystem::permissions(tokens, std::filesystem::perms::owner_all);
    std::ofstream(tokens) << "another-token-of-the-system\n";
    std::filesystem::permissions(tokens, std::filesystem::perms::owner_read);
    w.time.advance(seconds(5));
    CHECK(ask("GET", url() + "/services", bearer).status == 401);
    CHECK(ask("GET", url() + "/services", "Authorization: Bearer another-token-of-the-system\r\n").status ==
          200);
}
