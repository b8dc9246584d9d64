// Services of ours show nothing secret to whoever listens at their registry's address: only proofs of single
// calls, which are of no use to anybody else.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "http/message/call_proof.hpp"
#include "http/message/url.hpp"
#include "role/registry_fixture.hpp"
#include "unit/http/client/raw_server.hpp"
#include "wire/owner_secret.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;

// A service of another make with a key of its own; its instance confirms it.
struct keyed_service {
    explicit keyed_service(boost::asio::io_context& loop)
        : server(loop, [this](int, const std::string& request) {
              const auto own = std::string(wire::owner_path) + wire::owner_id_of(key) + ' ';
              const bool is_its_own = request.find(own) != std::string::npos;
              return raw_server::action{is_its_own ? "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                                                   : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
          }) {}
    [[nodiscard]] std::string url() const { return server.url(""); }

    http::call_proof proof(wall_point when, const std::string& body) {
        http::call_proof p;
        p.key = wire::owner_id_of(key);
        p.time_ms = std::chrono::floor<milliseconds>(when.time_since_epoch()).count();
        p.sender = 1;
        p.number = ++calls;
        p.body = sha256(body);
        return p;
    }
    void sign(http::call_proof& p, const http::proven_call& c) const {
        p.mac = to_hex(key.sign(p.signed_text(c)));
    }

    signing_key key = wire::owner_key_of("of this service alone");
    std::uint64_t calls = 0;
    raw_server server;
};

struct scene : registry_service {
    http_answer send(const std::string& method, const std::string& path, const std::string& body,
                     const std::string& shown) {
        const auto headers = shown.empty() ? std::string() : "X-Owner-Proof: " + shown + "\r\n";
        return exchange(
            method, url() + path, body, "application/json", [this] { w.pump(); }, headers);
    }
    // As the test's client writes its Host field.
    [[nodiscard]] std::string authority() const { return url().substr(7); }
    http_answer send(keyed_service& by, const std::string& method, const std::string& path,
                     const std::string& body) {
        auto p = by.proof(w.time.wall(), body);
        by.sign(p, {method, path, authority()});
        return send(method, path, body, p.text());
    }
};

}  // namespace

TEST_CASE("a registration that its instance confirms belongs to the key that it was proven with") {
    scene s;
    keyed_service it(s.w.loop);
    const auto body = instance("A", it.url(), R"(,"TTL":"1m")");
    REQUIRE(s.send(it, "POST", "/services", body).status == 200);
    CHECK_THAT(s.get("/services").body, Contains(R"("Proven":true)"));
    const auto path = "/services/" + http::percent_encode(it.url());
    keyed_service stranger(s.w.loop);
    stranger.key = wire::owner_key_of("somebody else");
    CHECK(s.send(stranger, "DELETE", "/services", it.url()).status == 403);
    CHECK(s.send(stranger, "PUT", path + "/drain", "").status == 403);
    CHECK(s.send(stranger, "PUT", path + "/heartbeat", "").status == 403);
    CHECK(s.send(stranger, "POST", "/services", body).status == 403);
    CHECK(s.send("DELETE", "/services", it.url(), "").status == 403);
    CHECK(s.send(it, "PUT", path + "/heartbeat", "").status == 200);
    CHECK(s.send(it, "PUT", path + "/drain", "").status == 200);
    CHECK(s.send(it, "POST", "/services", body).status == 200);
    CHECK(s.send(it, "DELETE", "/services", it.url()).status == 200);
}

TEST_CASE("a proof is good for one call, once, at this registry, within a minute, and in order") {
    scene s;
    keyed_service it(s.w.loop);
    const auto body = instance("A", it.url());
    const auto here = s.authority();
    const http::proven_call call{"POST", "/services", here};
    auto p = it.proof(s.w.time.wall(), body);
    const auto refused = [&](const std::string& why) {
        const auto a = s.send("POST", "/services", body, p.text());
        CHECK(a.status == 403);
        CHECK_THAT(a.body, Contains("X-Owner-Proof: ") && Contains(why));
        CHECK(s.get("/services").body == "[]");
    };
    SECTION("another method") {
        it.sign(p, {"DELETE", "/services", call.authority});
        refused("does not match this request");
    }
    SECTION("another path") {
        it.sign(p, {"POST", "/services?x", call.authority});
        refused("does not match this request");
    }
    SECTION("another registry") {
        it.sign(p, {"POST", "/services", "localhost:1"});
        refused("does not match this request");
    }
    SECTION("another body") {
        p.body = sha256("another");
        it.sign(p, call);
        refused("another body");
    }
    SECTION("another key") {
        p.key = wire::owner_id_of(wire::owner_key_of("somebody else"));
        it.sign(p, call);
        refused("does not match this request");
    }
    SECTION("too old") {
        it.sign(p, call);
        s.w.time.advance(seconds(61));
        refused("compare the clocks");
    }
    SECTION("sent again, or after a later one") {
        it.sign(p, call);
        auto later = it.proof(s.w.time.wall(), body);
        it.sign(later, call);
        CHECK(s.send("POST", "/services", body, later.text()).status == 200);
        CHECK(s.send("POST", "/services", body, later.text()).status == 403);
        const auto a = s.send("POST", "/services", body, p.text());
        CHECK(a.status == 403);
        CHECK_THAT(a.body, Contains("a later one of the same owner"));
    }
}

TEST_CASE("what is no proof is refused, and so is a secret beside one") {
    scene s;
    keyed_service it(s.w.loop);
    const auto body = instance("A", it.url());
    auto p = it.proof(s.w.time.wall(), body);
    it.sign(p, {"POST", "/services", s.authority()});
    const auto good = p.text();
    for (const auto& text :
         {std::string("x"), good.substr(0, good.size() - 1), good + "0", good.substr(12), "Bearer " + good})
        CHECK(s.send("POST", "/services", body, text).status == 400);
    CHECK(s.send("POST", "/services", body, good + "\r\nX-Owner-Secret: 0123456789abcdef").status == 400);
    p.body.reset();
    it.sign(p, {"POST", "/services", s.authority()});
    CHECK(s.send("POST", "/services", body, p.text()).status == 400);  // does not say for which body
    CHECK(s.get("/services").body == "[]");
}

TEST_CASE("who listens where a registry was learns nothing by which it could act as the owner there") {
    scene s;
    const auto port = port_of(s.url());
    s.w.stop("registry");
    // Says that it is a registry of another make, so that a service withdraws before it registers.
    raw_server squatter(
        s.w.loop,
        [](int, const std::string&) {
            return raw_server::action{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"};
        },
        "127.0.0.1", port);
    s.w.start("log", "log", {"--registry=http://127.0.0.1:" + std::to_string(port)});
    const auto heard = [&](const std::string& start) {
        const auto& all = squatter.requests();
        const auto found = std::ranges::find_if(all, [&](const auto& r) { return r.starts_with(start); });
        return found == all.end() ? std::string() : *found;
    };
    s.w.until("it was registered", [&] { return !heard("POST /services ").empty(); });
    const auto withdrawal = heard("DELETE /services ");
    REQUIRE_THAT(withdrawal, Contains("X-Owner-Proof: Distd-Proof key="));
    std::string secret;
    std::getline(std::ifstream(s.w.data_dir("log") + "/log/owner.secret"), secret);
    REQUIRE(secret.size() >= wire::min_owner_secret);
    for (const auto& request : squatter.requests()) CHECK_THAT(request, !Contains(secret));

    squatter.close();
    s.w.start("registry", "registry", {"--listen=registry=127.0.0.1:" + std::to_string(port)});
    s.w.until("it is registered", [&] {
        return s.get("/services/LogService").body.find(R"("Proven":true)") != std::string::npos;
    });
    auto again = s.connect();
    again.send(withdrawal);
    CHECK_THAT(again.read_answer(), Catch::StartsWith("HTTP/1.1 403") && Contains("a later one"));
    CHECK(s.get("/services/LogService").status == 200);
}
