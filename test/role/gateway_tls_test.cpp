// The gateway with TLS: in front, towards its clients, and behind, towards instances with https://.
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <utility>

#include "role/gateway_fixture.hpp"
#include "support/free_port.hpp"
#include "support/test_certificate.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;
using Catch::StartsWith;

namespace {

struct files {
    explicit files(const certificate_wish& wish) : own(wish, &root) {
        write("root", root.certificate());
        write("own", own.pair());
    }
    void write(const std::string& name, const std::string& text) const {
        const std::string file = dir / name;
        std::ofstream(file) << text;
        REQUIRE(::chmod(file.c_str(), 0600) == 0);
    }
    temp_dir dir;
    test_certificate root{{.names = {}, .subject = "root", .is_authority = true}};
    test_certificate own;
};

// A portal that listens with TLS, too.
struct door : files, gateway_fixture {
    explicit door(std::vector<std::string> more = {},
                  const certificate_wish& own = {.names = {"localhost", "127.0.0.1"}})
        : files(own), gateway_fixture(with(std::move(more)), {"--tls-ca-file=" + std::string(dir / "root")}) {
        door_port = port_of(w.address("portal", "portal-tls"));
        portal = w.plain_address("portal", "portal");
    }
    std::vector<std::string> with(std::vector<std::string> flags) const {
        flags.push_back("--tls-listen=127.0.0.1:0");
        flags.push_back("--tls-cert-file=" + std::string(dir / "own"));
        flags.push_back("--tls-ca-file=" + std::string(dir / "root"));
        return flags;
    }
    raw_peer come_in() {
        return raw_peer(door_port, [this] { w.pump(); });
    }
    std::string through_door(const std::string& request) {
        auto peer = come_in();
        peer.send(request);
        return peer.read_until_close();
    }
    // An instance that speaks TLS.
    raw_server& encrypted_instance(const raw_server::script& script) {
        return encrypted_instance(script, own, R"("Tags":["gateway"])");
    }
    raw_server& encrypted_instance(const raw_server::script& script, const test_certificate& shown,
                                   const std::string& more) {
        instances.push_back(std::make_unique<raw_server>(w.loop, script));
        auto& i = *instances.back();
        i.speak_tls({shown.certificate(), shown.key()});
        auto url = i.url();
        url.pop_back();
        const auto taken = w.http("POST", registry + "/services",
                                  R"({"ServiceName":"Shop","ServiceURL":")" + url + R"(","HeartbeatURL":")" +
                                      url + R"(/hb",)" + more + "}");
        REQUIRE(taken.status == 200);
        w.until("the gateway knows it", [&] { return holds(status(), url); });
        return i;
    }
    std::uint16_t door_port = 0;
};

const std::string get_x = "GET /api/Shop/x HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n";

}  // namespace

TEST_CASE("a role registers with https where its certificate would be taken, else without") {
    door taken;
    const auto registered = [](door& d) {
        http_answer found;
        d.w.until("it is registered", [&] {
            found = d.w.http("GET", d.registry + "/services/Portald");
            return found.status == 200;
        });
        return found.body;
    };
    CHECK_THAT(registered(taken), Contains("https://127.0.0.1:" + std::to_string(taken.door_port)));
    door foreign({}, {.names = {"shop.example"}});
    CHECK_THAT(registered(foreign), Contains("http://127.0.0.1") && !Contains("https://"));
    door chosen({"--advertise=http://127.0.0.1:1"});
    CHECK_THAT(registered(chosen), Contains("http://127.0.0.1:1") && !Contains("https://"));
}

TEST_CASE("requests to the names of certificates are answered, and no others") {
    door d({}, {.names = {"shop.example", "*.shop.example"}});
    const auto to = [&](const std::string& host) {
        return d.through_door("GET /heartbeat HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    };
    CHECK_THAT(to("shop.example"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(to("A.Shop.example:" + std::to_string(d.door_port)), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(to("evil.example"), StartsWith("HTTP/1.1 421"));
}

TEST_CASE("a request to the name of one certificate over a connection with another is answered as well") {
    // Browsers do so where both lead to one address. No rule of ours differs by the name, so none is evaded.
    const files other({.names = {"shop.example"}});
    door d({"--tls-cert-file=" + std::string(other.dir / "own")});
    auto peer = d.come_in();
    CHECK(peer.tls()->certificate_sha256() == d.own.sha256());
    for (const auto* host : {"shop.example", "localhost", "shop.example."}) {
        peer.send("GET /heartbeat HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n");
        CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 200"));
    }
    peer.send("GET /heartbeat HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    CHECK_THAT(peer.read_answer(), StartsWith("HTTP/1.1 421"));
}

TEST_CASE("no instance is taken for one that listens where the portal does with TLS") {
    door d({}, {.names = {"localhost"}});
    const auto taken = d.w.http("POST", d.registry + "/services",
                                R"({"ServiceName":"Shop","ServiceURL":"https://127.0.0.1:)" +
                                    std::to_string(d.door_port) + R"(/api/Shop","Tags":["gateway"]})");
    REQUIRE(taken.status == 200);
    d.w.until("the gateway has left it out",
              [&] { return door::holds(d.status(), "the address of a registry, this portal"); });
}

TEST_CASE("the certificates and what is wrong with newer ones are in the status") {
    door d;
    CHECK_THAT(d.status(), Contains(R"("names":["localhost","127.0.0.1"])") && Contains(R"("days_left":)"));
    CHECK_THAT(d.get("/status"), Contains("✓ in use"));
    d.write("own", "rubbish");
    d.w.time.advance(distd::seconds(6));
    CHECK_THAT(d.status(), Contains(R"("refused":"--tls-cert-file=)"));
    CHECK_THAT(d.get("/status"), Contains("✕ the new one cannot be used"));
}

TEST_CASE("a start with a certificate that is over serves with and without TLS, and names it") {
    door d({}, {.names = {"localhost"}, .until = 1'700'000'000});
    const auto heartbeat = "GET /heartbeat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    CHECK_THAT(d.exchange(heartbeat), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(d.through_door(heartbeat), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(d.get("/status"), Contains("✕ its time is over") && !Contains("cannot be used"));
    CHECK_THAT(d.status(), Contains(R"("invalid":"its time is over")"));
}

TEST_CASE("what comes with TLS is passed on as https") {
    door d;
    auto& shop = d.instance(says_ok);
    CHECK_THAT(d.through_door(get_x), StartsWith("HTTP/1.1 200") && EndsWith("hi"));
    CHECK_THAT(shop.requests().back(), Contains("X-Forwarded-Proto: https\r\n") && Contains(";proto=https"));
    CHECK_THAT(d.get(), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), Contains("X-Forwarded-Proto: http\r\n"));
}

TEST_CASE("cookies of the portal's own pages are for https only where they were set over it") {
    door d;
    const auto page = "GET /students/new HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    CHECK_THAT(d.through_door(page), Contains("Set-Cookie: ") && Contains("; Secure\r\n"));
    CHECK_THAT(d.exchange(page), Contains("Set-Cookie: ") && !Contains("; Secure"));
}

TEST_CASE("requests without TLS are sent on where that is wished, those of the system's processes are not") {
    door d({"--portal-http=redirect", "--portal-hsts=1h"});
    const auto plain = std::exchange(d.portal, d.w.address("portal", "portal-tls"));
    auto& shop = d.instance(says_ok);
    d.portal = plain;
    const auto there = "Location: https://localhost:" + std::to_string(d.door_port) + "/api/Shop/x?a=b\r\n";
    CHECK_THAT(d.get("/api/Shop/x?a=b"), StartsWith("HTTP/1.1 308") && Contains(there));
    CHECK_THAT(d.exchange(post_request), StartsWith("HTTP/1.1 308"));
    CHECK(shop.requests().empty());
    CHECK_THAT(d.exchange("GET /students/new HTTP/1.0\r\n\r\n"),
               StartsWith("HTTP/1.1 400") && Contains("https://") && !Contains("Set-Cookie"));
    CHECK_THAT(d.exchange("GET /heartbeat HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(d.get("/heartbeat"), StartsWith("HTTP/1.1 200") && !Contains("Strict-Transport"));
    CHECK_THAT(d.get("/gateway/status"), StartsWith("HTTP/1.1 200"));  // as the console and `distd certs` ask
    CHECK_THAT(d.through_door(get_x),
               StartsWith("HTTP/1.1 200") && Contains("Strict-Transport-Security: max-age=3600\r\n"));
    CHECK_THAT(d.exchange("POST /services HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                          "Content-Length: 2\r\n\r\n[]"),
               !StartsWith("HTTP/1.1 308"));
}

TEST_CASE(
    "what came with TLS to a trusted proxy is not sent on, and others go to the port that is announced") {
    const std::string by_proxy = "X-Forwarded-Proto: https\r\nConnection: close\r\n";
    const auto ask = [&](door& d, const std::string& headers) {
        return d.exchange(get_request("/students/new", headers));
    };
    const auto port = free_port();
    door d({"--portal-http=redirect", "--portal-gateway-trusted-proxies=127.0.0.1",
            "--listen=portal=127.0.0.1:" + port, "--advertise=https://shop.example:8443"});
    d.portal = "http://127.0.0.1:" + port;
    CHECK_THAT(ask(d, by_proxy), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(ask(d, "Connection: close\r\n"),
               StartsWith("HTTP/1.1 308") && Contains("Location: https://localhost:8443/students/new\r\n"));
    door without({"--portal-http=redirect"});
    CHECK_THAT(ask(without, by_proxy), StartsWith("HTTP/1.1 308"));
}

TEST_CASE("an instance that tells browsers for how long to come with TLS is not talked over") {
    door d({"--portal-hsts=1h"});
    auto& shop = d.instance([](int, const std::string&) {
        return says(
            "HTTP/1.1 200 OK\r\nDate: x\r\nstrict-transport-security: max-age=5\r\n"
            "Content-Length: 0\r\n\r\n");
    });
    CHECK_THAT(d.through_door(get_x), StartsWith("HTTP/1.1 200") &&
                                          Contains("strict-transport-security: max-age=5\r\n") &&
                                          !Contains("max-age=3600"));
    CHECK(shop.requests().size() == 1);
}

TEST_CASE("an instance with https:// is called with TLS, and its answers come through") {
    door d;
    std::string location;
    auto& shop = d.encrypted_instance([&](int, const std::string& request) {
        if (request.starts_with("GET /away"))
            return says("HTTP/1.1 303 See Other\r\nLocation: " + location + "\r\nContent-Length: 0\r\n\r\n");
        return says(ok);
    });
    location = shop.url("/y");
    for (int i = 0; i < 3; ++i) CHECK_THAT(d.get(), StartsWith("HTTP/1.1 200") && EndsWith("hi"));
    CHECK_THAT(d.get("/api/Shop/away"), Contains("Location: /api/Shop/y\r\n"));
    CHECK_THAT(d.through_door(get_x), StartsWith("HTTP/1.1 200"));
}

TEST_CASE("an instance may have the certificate that its registration names, whoever vouches for it") {
    const test_certificate self({.names = {"whoever"}});
    const auto naming = [](const test_certificate& c) {
        return R"("Tags":["gateway"],"CertificateSha256":")" + c.sha256() + '"';
    };
    door named;
    auto& shop = named.encrypted_instance(says_ok, self, naming(self));
    CHECK_THAT(named.get(), StartsWith("HTTP/1.1 200") && EndsWith("hi"));
    named.w.until("the registry has probed it", [&] {
        return std::ranges::any_of(shop.requests(), [](const auto& q) { return q.starts_with("GET /hb"); });
    });
    door foreign;
    auto& other = foreign.encrypted_instance(says_ok, foreign.own, naming(self));
    CHECK_THAT(foreign.get(), StartsWith("HTTP/1.1 502") && Contains("not trusted"));
    CHECK(other.requests().empty());
}

TEST_CASE("a connection to an instance is not used for who names another certificate at the same address") {
    const test_certificate self({.names = {"whoever"}});
    door d;
    auto& shop = d.encrypted_instance(says_ok, self,
                                      R"("Tags":["gateway"],"CertificateSha256":")" + self.sha256() + '"');
    CHECK_THAT(d.get(), StartsWith("HTTP/1.1 200"));
    const auto kept = shop.connections();
    CHECK_THAT(d.get(), StartsWith("HTTP/1.1 200"));
    CHECK(shop.connections() == kept);
    auto url = shop.url();
    url.pop_back();
    const auto register_with = [&](const std::string& pin) {
        const auto taken =
            d.w.http("POST", d.registry + "/services",
                     R"({"ServiceName":"Shop","ServiceURL":")" + url + R"(","HeartbeatURL":")" + url +
                         R"(/hb","Tags":["gateway"],)" + R"("CertificateSha256":")" + pin + R"("})");
        REQUIRE(taken.status == 200);
    };
    register_with(d.own.sha256());
    d.w.until("the gateway refuses what the instance shows",
              [&] { return d.get().starts_with("HTTP/1.1 502"); });
    const auto asked = shop.requests().size();
    CHECK_THAT(d.get(), StartsWith("HTTP/1.1 502") && Contains("not trusted"));
    CHECK(shop.requests().size() == asked);
    register_with(self.sha256());
    d.w.until("it is taken again", [&] { return d.get().starts_with("HTTP/1.1 200"); });
}

TEST_CASE("a body that is sent to an instance with TLS is not cut short by what is no answer") {
    door d;
    auto& shop = d.encrypted_instance(says_ok);
    const std::string body(3 << 20, 'b');
    auto peer = d.come_in();
    peer.send("POST /api/Shop/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += 100'000) peer.send(body.substr(at, 100'000));
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 200"));
    CHECK_THAT(shop.requests().back(), EndsWith(body));
}

TEST_CASE("a WebSocket goes through both kinds of TLS, with its half-closes") {
    door d;
    d.encrypted_instance([](int, const std::string& request) {
        if (!request.starts_with("GET /ws")) return says(ok);
        return says_and_closes(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello");
    });
    auto peer = d.come_in();
    peer.send(
        "GET /api/Shop/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: "
        "Upgrade\r\nSec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n");
    CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 101") && EndsWith("hello"));
    CHECK(peer.tls()->was_told_goodbye());
}

TEST_CASE("what an instance says after the client's half-close comes through both kinds of TLS") {
    door d;
    auto& shop = d.encrypted_instance([](int, const std::string& request) {
        if (request.starts_with("frame")) return says("<" + request + ">");
        return says(request.starts_with("GET /ws")
                        ? "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\n\r\n"
                        : ok);
    });
    auto peer = d.come_in();
    peer.send(get_request("/api/Shop/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
    CHECK_THAT(peer.read_some(), StartsWith("HTTP/1.1 101"));
    peer.send_last("frame\r\n\r\n");
    CHECK_THAT(peer.read_until_close(), EndsWith("<frame\r\n\r\n>"));
    CHECK(peer.tls()->was_told_goodbye());
    CHECK(shop.requests().back() == "frame\r\n\r\n");
}

TEST_CASE("certificates are exchanged under load without a lost request") {
    door d;
    d.instance(says_ok);
    for (int i = 0; i < 20; ++i) {
        const test_certificate next({.names = {"localhost"}, .subject = "number " + std::to_string(i)});
        auto before = d.come_in();
        before.send("GET /api/Shop/x HTTP/1.1\r\nHost: localhost\r\n\r\n");
        CHECK_THAT(before.read_answer(), StartsWith("HTTP/1.1 200"));
        d.write("own", next.pair());
        d.w.time.advance(distd::seconds(6));
        before.send(get_x);
        CHECK_THAT(before.read_until_close(), StartsWith("HTTP/1.1 200"));
        auto after = d.come_in();
        CHECK(after.tls()->certificate_sha256() == next.sha256());
        after.send(get_x);
        CHECK_THAT(after.read_until_close(), StartsWith("HTTP/1.1 200"));
    }
}
