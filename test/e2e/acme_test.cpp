// A portal that comes by its certificate from a real ACME server: Debian's pebble, which rejects a fifth of
// all nonces here, with its challtestsrv in the place of the DNS.
#include <signal.h>
#include <sys/stat.h>

#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>
#include <chrono>
#include <distd/json.hpp>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "support/free_port.hpp"
#include "support/http_exchange.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

bool accepts(const std::string& port) {
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket s(loop);
    boost::system::error_code ec;
    s.connect({boost::asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(port))}, ec);
    return !ec;
}

// Other makers' processes say nothing when they are ready, and ours does not know when their CA is done.
template <class Condition>
bool comes_true(Condition condition, std::chrono::seconds within = std::chrono::seconds(60)) {
    const auto limit = std::chrono::steady_clock::now() + within;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

struct scene {
    scene() {
        std::ofstream(dir / "ca.pem") << own.certificate();
        std::ofstream(dir / "ca.key") << own.key();
    }

    void start_ca(const std::string& blocked = "blocked.example") {
        dns.emplace(process({"pebble-challtestsrv", "-dns01", "127.0.0.1:" + dns_port, "-management",
                             "127.0.0.1:" + free_port(), "-http01", "", "-https01", "", "-tlsalpn01", "",
                             "-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""}));
        std::ofstream(dir / "pebble.json")
            << R"({"pebble": {"listenAddress": "127.0.0.1:)" << ca_port
            << R"(", "managementListenAddress": "127.0.0.1:)" << free_port() << R"(", "certificate": ")"
            << dir / "ca.pem"
            << R"(", "privateKey": ")" << dir / "ca.key"
            << R"(", "httpPort": )" << http_port << R"(, "tlsPort": )" << tls_port
            << R"(, "externalAccountBindingRequired": false, "domainBlocklist": [")" << blocked << R"("]}})";
        // Into a file: nobody reads a pipe of theirs while they run.
        const auto pebble = "exec pebble -config " + (dir / "pebble.json") +
                            " -dnsserver 127.0.0.1:" + dns_port + " >" + (dir / "pebble.log") + " 2>&1";
        ca.emplace(process({"/bin/sh", "-c", pebble}, {},
                           {{"PEBBLE_VA_NOSLEEP", "1"}, {"PEBBLE_WFE_NONCEREJECT", "20"}}));
        REQUIRE(comes_true([&] { return accepts(ca_port) && accepts(dns_port); }));
    }
    void start_portal(const std::string& names = "shop.example,www.shop.example",
                      const std::string& challenge = "http-01", const std::string& plain_port = {}) {
        portal.emplace(process(
            {distd_binary(), "--role=portal",
             "--listen=127.0.0.1:" + (plain_port.empty() ? http_port : plain_port),
             "--tls-listen=127.0.0.1:" + tls_port, "--portal-acme=me@example.org",
             "--portal-acme-names=" + names, "--portal-acme-challenge=" + challenge, "--portal-http=redirect",
             "--portal-acme-directory=https://localhost:" + ca_port + "/dir",
             "--tls-ca-file=" + std::string(dir / "ca.pem"), "--data-dir=" + std::string(dir / "data")},
            dir / "errors"));
        portal->wait_until_ready();
    }
    // What the portal says of its certificate.
    [[nodiscard]] json::object state() const {
        json_error error;
        const auto v = parse_json(body_over_tls("/gateway/status"), error);
        REQUIRE(v);
        return v->as_object().at("certificates").as_array().at(0).as_object();
    }
    [[nodiscard]] std::string body_over_tls(const std::string& path) const {
        process p({"curl", "-sk", "https://127.0.0.1:" + tls_port + path});
        auto text = p.read_all_output();
        static_cast<void>(p.wait());
        return text;
    }
    [[nodiscard]] bool is_issued() const { return state().at("issuing").as_object().at("issued").as_bool(); }
    [[nodiscard]] std::string last_error() const {
        const auto issuing = state().at("issuing").as_object();
        const auto* error = issuing.if_contains("last_error");
        return error ? std::string(error->as_string()) : std::string();
    }
    // Who vouches for what is shown to those who call that name.
    [[nodiscard]] std::string issuer_for(const std::string& name) const {
        process p({"/bin/sh", "-c",
                   "openssl s_client -connect 127.0.0.1:" + tls_port + " -servername " + name +
                       " </dev/null 2>/dev/null | openssl x509 -noout -issuer -ext subjectAltName"});
        auto text = p.read_all_output();
        static_cast<void>(p.wait());
        return text;
    }
    // Lines of the CA's log with that in them.
    [[nodiscard]] std::size_t said(const std::string& text) const {
        std::ifstream log(dir / "pebble.log");
        std::size_t n = 0;
        for (std::string line; std::getline(log, line);)
            if (line.find(text) != line.npos) ++n;
        return n;
    }

    temp_dir dir;
    const test_certificate own{{.names = {"localhost", "127.0.0.1"}, .is_authority = true}};
    const std::string ca_port = free_port();
    const std::string dns_port = free_port();
    const std::string http_port = free_port();
    const std::string tls_port = free_port();
    std::optional<process> dns;
    std::optional<process> ca;
    std::optional<process> portal;
};

}  // namespace

TEST_CASE_METHOD(scene, "from an empty folder a portal comes by a certificate of a real CA") {
    start_ca();
    start_portal();
    REQUIRE(comes_true([&] { return is_issued(); }));
    CHECK_THAT(issuer_for("shop.example"),
               Contains("Pebble Intermediate CA") && Contains("DNS:shop.example, DNS:www.shop.example"));
    CHECK(state().at("days_left").as_int64() > 0);
    CHECK(last_error().empty());
    CHECK_THAT(body_over_tls("/metrics"), Contains("distd_acme_failures 0") &&
                                              Contains(R"(distd_tls_certificate_days_left{file="acme"})"));
    // What is no challenge of ours is not there, and is not sent on.
    const auto r = exchange("GET", "http://127.0.0.1:" + http_port + "/.well-known/acme-challenge/x", "", "");
    CHECK(r.status == 404);
    // A restart asks for nothing: the CA may be away.
    ca.reset();
    portal->signal(SIGTERM);
    REQUIRE(portal->wait() == 0);
    portal.reset();
    start_portal();
    CHECK(is_issued());
    CHECK_THAT(issuer_for("shop.example"), Contains("Pebble Intermediate CA"));
}

TEST_CASE_METHOD(scene, "a name that is added is proven at port 80 as the first ones were") {
    start_ca();
    start_portal("shop.example");
    REQUIRE(comes_true([&] { return is_issued(); }));
    portal->signal(SIGTERM);
    REQUIRE(portal->wait() == 0);
    portal.reset();
    start_portal("shop.example,more.example");
    const auto shown = [&] { return issuer_for("more.example"); };
    REQUIRE(comes_true(
        [&] { return shown().find("DNS:more.example") != std::string::npos || !last_error().empty(); }));
    CHECK_THAT(shown(), Contains("Pebble Intermediate CA") && Contains("DNS:more.example"));
    CHECK(last_error().empty());
}

TEST_CASE_METHOD(scene, "a CA that is away keeps no portal from starting, and is named") {
    start_portal();
    CHECK_FALSE(is_issued());
    CHECK_THAT(issuer_for("shop.example"), Contains("not issued yet"));
    REQUIRE(comes_true([&] { return !last_error().empty(); }));
    CHECK_THAT(last_error(), Contains("localhost cannot be asked"));
    CHECK_THAT(body_over_tls("/status"), Contains("not issued yet") && Contains("localhost cannot be asked"));
}

TEST_CASE_METHOD(scene, "another server at port 80 is named, with the usual reasons") {
    start_ca();
    std::optional<process> other(process({distd_binary(), "--role=portal", "--listen=127.0.0.1:" + http_port,
                                          "--data-dir=" + std::string(dir / "other")},
                                         dir / "errors"));
    other->wait_until_ready();
    // In a container's or a proxy's port, say.
    start_portal("shop.example", "http-01", free_port());
    REQUIRE(comes_true([&] { return !last_error().empty(); }));
    CHECK_THAT(last_error(), Contains("shop.example") && Contains("another server answers there"));
    CHECK(std::string(state().at("issuing").as_object().at("state").as_string()) == "waits for the next try");
    CHECK_FALSE(is_issued());
    portal.reset();
    other.reset();
    start_portal();  // for other names, so that nothing is waited for
    REQUIRE(comes_true([&] { return is_issued(); }));
    CHECK(last_error().empty());
}

TEST_CASE_METHOD(scene, "a name that the CA blocks ends the tries, with the CA's own words") {
    start_ca();
    start_portal("shop.example,blocked.example");
    REQUIRE(comes_true([&] { return !last_error().empty(); }));
    CHECK_THAT(last_error(), Contains("blocked.example"));
    CHECK(std::string(state().at("issuing").as_object().at("state").as_string()) ==
          "stopped until the settings change or a restart");
    portal.reset();
    start_portal("shop.example");
    REQUIRE(comes_true([&] { return is_issued(); }));
}

TEST_CASE_METHOD(scene, "who is killed while an order is under way fulfils that one, and places no other") {
    start_ca();
    start_portal();
    const auto record = dir / "data/portal/acme/order.json";
    REQUIRE(comes_true([&] {
        std::ifstream in(record);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        return text.find("/my-order/") != text.npos || is_issued();
    }));
    portal.reset();  // kill -9
    start_portal();
    // Where the CA came to validate while nobody listened, the order is lost, and a minute later there is
    // another one.
    REQUIRE(comes_true([&] { return is_issued(); }, std::chrono::seconds(150)));
    const bool is_lost = said("set INVALID") > 0;
    CHECK(said("Added order") == (is_lost ? 2U : 1U));
}

TEST_CASE_METHOD(scene, "a name is proven in a handshake, too, without port 80") {
    start_ca();
    start_portal("shop.example", "tls-alpn-01");
    REQUIRE(comes_true([&] { return is_issued(); }));
    CHECK_THAT(issuer_for("shop.example"), Contains("Pebble Intermediate CA"));
}

TEST_CASE("settings of ACME that cannot work are named, with what would be right") {
    const auto [flags, sentence] = GENERATE(Catch::Generators::table<std::vector<std::string>, std::string>({
        {{"--portal-acme=me@example.org"}, "Set --portal-acme-names="},
        {{"--portal-acme-names=shop.example"}, "set --portal-acme=EMAIL"},
        {{"--portal-acme=a@b", "--portal-acme-names=*.example"}, "wildcard"},
        {{"--portal-acme=a@b", "--portal-acme-names=Shop.example"}, "lower case"},
        {{"--portal-acme=a@b", "--portal-acme-names=shop.example",
          "--portal-acme-directory=http://ca.example/dir"},
         "https:// only"},
        {{"--portal-acme=a@b", "--portal-acme-names=shop.example", "--portal-acme-eab-kid=k"}, "set both"},
        {{"--portal-acme=a@b", "--portal-acme-names=192.0.2.1", "--portal-acme-challenge=tls-alpn-01"},
         "--portal-acme-challenge=http-01 only"},
        {{"--portal-acme=a@b", "--portal-acme-names=shop.example"}, "set --tls-listen=HOST:PORT"},
    }));
    temp_dir dir;
    std::vector<std::string> command{distd_binary(), "--role=portal", "--listen=127.0.0.1:0",
                                     "--data-dir=" + std::string(dir / "data")};
    command.insert(command.end(), flags.begin(), flags.end());
    process p(command, dir / "errors");
    CHECK(p.wait() == 2);
    std::ifstream in(dir / "errors");
    const std::string said{std::istreambuf_iterator<char>(in), {}};
    CHECK_THAT(said, Contains(sentence));
}

TEST_CASE("a key of an account at the CA that others can read is refused") {
    temp_dir dir;
    const std::string key = dir / "key";
    std::ofstream(key) << "c2VjcmV0\n";
    REQUIRE(::chmod(key.c_str(), 0644) == 0);
    process p(
        {distd_binary(), "--role=portal", "--listen=127.0.0.1:0", "--tls-listen=127.0.0.1:0",
         "--data-dir=" + std::string(dir / "data"), "--portal-acme=a@b", "--portal-acme-names=shop.example",
         "--portal-acme-eab-kid=k", "--portal-acme-eab-key-file=" + key},
        dir / "errors");
    CHECK(p.wait() == 2);
    std::ifstream in(dir / "errors");
    const std::string said{std::istreambuf_iterator<char>(in), {}};
    CHECK_THAT(said, Contains("chmod 600"));
}
