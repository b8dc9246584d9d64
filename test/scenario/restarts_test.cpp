// Any order of start, any restart: the system heals by itself, and says meanwhile what is missing.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "scenario/scenario.hpp"
#include "support/foreign_json.hpp"

using namespace distd::test;

namespace {

constexpr auto form = "application/x-www-form-urlencoded";

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

std::size_t times_listed(world& w, const std::string& registry, const std::string& name) {
    return listed(w, registry, name).size();
}

// The whole small system, a role for each process.
template <class World>
struct small_system {
    small_system() {
        registry = start_role(w, "registry");
        log = start_role(w, "log", {registry_at(registry)});
        grading = start_role(w, "grading", {registry_at(registry)});
        portal = start_role(w, "portal", {registry_at(registry)});
        soon(w, "everybody is registered", [&] { return all_listed(); });
        soon(w, "the portal shows students", [&] { return portal_status() == 200; });
    }
    [[nodiscard]] bool all_listed() {
        return times_listed(w, registry, "LogService") == 1 &&
               times_listed(w, registry, "GradingService") == 1 && times_listed(w, registry, "Portald") == 1;
    }
    [[nodiscard]] int portal_status() { return w.http("GET", portal + "/students").status; }
    void start_again(const std::string& role, const std::string& url) {
        start_role(w, role,
                   role == "registry" ? strings{listen_at(role, url)}
                                      : strings{listen_at(role, url), registry_at(registry)});
    }

    World w;
    std::string registry;
    std::string log;
    std::string grading;
    std::string portal;
};

}  // namespace

TEMPLATE_TEST_CASE("services that start before the registry register once it is up", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");  // for its address
    w.stop("registry");
    const auto portal = start_role(w, "portal", {registry_at(registry)});
    start_role(w, "grading", {registry_at(registry)});
    const auto log = start_role(w, "log", {registry_at(registry)});
    const auto page = w.http("GET", portal + "/students");
    CHECK(page.status == 503);
    CHECK(holds(page.body, "GradingService is missing"));

    start_role(w, "registry", {listen_at("registry", registry)});
    w.until("the portal shows students", [&] { return w.http("GET", portal + "/students").status == 200; });
    for (const auto* name : {"LogService", "GradingService", "Portald"})
        w.until(name, [&] { return times_listed(w, registry, name) == 1; });
    w.until("what the portal said before is in the log",
            [&] { return !log_lines(w, log, "grading_call_failed").empty(); });
}

TEMPLATE_TEST_CASE("a registry restarted with its data knows all services, and sends no duplicate patches",
                   "[scenario]", in_process_world, process_world) {
    small_system<TestType> s;
    foreign_service user({.name = "User", .required = {"GradingService", "Marker"}});
    foreign_service marker({.name = "Marker"});
    for (auto* f : {&user, &marker}) f->start();
    enroll(s.w, user, s.registry);
    CHECK(user.providers("GradingService") == strings{s.grading});

    crash(s.w, "registry");
    CHECK(s.portal_status() == 200);  // nobody needs it to go on
    s.start_again("registry", s.registry);
    CHECK(s.all_listed());
    CHECK(times_listed(s.w, s.registry, "User") == 1);
    enroll(s.w, marker, s.registry);
    s.w.until("the user still hears", [&] { return user.providers("Marker").size() == 1; });
    const auto probed = user.heartbeats();
    s.w.until("and is probed", [&] { return user.heartbeats() > probed + 2; });
    CHECK(user.providers("GradingService") == strings{s.grading});
    CHECK(user.added_twice() == 0);
    CHECK(s.all_listed());
    CHECK(s.portal_status() == 200);
}

TEMPLATE_TEST_CASE("a registry that lost its data gets all our services again, once each", "[scenario]",
                   in_process_world, process_world) {
    small_system<TestType> s;
    foreign_service user({.name = "User", .required = {"GradingService"}});
    user.start();

    crash(s.w, "registry");
    std::filesystem::remove_all(s.w.data_dir("registry"));
    s.start_again("registry", s.registry);
    s.w.until("everybody is registered again", [&] { return s.all_listed(); });
    enroll(s.w, user, s.registry);
    const auto probed = user.heartbeats();
    s.w.until("some time has passed", [&] { return user.heartbeats() > probed + 5; });
    CHECK(s.all_listed());
    CHECK(user.providers("GradingService") == strings{s.grading});
    CHECK(user.added_twice() == 0);
    s.w.until("the portal shows students", [&] { return s.portal_status() == 200; });
}

TEMPLATE_TEST_CASE(
    "a service that is restarted at its old address is listed once, and a change of address is told",
    "[scenario]", in_process_world, process_world) {
    small_system<TestType> s;
    foreign_service user({.name = "User", .required = {"GradingService"}});
    user.start();
    enroll(s.w, user, s.registry);

    crash(s.w, "grading");
    s.start_again("grading", s.grading);
    s.w.until("it is known at its address",
              [&] { return s.all_listed() && user.providers("GradingService") == strings{s.grading}; });
    crash(s.w, "grading");
    const auto moved = start_role(s.w, "grading", {registry_at(s.registry)});
    s.w.until("it is known at its new address only",
              [&] { return user.providers("GradingService") == strings{moved}; });
    CHECK(user.added_twice() == 0);
    s.w.until("the portal shows students", [&] { return s.portal_status() == 200; });
}

TEMPLATE_TEST_CASE("lines logged during an outage of the log service arrive at its new address, in order",
                   "[scenario]", in_process_world, process_world) {
    small_system<TestType> s;
    const auto ask = [&](int id) {
        CHECK(s.w.http("GET", s.grading + "/students/" + std::to_string(id)).status == 404);
    };
    ask(9000);
    s.w.until("a line is there", [&] { return !log_lines(s.w, s.log, "path:/students/9000").empty(); });
    crash(s.w, "log");
    constexpr int count = 50;
    for (int i = 1; i <= count; ++i) ask(9000 + i);
    s.w.start("moved log", "log", with(pace(s.w), {registry_at(s.registry)}));
    const auto log = s.w.address("moved log", "log");
    s.w.until("the last line is there", [&] { return !log_lines(s.w, log, "path:/students/9050").empty(); });
    const auto lines = log_lines(s.w, log, "path:/students/90*");
    int next = 1;
    for (const auto& line : lines)
        if (next <= count && holds(line, "/students/" + std::to_string(9000 + next))) ++next;
    CHECK(next == count + 1);  // each of them, none before the one it follows
    ask(9099);
    s.w.until("what is written now comes at once",
              [&] { return !log_lines(s.w, log, "path:/students/9099").empty(); });
}

TEMPLATE_TEST_CASE(
    "while the grading service is away the page says so, and its data is there when it is back", "[scenario]",
    in_process_world, process_world) {
    small_system<TestType> s;
    CHECK(s.w.http("POST", s.portal + "/students/2/grades", "Title=Kept&Type=Quiz&Score=50", form).status ==
          303);
    crash(s.w, "grading");
    const auto page = s.w.http("GET", s.portal + "/students");
    CHECK(page.status == 503);
    CHECK(holds(page.body, "GradingService"));
    s.w.until("it is known to be missing", [&] {
        return holds(s.w.http("GET", s.portal + "/students").body, "GradingService is missing");
    });
    const auto refused =
        s.w.http("POST", s.portal + "/students/2/grades", "Title=Typed&Type=Quiz&Score=51", form);
    CHECK(refused.status == 503);
    CHECK(holds(refused.body, "value=\"Typed\""));  // what was typed is not lost

    const auto again = start_role(s.w, "grading", {registry_at(s.registry)});
    s.w.until("the portal shows students", [&] { return s.portal_status() == 200; });
    CHECK(holds(s.w.http("GET", s.portal + "/students/2").body, "Kept"));
    CHECK(foreign_list(foreign_parse(s.w.http("GET", again + "/students/2").body), "Grades").size() == 4);
}

TEST_CASE("acknowledged data survives kill -9 of every process", "[scenario]") {
    small_system<process_world> s;
    foreign_service user({.name = "User", .required = {"LogService"}});
    user.start();
    enroll(s.w, user, s.registry);
    for (int i = 0; i < 20; ++i) user.log("acknowledged " + std::to_string(i) + ";");
    soon(s.w, "its lines are answered", [&] { return user.idle(); });
    for (int i = 0; i < 20; ++i) {
        const auto grade = R"({"Title":"Grade )" + std::to_string(i) + R"(","Type":"Test","Score":60})";
        REQUIRE(s.w.http("POST", s.grading + "/students/5/grades", grade).status == 201);
    }
    foreign_service last({.name = "Last", .heartbeat_path = ""});
    last.start();
    enroll(s.w, last, s.registry);
    for (const auto* role : {"registry", "grading", "log", "portal"}) s.w.kill(role);

    for (const auto& [role, url] : std::map<std::string, std::string>{
             {"registry", s.registry}, {"log", s.log}, {"grading", s.grading}, {"portal", s.portal}})
        s.start_again(role, url);
    CHECK(times_listed(s.w, s.registry, "User") == 1);
    CHECK(times_listed(s.w, s.registry, "Last") == 1);
    const auto taken = user.answers("POST");
    for (std::size_t i = 1; i < taken.size(); ++i) {
        CHECK(taken[i].status == 200);
        CHECK(log_lines(s.w, s.log, "acknowledged " + std::to_string(i - 1) + ";").size() == 1);
    }
    CHECK(foreign_list(foreign_parse(s.w.http("GET", s.grading + "/students/5").body), "Grades").size() ==
          23);
    s.w.until("the portal shows them",
              [&] { return holds(s.w.http("GET", s.portal + "/students/5").body, "Grade 19"); });
    s.w.until("everybody is listed once", [&] { return s.all_listed(); });
}

TEMPLATE_TEST_CASE("all roles in one process behave like separate ones, and survive a restart", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    w.start("all", "all", pace(w));
    const auto portal = w.address("all", "portal");
    soon(w, "the portal shows students", [&] { return w.http("GET", portal + "/students").status == 200; });
    CHECK(w.http("POST", portal + "/students/4/grades", "Title=Kept&Type=Quiz&Score=50", form).status == 303);
    foreign_service user({.name = "User", .required = {"LogService"}});
    user.start();
    enroll(w, user, w.address("all", "registry"));
    user.log("heard by all");
    soon(w, "its line is taken", [&] { return user.idle(); });
    CHECK(user.answers("POST").back().status == 200);

    crash(w, "all");
    w.start("all", "all", pace(w));
    const auto again = w.address("all", "portal");
    w.until("the portal shows students", [&] { return w.http("GET", again + "/students").status == 200; });
    CHECK(holds(w.http("GET", again + "/students/4").body, "Kept"));
    CHECK(log_lines(w, w.address("all", "log"), "heard by all").size() == 1);
}

TEST_CASE("kill -9 during sealing neither loses nor repeats a line", "[scenario]") {
    process_world w;
    const strings nobody{"--registry=http://127.0.0.1:1", "--log-retain-size=64MiB"};
    const std::string text(1000, 'x');
    int sent = 0;
    for (int round = 0; round < 3; ++round) {
        const auto log = start_role(w, "log", nobody);
        for (int batch = 0; batch < 4; ++batch) {
            std::string body;
            for (int i = 0; i < 2000; ++i)
                body += R"({"service":"S","message":")" + std::to_string(sent++) + ' ' + text + "\"}\n";
            REQUIRE(w.http("POST", log + "/log", body, "application/x-ndjson").status == 200);
        }
        w.kill("log");
    }
    const auto log = start_role(w, "log", nobody);
    const auto count = [&] { return w.http("GET", log + "/log/stats?service=S").body; };
    const auto expected =
        R"({"total":)" + std::to_string(sent) + R"(,"counts":[{"count":)" + std::to_string(sent) + "}]}";
    CHECK(count() == expected);
    const auto parts = std::filesystem::path(w.data_dir("log")) / "log" / "parts";
    const auto is_sealed = [&] {
        const std::filesystem::directory_iterator files(parts);
        return std::any_of(begin(files), end(files),
                           [](const auto& file) { return file.path().extension() == ".part"; });
    };
    w.until("closed segments are sealed", is_sealed);
    CHECK(count() == expected);
    w.stop("log");
}
