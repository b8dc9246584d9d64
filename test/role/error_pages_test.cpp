// The error pages of the portal and its gateway: which request they are about, and who is led to the console.
#include <catch2/catch.hpp>

#include "support/raw_peer.hpp"
#include "support/world.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;

namespace {

struct scene {
    explicit scene(std::vector<std::string> flags = {}) {
        w.start("registry", "registry");
        flags.push_back("--registry=" + registry());
        w.start("portal", "portal", std::move(flags));
    }
    [[nodiscard]] std::string registry() const { return w.address("registry", "registry"); }

    // As a browser at that address asks.
    std::string page(const std::string& path, const std::string& headers = {},
                     const std::string& from = "127.0.0.1") {
        const auto port = port_of(w.address("portal", "portal"));
        raw_peer peer(
            port, [this] { w.pump(); }, from);
        peer.send("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port) +
                  "\r\nAccept: text/html\r\nConnection: close\r\n" + headers + "\r\n");
        return peer.read_until_close();
    }
    // Of a failure of the gateway.
    std::string failure(const std::string& headers = {}, const std::string& from = "127.0.0.1") {
        return page("/api/nobody/x", headers, from);
    }

    in_process_world w;
};

std::string id_in(const std::string& answer) {
    const std::string field = "X-Request-Id: ";
    const auto at = answer.find(field) + field.size();
    return answer.substr(at, answer.find('\r', at) - at);
}

const std::string other_machine = "127.0.77.1";  // see remote_clients

}  // namespace

TEST_CASE("an error page shows the request's id, and leads who sits at this machine to the console on it") {
    scene s;
    CHECK_THAT(s.failure(), Contains("request ") && !Contains("in the console"));
    s.w.start("console", "console", {"--registry=" + s.registry()});
    const auto place = s.w.address("console", "console") + "/requests/";
    s.w.until("the gateway knows the console", [&] { return s.failure().find(place) != std::string::npos; });
    for (const auto* path : {"/api/nobody/x", "/nowhere", "/assets/none.css", "/students/7"}) {
        CAPTURE(path);
        const auto answer = s.page(path);
        CHECK_THAT(answer, Contains("request " + id_in(answer) + "</span>") &&
                               Contains("href=\"" + place + id_in(answer) + "\""));
    }
    for (const auto* proxied :
         {"Via: 1.1 proxy\r\n", "Forwarded: for=10.0.0.1\r\n", "X-Forwarded-For: 10.0.0.1\r\n"})
        CHECK_THAT(s.failure(proxied), Contains("request ") && !Contains("in the console"));
    CHECK_THAT(s.failure({}, other_machine), Contains("request ") && !Contains("in the console"));
    // Of two consoles one may be an impostor.
    s.w.http("POST", s.registry() + "/services",
             R"({"ServiceName":"Console","ServiceURL":"http://127.0.0.1:9"})");
    s.w.until("the gateway knows both",
              [&] { return s.failure().find("in the console") == std::string::npos; });
}

TEST_CASE("a console that nobody has confirmed, or that is elsewhere, is no console to lead to") {
    scene s;
    for (const auto* url : {"http://127.0.0.1:9", "http://10.0.0.7:5050"}) {
        s.w.http("POST", s.registry() + "/services",
                 R"({"ServiceName":"Console","Tags":["gateway"],"ServiceURL":")" + std::string(url) + "\"}");
        s.w.until("the gateway has it in its list", [&] {
            return s.w.http("GET", s.w.address("portal", "portal") + "/gateway/status")
                       .body.find("Console") != std::string::npos;
        });
        CHECK_THAT(s.failure(), Contains("request ") && !Contains("in the console"));
        s.w.http("DELETE", s.registry() + "/services", R"({"ServiceURL":")" + std::string(url) + "\"}");
    }
}

TEST_CASE("everybody is led to the console whose address the operator has set") {
    scene s({"--portal-console-url=https://ops.example.net/console/"});
    for (const auto* from : {"127.0.0.1", other_machine.c_str()}) {
        const auto answer = s.failure("Via: 1.1 proxy\r\n", from);
        CHECK_THAT(answer,
                   Contains("href=\"https://ops.example.net/console/requests/" + id_in(answer) + "\""));
    }
    CHECK_THROWS_WITH(s.w.start("other", "portal", {"--portal-console-url=ftp://ops"}),
                      Contains("--portal-console-url=ftp://ops") && Contains("http://"));
}
