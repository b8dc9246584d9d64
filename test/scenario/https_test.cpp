// A system whose processes call each other by https:// alone: registrations, heartbeats, patches, log lines
// and what is asked of services.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "scenario/scenario.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificate.hpp"
#include "support/tls_peer.hpp"

using namespace distd::test;
using Catch::StartsWith;

namespace {

struct encrypted_town {
    encrypted_town() {
        write("root", root.certificate());
        write("own", own.pair());
    }
    void write(const std::string& name, const std::string& text) const {
        const std::string file = dir / name;
        std::ofstream(file) << text;
        REQUIRE(::chmod(file.c_str(), 0600) == 0);
    }
    // In a process of its own; its address with https://.
    std::string start(const std::string& role, strings more = {}) {
        more.push_back("--tls-listen=127.0.0.1:0");
        more.push_back("--tls-cert-file=" + std::string(dir / "own"));
        more.push_back("--tls-ca-file=" + std::string(dir / "root"));
        w.start(role, role, with(pace(w), more));
        const auto url = w.address(role, role + "-tls");
        speak_tls_at(port_of(url));
        urls.push_back(url);
        return url;
    }
    ~encrypted_town() {
        for (const auto& url : urls) forget_tls_at(port_of(url));
    }
    [[nodiscard]] bool is_listed(const std::string& name, const std::string& url) {
        const auto all = listed(w, urls.front(), name);
        return all.size() == 1 && all[0].url == url && all[0].health == "passing";
    }

    temp_dir dir;
    const test_certificate root{{.names = {}, .subject = "root", .is_authority = true}};
    const test_certificate own{{.names = {"127.0.0.1"}}, &root};
    process_world w;
    strings urls;  // the registry's first
};

}  // namespace

TEST_CASE("a system whose processes call each other by https:// alone works as one without", "[scenario]") {
    encrypted_town t;
    const auto registry = t.start("registry");
    const auto there = registry_at(registry);
    const auto log = t.start("log", {there});
    const auto grading = t.start("grading", {there});
    const auto portal = t.start("portal", {there, "--portal-http=redirect"});
    const auto console = t.start("console", {there});
    t.w.until("all are registered with https, and their heartbeats are answered", [&] {
        return t.is_listed("LogService", log) && t.is_listed("GradingService", grading) &&
               t.is_listed("Portald", portal) && t.is_listed("Console", console);
    });
    t.w.until("the portal has heard of the grade book, and shows it",
              [&] { return t.w.http("GET", portal + "/students").status == 200; });
    t.w.until("the console shows the system", [&] {
        const auto page = t.w.http("GET", console + "/");
        return page.status == 200 && page.body.find("GradingService") != std::string::npos;
    });
    t.w.until("lines of the grade book are at the log",
              [&] { return !log_lines(t.w, log, "service:GradingService path:/students").empty(); });
    t.w.stop("grading");
    t.w.until("the portal has heard that the grade book is gone",
              [&] { return t.w.http("GET", portal + "/students").status == 503; });
}
