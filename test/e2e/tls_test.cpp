// TLS of the real binary, as OpenSSL's own client sees it: each group, version and kind of cipher, and how
// certificates are exchanged and tickets outlive a restart.
#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <optional>

#include "support/http_exchange.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

namespace {

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

struct scene {
    scene() { write(any_certificate().pair()); }
    void write(const std::string& pair) const {
        std::ofstream(file) << pair;
        REQUIRE(::chmod(file.c_str(), 0600) == 0);
    }
    void start() {
        running.emplace(
            process({distd_binary(), "--role=grading", "--listen=127.0.0.1:0", "--tls-listen=127.0.0.1:0",
                     "--tls-cert-file=" + file, "--data-dir=" + std::string(dir / "data")},
                    dir / "errors"));
        running->wait_until_ready();
        port = std::to_string(port_of(running->address("grading-tls")));
    }
    void restart() {
        running->signal(SIGTERM);
        REQUIRE(running->wait() == 0);
        running.reset();
        start();
    }
    // What `openssl s_client` tells of its handshake.
    [[nodiscard]] std::string hello(const std::vector<std::string>& how) const {
        std::string command = "openssl s_client -connect 127.0.0.1:" + port;
        for (const auto& flag : how) command += " " + flag;
        process p({"/bin/sh", "-c", command + " </dev/null 2>&1"});
        auto text = p.read_all_output();
        static_cast<void>(p.wait());
        return text;
    }
    [[nodiscard]] bool is_taken(const std::vector<std::string>& how) const {
        const auto text = hello(how);
        return text.find("Cipher is (NONE)") == text.npos && text.find("-----BEGIN CERTIFICATE") != text.npos;
    }

    temp_dir dir;
    std::string file = dir / "pair.pem";
    std::optional<process> running;
    std::string port;
};

}  // namespace

TEST_CASE_METHOD(scene, "OpenSSL's client is taken with what is good, and with nothing else") {
    start();
    for (const auto* group : {"X25519", "P-256"}) CHECK(is_taken({"-tls1_3", "-groups", group}));
    for (const auto* group :
         {"P-384", "P-521", "X448", "ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"})
        CHECK_FALSE(is_taken({"-tls1_3", "-groups", group}));
    for (const auto* suite :
         {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
        CHECK(is_taken({"-tls1_3", "-ciphersuites", suite}));
    for (const auto* cipher :
         {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"})
        CHECK(is_taken({"-tls1_2", "-cipher", cipher}));
    for (const auto* cipher : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES128-GCM-SHA256"})
        CHECK_FALSE(is_taken({"-tls1_2", "-cipher", cipher}));
    CHECK_FALSE(is_taken({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}));
    CHECK_THAT(hello({"-alpn", "http/1.1"}), Contains("ALPN protocol: http/1.1"));
    CHECK_FALSE(is_taken({"-alpn", "h2"}));
    CHECK_THAT(hello({"-tls1_2"}), Contains("Secure Renegotiation IS supported"));
}

TEST_CASE_METHOD(scene, "a session is resumed after a restart") {
    start();
    const std::string kept = dir / "session";
    for (const auto* version : {"-tls1_2", "-tls1_3"}) {
        const auto ask = [&](const std::string& with) {
            std::string command =
                "printf 'GET /heartbeat HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' | "
                "openssl s_client -ign_eof " +
                std::string(version) + " -connect 127.0.0.1:" + port + " " + with + " " + kept + " 2>&1";
            process p({"/bin/sh", "-c", command});
            auto text = p.read_all_output();
            static_cast<void>(p.wait());
            return text;
        };
        CHECK_THAT(ask("-sess_out"), Contains("New, TLSv1.") && Contains("HTTP/1.1 200"));
        restart();
        CHECK_THAT(ask("-sess_in"), Contains("Reused, TLSv1.") && Contains("HTTP/1.1 200"));
    }
}

TEST_CASE_METHOD(scene, "a new certificate is shown after SIGHUP, a bad one is not") {
    start();
    speak_tls_at(static_cast<std::uint16_t>(std::stoi(port)));
    const auto url = "https://127.0.0.1:" + port + "/heartbeat";
    CHECK(exchange("GET", url).status == 200);
    const test_certificate next({.names = {"next.example"}, .subject = "the next one"});
    write(next.pair());
    running->signal(SIGHUP);
    for (int i = 0; i < 200 && hello({}).find("the next one") == std::string::npos; ++i) {}
    CHECK_THAT(hello({}), Contains("the next one"));
    write("rubbish");
    running->signal(SIGHUP);
    CHECK(exchange("GET", url).status == 200);
    CHECK_THAT(hello({}), Contains("the next one"));
    forget_tls_at(static_cast<std::uint16_t>(std::stoi(port)));
}

TEST_CASE_METHOD(scene, "a start with certificates that cannot be used ends with the reason") {
    const auto problem = [&](const std::vector<std::string>& flags) {
        std::vector<std::string> command{distd_binary(), "--role=grading", "--listen=127.0.0.1:0",
                                         "--data-dir=" + std::string(dir / "data")};
        command.insert(command.end(), flags.begin(), flags.end());
        process p(command, dir / "errors");
        static_cast<void>(p.read_all_output());
        CHECK(p.wait() == 2);
        std::ifstream in(dir / "errors");
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    CHECK_THAT(problem({"--tls-listen=127.0.0.1:0"}), Contains("set --tls-cert-file=FILE"));
    CHECK_THAT(problem({"--tls-cert-file=" + file}), Contains("set --tls-listen"));
    CHECK_THAT(problem({"--tls-listen=127.0.0.1:0", "--tls-cert-file=" + file + ".gone"}),
               Contains("cannot be read"));
    write(any_certificate().certificate());
    CHECK_THAT(problem({"--tls-listen=127.0.0.1:0", "--tls-cert-file=" + file}), Contains("holds no key"));
    write(any_certificate().certificate() + test_certificate().key());
    CHECK_THAT(problem({"--tls-listen=127.0.0.1:0", "--tls-cert-file=" + file}),
               Contains("not the certificate's"));
    CHECK_THAT(problem({"--tls-listen=0.0.0.0:0", "--tls-cert-file=" + file}), Contains("access tokens"));
    CHECK_THAT(problem({"--tls-ca-file=" + file + ".gone"}), Contains("--tls-ca-file"));
}
