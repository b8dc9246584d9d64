#include "http/transport/tls_context.hpp"

#include <openssl/ssl.h>

#include <cstdlib>
#include <fstream>

#include "support/temp_dir.hpp"
#include "unit/http/transport/tls_fixture.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using http::tls_end;

namespace {

const int tls_1_1 = TLS1_1_VERSION;
const int tls_1_2 = TLS1_2_VERSION;
const int tls_1_3 = TLS1_3_VERSION;

bool is_taken(tls_fixture& f, const tls_wish& wish) {
    auto e = f.meet(wish);
    e.shake_hands();
    return e.session->is_open() && e.peer.is_open();
}

}  // namespace

TEST_CASE("of the groups that a client can ask for only the cheap ones are taken") {
    tls_fixture f;
    const int version = GENERATE(tls_1_2, tls_1_3);
    // A signature by P-256 is told from the groups in TLS 1.2, so there it has to be among them.
    for (const auto* group : {"X25519:P-256", "P-256"})
        CHECK(is_taken(f, {.min_version = version, .max_version = version, .groups = group}));
    for (const auto* group : {"P-384", "P-521", "X448"})
        CHECK_FALSE(is_taken(f, {.min_version = version, .max_version = version, .groups = group}));
    if (version == tls_1_3)
        for (const auto* group : {"ffdhe2048", "ffdhe3072", "ffdhe4096", "ffdhe6144", "ffdhe8192"})
            CHECK_FALSE(is_taken(f, {.min_version = version, .max_version = version, .groups = group}));
    CHECK(f.failures("nothing_common") == (version == tls_1_3 ? 8 : 3));
    CHECK(is_taken(f, {.min_version = version, .max_version = version, .groups = "P-384:P-256"}));
}

TEST_CASE("every suite encrypts and authenticates in one") {
    tls_fixture f;
    for (const auto* suite :
         {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"})
        CHECK(is_taken(f, {.min_version = tls_1_3, .suites = suite}));
    for (const auto* cipher :
         {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"})
        CHECK(is_taken(f, {.max_version = tls_1_2, .ciphers = cipher}));
    for (const auto* cipher : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
                               "ECDHE-ECDSA-AES128-SHA256", "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256"})
        CHECK_FALSE(is_taken(f, {.max_version = tls_1_2, .ciphers = cipher}));
    CHECK_FALSE(is_taken(f, {.min_version = tls_1_1, .max_version = tls_1_1, .ciphers = "ALL:@SECLEVEL=0"}));
}

TEST_CASE("of the protocols HTTP/1.1 is agreed on, and nothing else is guessed") {
    tls_fixture f;
    using namespace std::string_literals;
    auto e = f.meet({.protocols = "\x02h2\x08http/1.1"s});
    e.shake_hands();
    CHECK(e.peer.protocol() == "http/1.1");
    auto none = f.meet({.protocols = "\x02h2"s});
    none.shake_hands();
    CHECK(none.peer.has_failed());
    CHECK_THAT(none.peer.problem(), Contains("no application protocol"));
    none.session.reset();
    CHECK(f.failures("nothing_common") == 1);
}

TEST_CASE("the certificate is chosen by the name that the client asks for") {
    const test_certificate first({.names = {"first.example"}});
    const test_certificate wild({.names = {"*.example"}});
    const test_certificate exact({.names = {"shop.example", "127.0.0.1"}});
    tls_fixture f;
    f.server.use({shown(first), shown(wild), shown(exact)});
    const auto shown_for = [&](const std::string& name) {
        auto e = f.meet({.server_name = name});
        e.shake_hands();
        return e.peer.certificate_sha256();
    };
    CHECK(shown_for("") == first.sha256());
    CHECK(shown_for("first.example") == first.sha256());
    CHECK(shown_for("shop.example") == exact.sha256());
    CHECK(shown_for("SHOP.Example.") == exact.sha256());
    CHECK(shown_for("other.example") == wild.sha256());
    CHECK(shown_for("a.b.example") == first.sha256());
    CHECK(shown_for("example") == first.sha256());
    CHECK(shown_for("unknown.test") == first.sha256());
}

TEST_CASE("certificates are exchanged, and handshakes that have begun go on with the old ones") {
    const test_certificate next({.names = {"localhost"}});
    tls_fixture f;
    auto before = f.meet({.server_name = "localhost"});
    before.carry_to_us(30);
    CHECK(before.read().empty());
    f.server.use({shown(next)});
    before.shake_hands();
    CHECK(before.peer.certificate_sha256() == any_certificate().sha256());
    auto after = f.meet();
    after.shake_hands();
    CHECK(after.peer.certificate_sha256() == next.sha256());
}

TEST_CASE("a client that does not take the certificate ends the handshake, and is counted") {
    const test_certificate other({.names = {"localhost"}, .subject = "another root"});
    tls_fixture f;
    auto e = f.meet({.server_name = "localhost", .roots = other.certificate()});
    e.shake_hands();
    CHECK(e.peer.has_failed());
    CHECK(e.session->end() == tls_end::refused_by_peer);
    e.session.reset();
    CHECK(f.failures("certificate_refused") == 1);
}

TEST_CASE("a server counts the failures that it can have, and names no others") {
    const tls_fixture f;
    const auto text = f.m.prometheus_text();
    for (const auto* reason :
         {"plain_http", "nothing_common", "certificate_refused", "timed_out", "left", "broken"})
        CHECK_THAT(text, Contains("{reason=\"" + std::string(reason) + "\"}"));
    CHECK_THAT(text, !Contains("certificate_not_trusted"));
}

TEST_CASE("a ticket is good for who has the keys, through restarts and for two rotations") {
    const int version = GENERATE(tls_1_2, tls_1_3);
    tls_fixture f;
    auto first = f.meet({.min_version = version, .max_version = version});
    first.shake_hands();
    first.write_all("x");
    const auto session = first.peer.session();
    REQUIRE(session);
    auto keys = http::ticket_keys::of_text(f.keys.text());
    REQUIRE(keys);
    const auto is_resumed = [&] {
        http::tls_server restarted;
        restarted.use(*keys);
        restarted.use({shown(any_certificate())});
        tls_ends e(restarted.accept(),
                   tls_peer(tls_wish{.min_version = version, .max_version = version, .session = session}));
        e.shake_hands();
        CHECK(e.peer.is_open());
        return e.peer.is_resumed();
    };
    CHECK(is_resumed());
    auto now = test_day;
    for (int i = 0; i < 2; ++i) {
        now += http::ticket_keys::newest_for;
        CHECK(keys->rotate(now));
        CHECK(is_resumed());
    }
    now += http::ticket_keys::newest_for;
    CHECK(keys->rotate(now));
    CHECK_FALSE(is_resumed());
}

TEST_CASE("without keys there are no tickets") {
    http::tls_server server;
    server.use({shown(any_certificate())});
    for (const int version : {tls_1_2, tls_1_3}) {
        tls_ends e(server.accept(), tls_peer(tls_wish{.min_version = version, .max_version = version}));
        e.shake_hands();
        e.write_all("x");
        CHECK(e.peer.is_open());
        const bool has_ticket =
            e.peer.session() &&
            SSL_SESSION_has_ticket(static_cast<SSL_SESSION*>(e.peer.session().get())) != 0;
        CHECK_FALSE(has_ticket);
    }
}

TEST_CASE("the client side takes a certificate that a root vouches for, for that name, in its time") {
    const test_certificate root({.names = {}, .subject = "root", .is_authority = true});
    const test_certificate good({.names = {"shop.example", "127.0.0.1"}}, &root);
    const http::tls_client client(root.certificate());
    const auto problem = [&](const std::string& host, const test_certificate& c, wall_point now = test_day,
                             const std::string& pin = {}) {
        tls_ends e(client.connect(host, 443, now, pin),
                   tls_peer(tls_peer::as_server{c.certificate(), c.key()}));
        for (int turn = 0; turn < 6; ++turn) {
            e.session->shake_hands(e.ours, e.ec);
            e.carry_to_peer();
            e.carry_to_us();
        }
        if (!e.session->is_open()) {
            CHECK(e.session->end() == tls_end::not_trusted);
            CHECK_FALSE(e.session->distrust().empty());
            return e.session->distrust();
        }
        e.write_all("hello");
        CHECK(e.peer.heard() == "hello");
        return std::string();
    };
    CHECK(problem("shop.example", good).empty());
    CHECK(problem("127.0.0.1", good).empty());
    CHECK(problem("shop.example.", good).empty());
    CHECK(problem("fe80::1%eth0", test_certificate({.names = {"fe80::1"}}, &root)).empty());
    CHECK_THAT(problem("other.example", good), Contains("ostname mismatch"));
    CHECK_THAT(problem("127.0.0.2", good), Contains("IP address mismatch"));
    const test_certificate by_subject({.names = {}, .subject = "shop.example"}, &root);
    CHECK_THAT(problem("shop.example", by_subject), Contains("ostname mismatch"));
    const test_certificate partial({.names = {"sh*.example"}}, &root);
    CHECK_THAT(problem("shop.example", partial), Contains("ostname mismatch"));
    CHECK_THAT(problem("shop.example", good, test_day + std::chrono::hours(24 * 365 * 90)),
               Contains("expired"));
    const test_certificate own({.names = {"shop.example"}});
    CHECK_THAT(problem("shop.example", own), Contains("self"));
    CHECK(problem("anything", own, test_day, own.sha256()).empty());
    CHECK_FALSE(problem("shop.example", own, test_day, good.sha256()).empty());
    CHECK_FALSE(problem("shop.example", good, test_day, own.sha256()).empty());
}

TEST_CASE("roots of one's own stand instead of the system's, or beside them") {
    const test_certificate own_root({.names = {}, .subject = "own", .is_authority = true});
    const test_certificate system_root({.names = {}, .subject = "system", .is_authority = true});
    const test_certificate by_own({.names = {"a.example"}}, &own_root);
    const test_certificate by_system({.names = {"a.example"}}, &system_root);
    temp_dir dir;
    std::ofstream(dir / "roots") << system_root.certificate();
    ::setenv("SSL_CERT_FILE", std::string(dir / "roots").c_str(), 1);
    const auto takes = [&](const http::tls_client& client, const test_certificate& c) {
        return client.distrust(*shown(c), "a.example", test_day).empty();
    };
    const http::tls_client system;
    const http::tls_client own(own_root.certificate());
    const http::tls_client both(own_root.certificate(), http::tls_client::system_roots::always);
    CHECK((takes(system, by_system) && !takes(system, by_own)));
    CHECK((takes(own, by_own) && !takes(own, by_system)));
    CHECK((takes(both, by_own) && takes(both, by_system)));
    ::unsetenv("SSL_CERT_FILE");
}

TEST_CASE("what the client side would take is known without a handshake") {
    const test_certificate root({.names = {}, .subject = "root", .is_authority = true});
    const test_certificate between({.names = {}, .subject = "between", .is_authority = true}, &root);
    const test_certificate good({.names = {"shop.example", "127.0.0.1"}}, &between);
    const test_certificate own({.names = {"shop.example"}});
    const http::tls_client client(root.certificate());
    const http::tls_certificate chain(good.certificate() + between.certificate(), good.key());
    CHECK(client.distrust(chain, "shop.example", test_day).empty());
    CHECK(client.distrust(chain, "127.0.0.1", test_day).empty());
    CHECK(client.distrust(chain, "shop.example.", test_day).empty());
    CHECK_FALSE(client.distrust(chain, "fe80::1%eth0", test_day).empty());
    CHECK_THAT(client.distrust(chain, "other.example", test_day), Contains("ostname mismatch"));
    CHECK_THAT(client.distrust(chain, "127.0.0.2", test_day), Contains("IP address mismatch"));
    CHECK_THAT(client.distrust(chain, "shop.example", test_day + std::chrono::hours(24 * 365 * 90)),
               Contains("expired"));
    CHECK_THAT(client.distrust(*shown(good), "shop.example", test_day), Contains("issuer"));
    CHECK_THAT(client.distrust(*shown(own), "shop.example", test_day), Contains("self"));
    CHECK(client.distrust(chain, "shop.example", test_day).empty());
}

TEST_CASE("a server knows which certificate a client by that name gets") {
    const test_certificate first({.names = {"first.example", "127.0.0.1"}});
    const test_certificate second({.names = {"*.second.example", "127.0.0.2"}});
    tls_fixture f;
    f.server.use({shown(first), shown(second)});
    CHECK(f.server.shown_to("a.second.example").facts().sha256 == second.sha256());
    CHECK(f.server.shown_to("unknown").facts().sha256 == first.sha256());
    CHECK(f.server.shown_to("127.0.0.2").facts().sha256 == first.sha256());
    CHECK(f.server.shows_for("A.second.example"));
    CHECK(f.server.shows_for("first.example"));
    CHECK_FALSE(f.server.shows_for("second.example"));
    CHECK_FALSE(f.server.shows_for("unknown"));
}

TEST_CASE("a pair that cannot work is refused with the reason") {
    const test_certificate a({.names = {"a.example"}});
    const test_certificate b({.names = {"b.example"}});
    const auto problem = [](const std::string& chain, const std::string& key) {
        try {
            static_cast<void>(http::tls_certificate(chain, key));
        } catch (const http::certificate_error& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    CHECK(problem(a.certificate(), a.key()).empty());
    CHECK(problem(a.key() + a.certificate(), a.key() + a.certificate()).empty());
    CHECK_THAT(problem(a.certificate(), b.key()), Contains("not the certificate's"));
    CHECK_THAT(problem("", a.key()), Contains("no certificate"));
    CHECK_THAT(problem(a.certificate(), ""), Contains("no key"));
    CHECK_THAT(problem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", a.key()),
               Contains("damaged"));
    const test_certificate nameless({.names = {}});
    CHECK_THAT(problem(nameless.certificate(), nameless.key()), Contains("no names"));
    CHECK(problem(a.certificate(), a.key()).empty());
}

TEST_CASE("a certificate is good from its first second to its last") {
    const auto from = test_day - std::chrono::hours(1);
    const auto until = test_day + std::chrono::hours(1);
    const auto seconds_of = [](wall_point t) { return std::chrono::system_clock::to_time_t(t); };
    const auto c = shown(test_certificate({.from = seconds_of(from), .until = seconds_of(until)}));
    const auto problem = [&](wall_point now) { return std::string(c->problem_at(now)); };
    CHECK(problem(from - std::chrono::seconds(1)) == "its time has not come yet");
    CHECK(problem(from).empty());
    CHECK(problem(until - std::chrono::seconds(1)).empty());
    CHECK(problem(until) == "its time is over");
}

TEST_CASE("a certificate tells what it is") {
    const test_certificate root({.names = {}, .subject = "root", .is_authority = true});
    const test_certificate c({.names = {"Shop.Example", "*.example", "127.0.0.1"}, .rsa_bits = 3072}, &root);
    const auto facts = shown(c)->facts();
    CHECK(facts.names == std::vector<std::string>{"shop.example", "*.example", "127.0.0.1"});
    CHECK(facts.until == wall_point(std::chrono::seconds(4'102'444'800)));
    CHECK(facts.issuer == "CN=root");
    // As devices have it that are never to be renewed (RFC 5280, 4.1.2.5).
    const test_certificate endless({.until = 253'402'300'799});
    CHECK(shown(endless)->facts().until > test_day + std::chrono::hours(24 * 365 * 200));
    CHECK(std::string(shown(endless)->problem_at(test_day)).empty());
    CHECK(facts.sha256 == c.sha256());
    CHECK(facts.is_slow);
    CHECK_FALSE(facts.has_issuer_here);
    CHECK_FALSE(shown(any_certificate())->facts().is_slow);
    CHECK_FALSE(shown(test_certificate({.rsa_bits = 2048}))->facts().is_slow);
    CHECK(shown(test_certificate({.curve = "P-384"}))->facts().is_slow);
    CHECK(http::tls_certificate(c.certificate() + root.certificate(), c.key()).facts().has_issuer_here);
}

namespace {

// Our client side and our server side with each other.
struct both_ends {
    both_ends(std::unique_ptr<http::tls_session> c, std::unique_ptr<http::tls_session> s)
        : client(std::move(c)), server(std::move(s)) {
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) == 0);
    }
    ~both_ends() {
        for (const int fd : fds) ::close(fd);
    }
    // Tickets come behind the handshake: whoever reads next takes them in.
    bool shake_hands() {
        boost::system::error_code ec;
        for (int turn = 0; turn < 6; ++turn) {
            client->shake_hands(fds[0], ec);
            server->shake_hands(fds[1], ec);
        }
        return client->is_open() && server->is_open() && !client->has_news(fds[0]);
    }

    std::unique_ptr<http::tls_session> client;
    std::unique_ptr<http::tls_session> server;
    std::array<int, 2> fds{};
};

}  // namespace

TEST_CASE("the client side resumes its session with the same peer, and with no other") {
    tls_fixture f;
    const http::tls_client client(any_certificate().certificate());
    const auto resumed = [&] {
        return f.m.count("distd_tls_handshakes_total", "", {{"session", "resumed"}}).value();
    };
    const auto is_resumed = [&](const std::string& host, std::uint16_t port, wall_point now = test_day,
                                const std::string& pin = {}) {
        const auto before = resumed();
        both_ends e(client.connect(host, port, now, pin), f.server.accept());
        CHECK(e.shake_hands());
        return resumed() > before;
    };
    CHECK_FALSE(is_resumed("localhost", 443));
    for (int i = 0; i < 3; ++i) CHECK(is_resumed("localhost", 443));
    CHECK_FALSE(is_resumed("127.0.0.1", 443));
    CHECK_FALSE(is_resumed("localhost", 444));
    CHECK_FALSE(is_resumed("localhost", 443, test_day, any_certificate().sha256()));
    CHECK(is_resumed("localhost", 443, test_day, any_certificate().sha256()));
    const http::tls_client other(any_certificate().certificate());
    both_ends e(other.connect("localhost", 443, test_day), f.server.accept());
    CHECK(e.shake_hands());
    CHECK(resumed() == 4);
}

TEST_CASE("no session outlives the certificate that it was agreed with, or reaches a peer that was refused") {
    tls_fixture f;
    const std::chrono::hours day{24};
    const test_certificate brief({.names = {"localhost"}, .until = 1'800'000'000 + 86400});
    f.server.use({shown(brief)});
    const http::tls_client client(brief.certificate());
    both_ends first(client.connect("localhost", 443, test_day), f.server.accept());
    CHECK(first.shake_hands());
    both_ends late(client.connect("localhost", 443, test_day + 2 * day), f.server.accept());
    CHECK_FALSE(late.shake_hands());
    CHECK(late.client->end() == tls_end::not_trusted);
    for (int i = 0; i < 2; ++i) {
        both_ends pinned(client.connect("localhost", 443, test_day, any_certificate().sha256()),
                         f.server.accept());
        CHECK_FALSE(pinned.shake_hands());
        CHECK(pinned.client->end() == tls_end::not_trusted);
    }
}
