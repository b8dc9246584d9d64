// The central log of a system of real processes: one trace through several of them, and the end of one.
#include <catch2/catch.hpp>
#include <map>

#include "scenario/scenario.hpp"
#include "support/foreign_json.hpp"

using namespace distd::test;

namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c";

std::map<std::string, boost::json::value> by_service(const strings& lines) {
    std::map<std::string, boost::json::value> found;
    for (const auto& line : lines) {
        auto record = foreign_parse(line);
        auto name = foreign_text(record, "service");
        found[name] = std::move(record);
    }
    return found;
}

}  // namespace

TEST_CASE("one trace through three processes is one tree, and the end of one of them is in the log",
          "[scenario]") {
    process_world w;
    const auto registry = start_role(w, "registry");
    const auto log = start_role(w, "log", {registry_at(registry)});
    const auto grading = start_role(w, "grading", {registry_at(registry)});
    const auto portal =
        start_role(w, "portal", {registry_at(registry), "--portal-gateway-services=GradingService"});
    const auto ask = [&](const std::string& path) {
        return exchange("GET", portal + path, {}, {}, {},
                        "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n")
            .status;
    };
    w.until("the portal knows the grade book",
            [&] { return w.http("GET", portal + "/students").status == 200; });
    w.until("the gateway knows it, too",
            [&] { return w.http("GET", portal + "/api/GradingService/students").status == 200; });

    CHECK(ask("/students/3") == 200);
    const auto traced = [&] { return by_service(log_lines(w, log, "trace:" + trace)); };
    w.until("both are in the log", [&] { return traced().size() == 2; });
    auto lines = traced();
    CHECK(foreign_text(lines["Portald"], "parent") == "b7ad6b7169203331");
    CHECK(foreign_text(lines["Portald"], "instance") == portal);
    CHECK(foreign_text(lines["GradingService"], "parent") == foreign_text(lines["Portald"], "span"));
    CHECK(foreign_text(lines["GradingService"], "instance") == grading);

    w.kill("grading");
    CHECK(ask("/api/GradingService/students") >= 500);
    const auto failures = [&] { return log_lines(w, log, "status:>=500 trace:" + trace); };
    w.until("the failure is in the log", [&] { return !failures().empty(); });
    const auto failed = foreign_parse(failures().front());
    CHECK(foreign_text(failed, "service") == "Portald");
    CHECK(foreign_text(failed, "level") == "error");
    w.until("the registry has said who is lost",
            [&] { return !log_lines(w, log, "instance_lost service:registry").empty(); });
    const auto lost = foreign_parse(log_lines(w, log, "instance_lost service:registry").front());
    CHECK(foreign_text(lost, "url") == grading);
    CHECK(foreign_text(lost, "instance") == registry);
    CHECK_FALSE(foreign_text(lost, "reason").empty());
}
