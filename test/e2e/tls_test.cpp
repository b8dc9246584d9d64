// TLS of the real binary, as OpenSSL's own client and sslscan see it: each group, version and kind of cipher,
// and how certificates are exchanged and tickets outlive a restart.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <exception>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "support/http_exchange.hpp"
#include "support/places.hpp"
#include "support/process.hpp"
#include "support/raw_peer.hpp"
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

// Clients that ask without a pause until they are stopped: some over a connection that they keep, some each
// time over a new one.
class crowd {
public:
    explicit crowd(std::uint16_t port) {
        for (const bool keeps : {true, false, true, false})
            threads_.emplace_back([this, port, keeps] { ask(port, keeps); });
    }
    ~crowd() { stop(); }
    crowd(const crowd&) = delete;
    crowd& operator=(const crowd&) = delete;
    void stop() {
        is_over_ = true;
        for (auto& t : threads_) t.join();
        threads_.clear();
    }
    [[nodiscard]] int answered() const { return answered_; }
    [[nodiscard]] int lost() const { return lost_; }

private:
    void ask(std::uint16_t port, bool keeps) {
        std::optional<raw_peer> peer;
        while (!is_over_) {
            bool is_answered = false;
            try {
                if (!peer || !keeps) peer.emplace(port);
                peer->send(get_request("/heartbeat"));
                is_answered = peer->read_answer().starts_with("HTTP/1.1 200");
            } catch (const std::exception&) {}
            ++(is_answered ? answered_ : lost_);
            if (!is_answered) peer.reset();
        }
    }

    std::atomic<bool> is_over_ = false;
    std::atomic<int> answered_ = 0;
    std::atomic<int> lost_ = 0;
    std::vector<std::thread> threads_;
};

// The lines of a text that begin so, without what is behind the third column.
std::vector<std::string> rows(const std::string& text, const std::vector<std::string>& beginnings) {
    std::vector<std::string> all;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        const auto begins = [&](const std::string& with) { return line.starts_with(with); };
        if (!std::ranges::any_of(beginnings, begins)) continue;
        std::istringstream words(line);
        std::string row;
        for (std::string word; words >> word;) row += (row.empty() ? "" : " ") + word;
        all.push_back(row);
    }
    std::ranges::sort(all);
    return all;
}

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

TEST_CASE_METHOD(scene, "sslscan finds nothing that is old or weak") {
    start();
    process scan({"/bin/sh", "-c", "sslscan --no-colour 127.0.0.1:" + port + " 2>&1"});
    const auto found = scan.read_all_output();
    CAPTURE(found);
    REQUIRE(scan.wait() == 0);
    using strings = std::vector<std::string>;
    CHECK(rows(found, {"SSLv", "TLSv1.0 ", "TLSv1.1 ", "TLSv1.2  ", "TLSv1.3  "}) ==
          strings{"SSLv2 disabled", "SSLv3 disabled", "TLSv1.0 disabled", "TLSv1.1 disabled",
                  "TLSv1.2 128 bits secp256r1 (NIST P-256)", "TLSv1.2 enabled",
                  "TLSv1.3 128 bits secp256r1 (NIST P-256)", "TLSv1.3 128 bits x25519", "TLSv1.3 enabled"});
    CHECK(rows(found, {"Preferred", "Accepted"}) ==
          strings{"Accepted TLSv1.2 128 bits ECDHE-ECDSA-AES128-GCM-SHA256 Curve 25519 DHE 253",
                  "Accepted TLSv1.2 256 bits ECDHE-ECDSA-CHACHA20-POLY1305 Curve 25519 DHE 253",
                  "Accepted TLSv1.3 128 bits TLS_AES_128_GCM_SHA256 Curve 25519 DHE 253",
                  "Accepted TLSv1.3 256 bits TLS_CHACHA20_POLY1305_SHA256 Curve 25519 DHE 253",
                  "Preferred TLSv1.2 256 bits ECDHE-ECDSA-AES256-GCM-SHA384 Curve 25519 DHE 253",
                  "Preferred TLSv1.3 256 bits TLS_AES_256_GCM_SHA384 Curve 25519 DHE 253"});
    CHECK_THAT(found, Contains("Session renegotiation not supported"));
    // Its OpenSSL may not know of any.
    CHECK_THAT(found, Contains("Compression disabled") || Contains("does not support compression"));
    CHECK_THAT(found, Contains("Server supports TLS Fallback SCSV"));
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
        const auto first = ask("-sess_out");
        CHECK_THAT(first, Contains("New, TLSv1.") && Contains("HTTP/1.1 200"));
        if (version == std::string("-tls1_3")) CHECK_THAT(first, Contains("Max Early Data: 0"));
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

TEST_CASE_METHOD(scene, "certificates are exchanged a hundred times under load without a lost request") {
    start();
    const auto number = static_cast<std::uint16_t>(std::stoi(port));
    speak_tls_at(number);
    crowd clients(number);
    for (int i = 0; i < 100; ++i) {
        const test_certificate next({.subject = "number " + std::to_string(i)});
        const auto before = clients.answered();
        write(next.pair());
        running->signal(SIGHUP);
        bool is_shown = false;
        for (int tries = 0; tries < 10'000 && !(is_shown && clients.answered() > before + 4); ++tries)
            is_shown = raw_peer(number).tls()->certificate_sha256() == next.sha256();
        REQUIRE(is_shown);
    }
    clients.stop();
    forget_tls_at(number);
    CHECK(clients.lost() == 0);
    CHECK(clients.answered() > 400);
}

TEST_CASE_METHOD(scene, "where other machines come without TLS, the log warns that tokens go in clear") {
    const std::string tokens = dir / "tokens";
    std::ofstream(tokens) << "a-token-of-sixteen\n";
    REQUIRE(::chmod(tokens.c_str(), 0600) == 0);
    const auto log_of = [&](const std::string& listen, const std::string& tls_listen,
                            const std::vector<std::string>& more = {"--role=grading"}) {
        const std::string log = dir / ("log of " + listen + more.back());
        std::vector<std::string> command{distd_binary(),
                                         "--listen=" + listen,
                                         "--tls-listen=" + tls_listen,
                                         "--tls-cert-file=" + file,
                                         "--access-token-file=" + tokens,
                                         "--data-dir=" + std::string(dir / "data")};
        command.insert(command.end(), more.begin(), more.end());
        process p(command, log);
        p.wait_until_ready();
        p.signal(SIGTERM);
        CHECK(p.wait() == 0);
        std::ifstream in(log);
        return std::string(std::istreambuf_iterator<char>(in), {});
    };
    CHECK_THAT(log_of("0.0.0.0:0", "127.0.0.1:0"),
               Contains("tokens_in_clear") && Contains(R"("address":"0.0.0.0")") &&
                   Contains("--portal-http=redirect") && !Contains("--tls-listen"));
    CHECK_THAT(log_of("127.0.0.1:0", "0.0.0.0:0"), !Contains("tokens_in_clear"));
    // Who listens with TLS already is not told to.
    CHECK_THAT(
        log_of("0.0.0.0:0", "0.0.0.0:0", {"--role=portal", "--portal-http=redirect"}),
        Contains("tokens_in_clear") && Contains("they are sent on to https") && !Contains("--tls-listen"));
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

TEST_CASE_METHOD(scene, "a start with a setting of the portal that would do nothing ends with the reason") {
    const std::string listen = "--tls-listen=console=127.0.0.1:0";
    const std::string certificate = "--tls-cert-file=" + file;
    struct {
        std::vector<std::string> flags;
        const char* reason;
    } const refused[] = {
        {{listen, certificate, "--portal-http=redirect"}, "--portal-http=redirect: portal does not listen"},
        {{listen, certificate, "--portal-hsts=1h"}, "--portal-hsts: portal does not listen with TLS"},
        {{"--portal-hsts=1h"}, "--tls-listen=portal=HOST:PORT"},
        {{"--portal-http=redirect"}, "--tls-listen=portal=HOST:PORT"},
        {{certificate, "--portal-hsts=500ms"}, "set 1s or more, or 0s"},
        {{"--portal-acme-directory=https://ca.example/dir"}, "set --portal-acme=EMAIL"},
        {{"--portal-acme-staging=https://ca.example/dir"}, "set --portal-acme=EMAIL"},
        {{"--portal-acme-challenge=tls-alpn-01"}, "set --portal-acme=EMAIL"},
    };
    for (const auto& r : refused) {
        CAPTURE(r.reason, r.flags);
        std::vector<std::string> command{distd_binary(), "--role=portal,console", "--listen=127.0.0.1:0",
                                         "--data-dir=" + std::string(dir / "data")};
        command.insert(command.end(), r.flags.begin(), r.flags.end());
        process p(command, dir / "errors");
        static_cast<void>(p.read_all_output());
        CHECK(p.wait() == 2);
        std::ifstream in(dir / "errors");
        CHECK_THAT(std::string(std::istreambuf_iterator<char>(in), {}), Contains(r.reason));
    }
}
