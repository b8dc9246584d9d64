// Whom the registry calls, whom it refuses to call, and that nobody is held up by those who do not answer.
#include <boost/asio/ip/tcp.hpp>
#include <catch2/catch.hpp>

#include "support/world.hpp"
#include "unit/http/client/raw_server.hpp"

namespace {

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using action = raw_server::action;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

raw_server::script well() {
    return [](int, const std::string&) { return action{ok}; };
}

struct scene {
    explicit scene(const std::vector<std::string>& flags = {}) { w.start("registry", "registry", flags); }

    std::string services() const { return w.address("registry", "registry") + "/services"; }
    http_answer enroll(const std::string& name, const std::string& url, const std::string& more) {
        const auto body = R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + '"' + more + "}";
        return w.http("POST", services(), body);
    }
    http_answer enroll_probed(const std::string& name, const std::string& heartbeat) {
        return enroll(name, "http://" + name, R"(,"HeartbeatURL":")" + heartbeat + '"');
    }
    std::string list() { return w.http("GET", services()).body; }
    bool lists(const std::string& text) { return list().find(text) != std::string::npos; }

    in_process_world w;
};

std::size_t count(const std::string& text, const std::string& piece) {
    std::size_t n = 0;
    for (auto at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
    return n;
}

}  // namespace

TEST_CASE("a URL that may not be called is refused with the field, the address and the flag") {
    scene s;
    const auto refusal = [&](const std::string& more) {
        const auto a = s.enroll("A", "http://a", more);
        CHECK(a.status == 400);
        return a.body;
    };
    CHECK_THAT(refusal(R"(,"HeartbeatURL":"http://10.1.2.3/h")"),
               Contains("HeartbeatURL: 10.1.2.3") && Contains("--registry-allow=loopback,10.1.2.3"));
    CHECK_THAT(refusal(R"(,"ServiceUpdateURL":"http://169.254.169.254/latest")"),
               Contains("ServiceUpdateURL: 169.254.169.254"));
    CHECK_THAT(refusal(R"(,"ServiceUpdateURL":"http://0.0.0.0:80/")"), Contains("0.0.0.0"));
    CHECK_THAT(refusal(R"(,"HeartbeatURL":"http://u:p@127.0.0.1/h")"), Contains("credentials"));
    CHECK_THAT(refusal(R"(,"HeartbeatURL":"https://10.1.2.3/h")"), Contains("HeartbeatURL: 10.1.2.3"));
    CHECK_THAT(refusal(R"(,"HeartbeatURL":"http://127.1/h")"), Contains("HeartbeatURL"));
    CHECK(s.list() == "[]");
    CHECK(s.enroll("A", "https://a.example", "").status == 200);  // is handed on, and never called
    CHECK(s.enroll_probed("B", "http://not-there-yet.invalid/h").status == 200);
}

TEST_CASE("--registry-allow replaces the default, at the registration and at each connection") {
    scene s({"--registry-allow=192.0.2.0/24"});
    raw_server server(s.w.loop, well());
    CHECK_THAT(s.enroll_probed("A", server.url("/h")).body, Contains("it calls 192.0.2.0/24"));
    const auto by_name = "http://localhost:" + std::to_string(server.port()) + "/h";
    CHECK(s.enroll_probed("B", by_name).status == 200);
    s.w.until("it is lost", [&] { return s.lists(R"("lost")"); });
    CHECK(server.connections() == 0);
}

TEST_CASE("an invalid address rule is refused at the start, with the setting's name") {
    in_process_world w;
    CHECK_THROWS_WITH(w.start("registry", "registry", {"--registry-allow=loopback,10.0.0.0/40"}),
                      Contains("--registry-allow=loopback,10.0.0.0/40") && Contains("'10.0.0.0/40'") &&
                          Contains("number of bits"));
}

TEST_CASE("the instances of one source address are limited, others are not affected") {
    scene s({"--registry-max-per-address=2"});
    CHECK(s.enroll("A", "http://a", "").status == 200);
    CHECK(s.enroll("B", "http://b", "").status == 200);
    CHECK(s.enroll("A", "http://a", "").status == 200);
    const auto a = s.enroll("C", "http://c", "");
    CHECK(a.status == 429);
    CHECK(a.header("Content-Type") == "application/problem+json");
    CHECK_THAT(a.body,
               Contains("127.0.0.1 has registered 2 instances") && Contains("registry-max-per-address"));
    CHECK(s.w.http("DELETE", s.services(), "http://a", "text/plain").status == 200);
    CHECK(s.enroll("C", "http://c", "").status == 200);
    CHECK(s.enroll("D", "http://d", "").status == 429);
    s.w.stop("registry");
    s.w.start("registry", "registry", {"--registry-max-per-address=2"});
    CHECK(s.enroll("D", "http://d", "").status == 429);  // those that were kept count as before
    CHECK(s.enroll("B", "http://b", "").status == 200);
}

TEST_CASE("the bytes registered by one source address are limited, over restarts too") {
    const std::vector<std::string> flags{"--registry-max-bytes-per-address=4KiB"};
    scene s(flags);
    const auto large = R"(,"Zone":"z","Meta":{"a":")" + std::string(1000, 'x') + R"("})";
    for (const auto* url : {"http://a", "http://b", "http://c"})
        CHECK(s.enroll("A", url, large).status == 200);
    for (int life = 0; life < 2; ++life) {
        const auto refused = s.enroll("A", "http://d", large);
        CHECK(refused.status == 429);
        CHECK_THAT(refused.body, Contains("4096 bytes") && Contains("--registry-max-bytes-per-address"));
        CHECK(s.enroll("A", "http://c", large).status == 200);
        s.w.stop("registry");
        s.w.start("registry", "registry", flags);
    }
    CHECK(s.w.http("DELETE", s.services(), "http://a", "text/plain").status == 200);
    CHECK(s.enroll("A", "http://d", large).status == 200);
}

TEST_CASE("the added fields of a registration are bounded together") {
    scene s;
    const auto meta_of = [](int pairs) {
        std::string meta;
        for (int i = 0; i < pairs; ++i)
            meta += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":\"" + std::string(1020, 'x') + '"';
        return R"(,"Meta":{)" + meta + '}';
    };
    const auto refused = s.enroll("A", "http://a", meta_of(8));
    CHECK(refused.status == 400);
    CHECK_THAT(refused.body, Contains("Meta") && Contains("at most 8192"));
    CHECK(s.enroll("A", "http://a", meta_of(7)).status == 200);
}

TEST_CASE("a registration refused by a full registry is not charged to its address") {
    scene s({"--registry-max-instances=1", "--registry-max-per-address=2"});
    CHECK(s.enroll("A", "http://a", "").status == 200);
    CHECK(s.enroll("B", "http://b", "").status == 503);
    CHECK(s.enroll("C", "http://c", "").status == 503);  // and not 429
}

TEST_CASE("an instance whose heartbeat redirects is lost, and the redirect is not followed") {
    scene s;
    raw_server elsewhere(s.w.loop, well());
    raw_server server(s.w.loop, [&](int, const std::string&) {
        return action{"HTTP/1.1 302 Found\r\nLocation: " + elsewhere.url() + "\r\nContent-Length: 0\r\n\r\n"};
    });
    s.enroll_probed("A", server.url("/h"));
    s.w.until("it is lost", [&] { return s.lists("answered 302") || s.lists(R"("lost")"); });
    CHECK(elsewhere.connections() == 0);
}

TEST_CASE("probes and patches of one service share a connection") {
    scene s;
    raw_server server(s.w.loop, well());
    s.enroll("A", "http://a",
             R"(,"RequiredServices":["B"],"ServiceUpdateURL":")" + server.url("/u") +
                 R"(","HeartbeatURL":")" + server.url("/h") + '"');
    s.w.until("it is probed twice", [&] {
        return count(
                   [&] {
                       std::string all;
                       for (const auto& r : server.requests()) all += r;
                       return all;
                   }(),
                   "GET /h") == 2;
    });
    s.enroll("B", "http://b", "");
    s.w.until("it is told", [&] { return server.requests().back().starts_with("POST /u"); });
    CHECK(server.connections() == 1);
}

TEST_CASE("five hundred instances whose heartbeats hang delay no other probe") {
    scene s;
    // The kernel takes their connections and requests; nobody says anything.
    std::vector<boost::asio::ip::tcp::acceptor> silent;
    for (int i = 0; i < 500; ++i) {
        silent.emplace_back(s.w.loop,
                            boost::asio::ip::tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0));
        const auto at = "http://127.0.0.1:" + std::to_string(silent.back().local_endpoint().port()) + "/h";
        REQUIRE(s.enroll_probed("H" + std::to_string(i), at).status == 200);
    }
    raw_server server(s.w.loop, well());
    for (int i = 0; i < 10; ++i)
        REQUIRE(s.enroll_probed("W" + std::to_string(i), server.url("/" + std::to_string(i) + "/")).status ==
                200);
    const auto begin = s.w.time.now();
    const auto probes_of = [&](int i) {
        std::size_t n = 0;
        for (const auto& r : server.requests())
            n += r.starts_with("GET /" + std::to_string(i) + "/ ") ? 1 : 0;
        return n;
    };
    // Six intervals: the hanging ones are lost after the first, and are tried in vain ever since.
    while (s.w.time.now() - begin < seconds(18)) s.w.time.advance(milliseconds(20));
    for (int i = 0; i < 10; ++i) {
        CHECK(probes_of(i) >= 5);
        CHECK(probes_of(i) <= 7);
    }
    CHECK(count(s.list(), R"("lost")") == 500);
}
