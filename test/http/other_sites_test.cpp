// Browsers send much to 127.0.0.1 because some page told them to. The roles whose changes carry no token of a
// page of theirs take none of that.
#include "role/registry_fixture.hpp"
#include "support/raw_peer.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

struct changed_service {
    std::string role;
    std::string service;
    std::string path;
    std::string body;
    std::string read;  // what it changes is seen here
    std::string mark;
};

const std::vector<changed_service> services{
    {"registry", "registry", "/services", instance("GradingService", "http://127.0.0.1:9"), "/services",
     "127.0.0.1:9"},
    {"registry", "registry", "/config/a", "evil", "/config/a", "evil"},
    {"log", "log", "/log", "[Evil] - evil", "/log", "evil"},
    {"grading", "grading", "/students/1/grades", R"({"title":"evil","type":"exam","score":1})", "/students/1",
     "evil"},
};

struct scene {
    explicit scene(const changed_service& s) : what(s) { w.start(s.role, s.role, {"--allowed-hosts=distd"}); }

    std::string url() const { return w.address(what.role, what.service); }
    std::string change(const std::string& fields) {
        raw_peer peer(port_of(url()), [this] { w.pump(); });
        const std::string method = what.path.starts_with("/config") ? "PUT " : "POST ";
        peer.send(method + what.path + " HTTP/1.1\r\nHost: distd:80\r\n" + fields +
                  "Content-Length: " + std::to_string(what.body.size()) + "\r\n\r\n" + what.body);
        return peer.read_answer();
    }
    bool has_changed() { return w.http("GET", url() + what.read).body.find(what.mark) != std::string::npos; }

    const changed_service& what;
    in_process_world w;
};

}  // namespace

TEST_CASE("cross-site requests change nothing at a registry, a log or a grade book") {
    for (const auto& s : services) {
        INFO(s.path);
        scene f(s);
        for (const std::string field :
             {"Origin: http://evil.example", "Origin: null", "Origin: http://distd:81",
              "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site\r\nOrigin: http://distd:80"})
            CHECK_THAT(f.change(field + "\r\nContent-Type: text/plain\r\n"),
                       StartsWith("HTTP/1.1 403") && Contains("another site"));
        CHECK_FALSE(f.has_changed());
    }
}

TEST_CASE("programs, same-site pages and pages behind a gateway are accepted") {
    for (const auto& s : services) {
        INFO(s.path);
        for (const std::string field :
             {"", "Origin: http://distd:80\r\n", "Sec-Fetch-Site: same-origin\r\n",
              "Sec-Fetch-Site: none\r\n", "Origin: http://gate:1\r\nX-Forwarded-Host: gate:1\r\n"}) {
            scene f(s);
            CHECK_THAT(f.change(field), StartsWith("HTTP/1.1 2"));
            CHECK(f.has_changed());
        }
    }
}

TEST_CASE("cross-site reads are not refused: browsers hide their answers from the page") {
    scene f(services.front());
    raw_peer peer(port_of(f.url()), [&f] { f.w.pump(); });
    peer.send(get_request("/services", "Origin: http://evil.example\r\n"));
    const auto answer = peer.read_answer();
    CHECK_THAT(answer, StartsWith("HTTP/1.1 200") && !Contains("Access-Control"));
}
