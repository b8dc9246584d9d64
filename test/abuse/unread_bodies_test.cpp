// An instance that does not read bodies, a request hidden in one, and somebody who asks next.
#include <catch2/catch.hpp>

#include "abuse/listener.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

// Hides a request in the body of another one, which the instance does not read.
TEST_CASE("an answer to what was hidden in a body reaches nobody but who hid it") {
    victim v("registry,portal");
    std::atomic<int> attacked{-1};
    std::atomic<int> asked{-1};
    std::atomic<int> hidden{0};
    instance shop(v, "Shop", [&](int connection, const std::string& request) -> raw_server::action {
        if (request.starts_with("GET /hidden")) return ++hidden, raw_server::action{};
        if (request.starts_with("GET /account")) return asked = connection, raw_server::action{};
        attacked = connection;
        return {ok_answer("first")};
    });
    shop.with_server([](raw_server& s) { s.ignore_bodies(); });
    const std::string body = "GET /hidden HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n";
    std::size_t rounds = 0;
    for (const std::string method : {"POST", "PUT", "DELETE"})
        for (std::size_t i = 0; i < scaled(5); ++i, ++rounds) {
            asked = -1;
            const auto before = hidden.load();
            raw_peer attacker(v.port("portal"));
            static_cast<void>(
                attacker.send(method + " /api/Shop/first HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                              std::to_string(body.size()) + "\r\n\r\n" + body));
            REQUIRE_THAT(attacker.read_answer(), Contains("first"));
            wait_until("the body was taken for a request", [&] { return hidden > before; });
            raw_peer victims(v.port("portal"), {}, another_source);
            static_cast<void>(victims.send(get_request("/api/Shop/account")));
            wait_until("the victim's request is there", [&] { return asked >= 0; });
            CHECK(asked != attacked);
            shop.with_server([&](raw_server& s) {
                s.say(attacked, ok_answer("hidden"));
                s.say(asked, ok_answer("account"));
            });
            CHECK_THAT(victims.read_answer(), Contains("account") && !Contains("hidden"));
        }
    CHECK(rounds >= 15);
    for (const std::string method : {"GET", "HEAD"}) {
        raw_peer peer(v.port("portal"));
        static_cast<void>(peer.send(method +
                                    " /api/Shop/first HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                                    std::to_string(body.size()) + "\r\n\r\n" + body));
        CHECK_THAT(peer.read_until_close(), StartsWith("HTTP/1.1 400"));
    }
}
