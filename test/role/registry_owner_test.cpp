// A registration has an owner: who may replace it, take it off, drain it and report for it, and whose URL the
// gateway may show.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "http/message/url.hpp"
#include "role/registry_fixture.hpp"
#include "unit/http/client/raw_server.hpp"
#include "wire/owner_secret.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

const std::string secret = "the owner's secret, 1";
const std::string other_secret = "somebody else's secret, 2";

// An instance of another make that answers as one of ours does when it is asked whose it is.
struct owned_instance {
    owned_instance(boost::asio::io_context& loop, std::string its_secret)
        : own(std::move(its_secret)), server(loop, [this](int, const std::string& request) {
              const auto shown = std::string(wire::owner_path) + wire::hash_of_owner_secret(own) + ' ';
              const bool is_its_own = says_yes_to_all || request.find(shown) != std::string::npos;
              return raw_server::action{is_its_own ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                                   : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
          }) {}
    [[nodiscard]] std::string url() const { return server.url(""); }

    std::string own;
    bool says_yes_to_all = false;
    raw_server server;
};

struct scene : registry_service {
    http_answer send(const std::string& method, const std::string& path, const std::string& body,
                     const std::string& shown) {
        const auto headers = shown.empty() ? std::string() : "X-Owner-Secret: " + shown + "\r\n";
        return exchange(
            method, url() + path, body, "application/json", [this] { w.pump(); }, headers);
    }
    http_answer enroll(const std::string& instance_url, const std::string& shown,
                       const std::string& more = {}) {
        return send("POST", "/services", instance("A", instance_url, more), shown);
    }
    http_answer withdraw(const std::string& instance_url, const std::string& shown) {
        return send("DELETE", "/services", instance_url, shown);
    }
    http_answer drain(const std::string& instance_url, const std::string& shown) {
        return send("PUT", "/services/" + http::percent_encode(instance_url) + "/drain", "", shown);
    }
    http_answer forget(const std::string& instance_url, const std::string& shown) {
        return send("DELETE", "/services/" + http::percent_encode(instance_url), "", shown);
    }
    http_answer report(const std::string& instance_url, const std::string& shown) {
        return send("PUT", "/services/" + http::percent_encode(instance_url) + "/heartbeat", "", shown);
    }
};

void check_refusal(const http_answer& a) {
    CHECK(a.status == 403);
    CHECK_THAT(a.body, Contains("X-Owner-Secret") && Contains("access token"));
    CHECK(a.header("Content-Type") == "application/problem+json");
}

}  // namespace

TEST_CASE("only the owner of a confirmed secret may change a registration") {
    scene s;
    owned_instance it(s.w.loop, secret);
    REQUIRE(s.enroll(it.url(), secret, R"(,"TTL":"1m")").status == 200);
    for (const auto& shown : {std::string(), other_secret}) {
        check_refusal(s.enroll(it.url(), shown, R"(,"Weight":9)"));
        check_refusal(s.withdraw(it.url(), shown));
        check_refusal(s.drain(it.url(), shown));
        check_refusal(s.forget(it.url(), shown));
        check_refusal(s.report(it.url(), shown));
    }
    s.restart();
    check_refusal(s.withdraw(it.url(), ""));
    CHECK_THAT(s.get("/services/A").body, !Contains("Weight") && !Contains("Drained"));
    CHECK(s.enroll(it.url(), secret, R"(,"TTL":"2m")").status == 200);
    CHECK(s.report(it.url(), secret).status == 200);
    CHECK(s.drain(it.url(), secret).status == 200);
    CHECK(s.forget(it.url(), secret).status == 200);
    CHECK(s.enroll(it.url(), secret).status == 200);
    CHECK(s.withdraw(it.url(), secret).status == 200);
}

TEST_CASE("without tokens whoever may read the registry's data folder is its operator") {
    scene s;
    owned_instance it(s.w.loop, secret);
    REQUIRE(s.enroll(it.url(), secret).status == 200);
    const auto secret_of = [&s] {
        std::string read;
        std::ifstream(s.w.data_dir("registry") + "/registry/operator.secret") >> read;
        return read;
    };
    const auto before = secret_of();
    CHECK(s.drain(it.url(), before).status == 200);
    s.restart();
    check_refusal(s.forget(it.url(), before));  // it is made anew
    REQUIRE(secret_of() != before);
    CHECK(s.enroll(it.url(), secret_of(), R"(,"Weight":9)").status == 200);
    CHECK(s.forget(it.url(), secret_of()).status == 200);
}

TEST_CASE("with tokens the registry keeps no secret for its operator") {
    temp_dir files;
    const auto tokens = files / "tokens";
    std::ofstream(tokens) << "6d1f0c5a9e7b4f3d8c2a1b0e9f8d7c6b\n";
    std::filesystem::permissions(tokens, std::filesystem::perms::owner_read);
    scene s;
    CHECK(std::filesystem::exists(s.w.data_dir("registry") + "/registry/operator.secret"));
    s.w.stop("registry");
    s.w.start("registry", "registry", {"--access-token-file=" + tokens});
    CHECK_FALSE(std::filesystem::exists(s.w.data_dir("registry") + "/registry/operator.secret"));
}

TEST_CASE("a restarted instance registers again with a new secret") {
    scene s;
    owned_instance it(s.w.loop, secret);
    REQUIRE(s.enroll(it.url(), secret).status == 200);
    it.own = other_secret;
    CHECK(s.enroll(it.url(), other_secret).status == 200);
    check_refusal(s.withdraw(it.url(), secret));
    CHECK(s.withdraw(it.url(), other_secret).status == 200);
}

TEST_CASE("a secret that the instance does not confirm protects nothing") {
    scene s;
    owned_instance it(s.w.loop, other_secret);
    SECTION("it is another one's") {}
    SECTION("it says yes to everything") { it.says_yes_to_all = true; }
    SECTION("it is not there") { it.server.close(); }
    REQUIRE(s.enroll(it.url(), secret).status == 200);
    CHECK(s.enroll(it.url(), "").status == 200);
    CHECK(s.withdraw(it.url(), "").status == 200);
}

TEST_CASE("base-protocol peers register, replace and withdraw from the same machine as before") {
    scene s;
    REQUIRE(s.post(instance("A", "http://a", R"(,"TTL":"1m")")).status == 200);
    raw_peer elsewhere(
        port_of(s.url()), [&s] { s.w.pump(); }, "127.0.0.9");
    elsewhere.send("DELETE /services HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\n\r\nhttp://a");
    CHECK_THAT(elsewhere.read_answer(), Catch::StartsWith("HTTP/1.1 200"));
}

TEST_CASE("a secret that is too short or too long is refused") {
    scene s;
    const auto a = s.enroll("http://a", "short");
    CHECK(a.status == 400);
    CHECK_THAT(a.body, Contains("X-Owner-Secret: it has 5 bytes"));
    CHECK(s.enroll("http://a", std::string(257, 'x')).status == 400);
    CHECK(s.get("/services").body == "[]");
}

TEST_CASE(
    "whoever listens at an address and port decides who else is registered there, however it is spelled") {
    scene s;
    owned_instance it(s.w.loop, secret);
    REQUIRE(s.enroll(it.url(), secret).status == 200);
    const auto port = ":" + std::to_string(it.server.port());
    for (const std::string& alias :
         {"http://127.0.0.1" + port + "/", "http://localhost" + port, "HTTP://LOCALHOST." + port,
          "127.0.0.1" + port, "http://127.9.9.9" + port, "http://[::1]" + port,
          "http://[::ffff:127.0.0.1]" + port, "http://0.0.0.0" + port,
          "http://127.0.0.1" + port + "/admin"}) {
        CAPTURE(alias);
        const auto refused = s.enroll(alias, "", R"(,"Tags":["gateway"])");
        CHECK((refused.status == 403 || refused.status == 400));  // an odd spelling may be no URL
        if (refused.status == 403)
            CHECK_THAT(refused.body, Contains("at this address and port has an owner"));
        CHECK(s.enroll(alias, other_secret).status != 200);
    }
    CHECK(s.enroll(it.url() + "/v2", secret).status == 200);
    CHECK(s.enroll("http://127.0.0.1:1", "").status == 200);
    s.restart();
    CHECK(s.enroll("http://localhost" + port, "").status == 403);
    // Once it is gone, its port is anybody's.
    REQUIRE(s.withdraw(it.url(), secret).status == 200);
    REQUIRE(s.withdraw(it.url() + "/v2", secret).status == 200);
    CHECK(s.enroll("http://localhost" + port, "").status == 200);
}

TEST_CASE("a role of ours owns its registration, and its data folder has the secret for its operator") {
    scene s;
    s.w.start("log", "log", {"--registry=" + s.url()});
    s.w.until("it is registered", [&] { return s.get("/services/LogService").status == 200; });
    const auto its_url = s.w.address("log", "log");
    check_refusal(s.withdraw(its_url, ""));
    check_refusal(s.drain(its_url, ""));
    std::string kept;
    std::getline(std::ifstream(s.w.data_dir("log") + "/log/owner.secret"), kept);
    CHECK(s.drain(its_url, kept).status == 200);
    s.w.stop("log");
    CHECK(s.get("/services").body == "[]");
}

TEST_CASE("a gateway tag by a third party is marked Unproven until the instance confirms it") {
    scene s;
    owned_instance it(s.w.loop, secret);
    const auto tagged = R"(,"Tags":["gateway"])";
    // A name may lead anywhere.
    const auto by_name = "http://some-name:" + std::to_string(it.server.port());
    REQUIRE(s.enroll(by_name, "", tagged).status == 200);
    CHECK_THAT(s.get("/services").body, Contains(R"("Unproven":true)"));
    REQUIRE(s.withdraw(by_name, "").status == 200);
    // The base protocol's peers are on this machine.
    REQUIRE(s.enroll(it.url(), "", tagged).status == 200);
    CHECK_THAT(s.get("/services").body, Contains("gateway") && !Contains("Unproven") && !Contains("Proven"));
    REQUIRE(s.enroll(it.url(), secret, tagged).status == 200);
    CHECK_THAT(s.get("/services").body, Contains(R"("Proven":true)"));
}

TEST_CASE("a ServiceURL at an address that nobody may call is refused") {
    scene s;
    const auto a = s.enroll("http://169.254.169.254/latest/meta-data", "");
    CHECK(a.status == 400);
    CHECK_THAT(a.body, Contains("ServiceURL: 169.254.169.254 is not an address"));
    CHECK(s.enroll("https://10.1.2.3", "").status == 400);
    CHECK(s.enroll("http://10.1.2.3:80", "").status == 400);
    CHECK(s.enroll("https://shop.example", "").status == 200);
}
