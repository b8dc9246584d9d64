#include "role/registry/call_targets.hpp"

#include <catch2/catch.hpp>

using namespace distd;
using namespace distd::registry;
using Catch::Contains;

namespace {

struct fixture {
    std::string problem(const std::string& heartbeat, const std::string& update = {}) const {
        registration r;
        r.name = "A";
        r.url = "https://anything.example";  // is handed on, and never called
        r.heartbeat_url = heartbeat;
        r.update_url = update;
        return problem_with(r);
    }
    std::string problem_with(const registration& r) const {
        return targets.problem_with(r, url_place(r.url));
    }

    bool is_exposed = false;
    call_targets targets{std::nullopt, [this] { return is_exposed; }};
};

}  // namespace

TEST_CASE_METHOD(fixture, "without a choice loopback is called, and private addresses once others reach us") {
    CHECK(problem("http://127.0.0.1:1/h", "http://[::1]:1/u").empty());
    CHECK(problem("http://localhost/h").empty());
    CHECK(problem("").empty());
    const auto refused = problem("", "http://192.168.1.5:80/u");
    CHECK_THAT(refused, Contains("ServiceUpdateURL: 192.168.1.5 is not an address"));
    CHECK_THAT(refused, Contains("--registry-allow=loopback,192.168.1.5 would allow it"));
    CHECK_THAT(problem("http://[::ffff:10.0.0.1]/h"), Contains("HeartbeatURL"));
    is_exposed = true;
    CHECK(problem("", "http://192.168.1.5:80/u").empty());
    CHECK(problem("http://[::ffff:10.0.0.1]/h").empty());
    CHECK_THAT(problem("http://169.254.169.254/latest/meta-data"), Contains("169.254.169.254"));
    CHECK_THAT(problem("http://0.0.0.0:1/"), Contains("0.0.0.0"));
}

TEST_CASE_METHOD(fixture,
                 "a name is no reason at the registration, and its address is judged when it is called") {
    CHECK(problem("http://not-there-yet.example/h").empty());
    CHECK_FALSE(targets.may_call(boost::asio::ip::make_address("192.168.1.5")));
    CHECK(targets.may_call(boost::asio::ip::make_address("127.0.0.1")));
}

TEST_CASE_METHOD(fixture, "what our caller does not speak or understand is refused with what would do") {
    CHECK(problem("https://127.0.0.1/h").empty());
    CHECK_THAT(problem("ftp://127.0.0.1/h"), Contains("HeartbeatURL") && Contains("https://"));
    CHECK_THAT(problem("", "FTP://127.0.0.1/u"), Contains("ServiceUpdateURL"));
    CHECK_THAT(problem("https://192.168.1.5/h"), Contains("HeartbeatURL"));
    CHECK_THAT(problem("http://127.1/h"), Contains("HeartbeatURL"));
    CHECK_THAT(problem("http://0x7f000001/h"), Contains("HeartbeatURL"));
    CHECK_THAT(problem("http://u:p@127.0.0.1/h"), Contains("credentials"));
    CHECK_THAT(problem("http://127.0.0.1/%zz"), Contains("%XX"));
}

TEST_CASE_METHOD(fixture, "a ServiceURL is judged by its address too, whatever its scheme") {
    registration r{"A", "http://169.254.169.254/latest", {}, "", ""};
    CHECK_THAT(problem_with(r), Contains("ServiceURL: 169.254.169.254"));
    r.url = "169.254.169.254:80";
    CHECK_THAT(problem_with(r), Contains("ServiceURL"));
    r.url = "HTTPS://[::ffff:10.0.0.1]/";
    CHECK_THAT(problem_with(r), Contains("ServiceURL"));
    is_exposed = true;
    CHECK(problem_with(r).empty());
    r.url = "localhost:8000";
    CHECK(problem_with(r).empty());
}

TEST_CASE("a choice replaces the default") {
    std::string error;
    const call_targets targets(http::address_filter::parse({"10.0.0.0/8"}, error), [] { return true; });
    CHECK(targets.may_call(boost::asio::ip::make_address("10.1.1.1")));
    CHECK_FALSE(targets.may_call(boost::asio::ip::make_address("127.0.0.1")));
    CHECK_FALSE(targets.may_call(boost::asio::ip::make_address("192.168.1.5")));
}
