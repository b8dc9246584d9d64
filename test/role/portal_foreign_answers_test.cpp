// What grading services of other makes answer, and what the pages make of it.
#include <catch2/catch.hpp>

#include "support/world.hpp"
#include "unit/http/client/raw_server.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

// A portal in front of a grading service that answers everything with these bytes.
struct foreign_site {
    explicit foreign_site(const std::string& body)
        : grading(w.loop, [body](int, const std::string&) {
              return raw_server::action{"HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                                        "\r\n\r\n" + body};
          }) {
        w.start("registry", "registry");
        w.start("portal", "portal", {"--registry=" + w.address("registry", "registry")});
        w.http("POST", w.address("registry", "registry") + "/services",
               R"({"ServiceName":"GradingService","ServiceURL":")" + grading.url("") + "\"}");
        w.until("the portal knows it",
                [&] { return get("/status").body.find("127.0.0.1") != std::string::npos; });
    }
    http_answer get(const std::string& path) { return w.http("GET", w.address("portal", "portal") + path); }

    in_process_world w;
    raw_server grading;
};

}  // namespace

TEST_CASE("null for the list of students is a book without any") {
    foreign_site s("null\n");
    const auto page = s.get("/students");
    CHECK(page.status == 200);
    CHECK_THAT(page.body, Contains("There are no students yet"));
}

TEST_CASE("an answer that is no list is named as what it is, with a way to try again") {
    foreign_site s("{}");
    const auto page = s.get("/students");
    CHECK(page.status == 502);
    CHECK_THAT(page.body,
               Contains("GradingService sent an answer that cannot be parsed: expected an array") &&
                   Contains("href=\"/students\">Try again"));
}
