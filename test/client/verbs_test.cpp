// What verbs do to a system of real processes, and in whose name. Each verb in each circumstance:
// circumstances_test.cpp.
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>

#include "client/client_fixture.hpp"

using namespace distd::test;
using Catch::Contains;
using Catch::StartsWith;

namespace {

constexpr auto token = "a-token-of-sixteen-letters";

std::string token_file(const temp_dir& dir, const std::string& name, int rights = 0600) {
    std::ofstream(dir / name) << token << "\n";
    ::chmod((dir / name).c_str(), static_cast<mode_t>(rights));
    return dir / name;
}

}  // namespace

TEST_CASE("with a token one is an operator, also of services that have an owner") {
    temp_dir dir;
    small_town t({"--access-token-file=" + token_file(dir, "tokens")});
    t.sh.environment["DISTD_TOKEN"] = token;
    t.start_portal();
    t.until_up("GradingService");
    const auto drained = t.sh.distd({"drain", "GradingService", "--reason=disk swap"});
    CAPTURE(drained.err);
    CHECK(drained.code == 0);
    CHECK_THAT(t.sh.distd({"services", "Grading"}).out, Contains("drained by ann@") && Contains("disk swap"));
    CHECK(t.sh.distd({"undrain", "GradingService"}).code == 0);
}

TEST_CASE("the token is read from the user's own file, which nobody else may read") {
    temp_dir dir;
    small_town t({"--access-token-file=" + token_file(dir, "tokens")});
    t.sh.environment["XDG_CONFIG_HOME"] = dir.path();
    ::mkdir((dir / "distd").c_str(), 0700);
    const auto own = token_file(dir, "distd/token");
    CHECK(t.sh.distd({"services"}).code == 0);
    ::chmod(own.c_str(), 0644);
    const auto r = t.sh.distd({"services"});
    CHECK(r.code == 2);
    CHECK_THAT(r.err, Contains("distd/token") && Contains("chmod 600"));
}

TEST_CASE("what is sick is said first, with the answer that its probe got, and in the exit code") {
    small_town t;
    auto& cart = t.add("cart");
    t.add("checkout");
    t.until_up("cart");
    t.until_up("checkout");
    CHECK(t.sh.distd({"services", "--sick", "--exit-code"}).code == 0);
    cart.heartbeat_is(foreign_service::mood::failing);
    t.w.until("cart is sick", [&] { return t.sh.distd({"ps", "--sick", "--exit-code"}).code == 4; });
    const auto r = t.sh.distd({"services"});
    CHECK_THAT(r.out, Contains("▲  cart") && Contains("0/1") && Contains("answered 500"));
    CHECK(r.out.find("cart") < r.out.find("checkout"));
    CHECK_THAT(r.err, Contains("2 services: 1 sick, 0 drained, 1 well"));
    CHECK_THAT(t.sh.distd({"show", "cart"}).out, Contains("answered 500") && Contains("lost"));
}

TEST_CASE("instances are drained, put back and forgotten, by name, number and URL, in the user's name") {
    small_town t;
    t.add("cart");
    auto& second = t.add("cart");
    t.until_up("cart=2");
    CHECK(t.sh.distd({"drain", "cart/2", "--reason", "disk swap", "--json"}).code == 0);
    CHECK_THAT(t.sh.distd({"services"}).out,
               Contains("1/2") && Contains("drained by ann@") && Contains("disk swap"));
    const auto back = t.sh.distd({"undrain", "cart", "--wait"});
    CHECK(back.code == 0);
    CHECK_THAT(back.out, Contains(" was not drained\n") && Contains(" back in rotation\n"));
    CHECK(t.sh.distd({"wait", "cart=2", "--timeout=5s"}).code == 0);
    CHECK(t.sh.distd({"drain", second.url()}).code == 0);
    second.stop();
    const auto forgotten = t.sh.distd({"forget", second.url(), "--wait"});
    CAPTURE(forgotten.err);
    CHECK(forgotten.code == 0);
    CHECK_THAT(t.sh.distd({"events", "cart"}).out,
               Contains("forgotten by ann@") && Contains("back in rotation"));
    const auto gone = t.sh.distd({"drain", second.url()});
    CHECK(gone.code == 4);
    CHECK_THAT(gone.err, Contains("no instance is registered at"));
}

TEST_CASE("a change that the registry refuses says why and what to set, and the exit code is 4") {
    small_town t;
    t.start_log();
    t.until_up("LogService");
    t.sh.environment["DISTD_OPERATOR_SECRET"] = "/nowhere";
    const auto r = t.sh.distd({"drain", "LogService"});
    CHECK(r.code == 4);
    CHECK_THAT(r.err, Contains("owner") && Contains("DISTD_OPERATOR_SECRET"));
}

TEST_CASE(
    "without access tokens who may read the registry's data is its operator, also of what has an owner") {
    small_town t;
    t.start_log();
    t.until_up("LogService");
    t.sh.environment["DISTD_OPERATOR_SECRET"] = t.w.data_dir("registry") + "/registry/operator.secret";
    CHECK(t.sh.distd({"drain", "LogService", "--reason=disk swap"}).code == 0);
    CHECK_THAT(t.sh.distd({"services"}).out, Contains("drained by ann@") && Contains("disk swap"));
    CHECK(t.sh.distd({"undrain", "LogService"}).code == 0);
}

TEST_CASE("services are registered by hand and waited for") {
    small_town t;
    auto& printer = t.add("other");
    CHECK(t.sh.distd({"register", "printer", printer.base_url() + "/p", "--tag=office", "--requires=paper"})
              .code == 0);
    CHECK_THAT(t.sh.distd({"services", "--tag", "office"}).out,
               Contains("printer") && Contains("requires paper, which nobody offers"));
    CHECK_THAT(t.sh.distd({"services", "--on", "127.0.0.1"}).out, Contains("printer") && Contains("other"));
    CHECK(t.sh.distd({"services", "--on", "127.0.0.9"}).out.empty());
    const auto wrong = t.sh.distd({"register", "printer", "ftp://127.0.0.1"});
    CHECK((wrong.code == 2 || wrong.code == 4));
    CHECK_THAT(wrong.err, Contains("the registry: "));
    const auto late = t.sh.distd({"wait", "nobody", "--timeout=300ms"});
    CHECK(late.code == 4);
    CHECK_THAT(late.err, Contains("nobody has 0 of 1"));
}

TEST_CASE("for how long an instance was away is shown, also where its loss is not") {
    small_town t;
    auto& cart = t.add("cart");
    t.until_up("cart");
    cart.heartbeat_is(foreign_service::mood::failing);
    t.w.until("cart is sick", [&] { return t.sh.distd({"ps", "--sick", "--exit-code"}).code == 4; });
    cart.heartbeat_is(foreign_service::mood::well);
    t.until_up("cart");
    const auto out = t.sh.distd({"events", "cart", "-n", "1"}).out;
    CHECK_THAT(out, Contains("back after ") && !Contains("lost"));
    CHECK(std::ranges::count(out, '\n') == 1);
}

TEST_CASE("colours are written where somebody wants them, and not by themselves into a pipe") {
    small_town t;
    t.add("cart");
    t.until_up("cart");
    const std::string escape = "\x1b[";
    CHECK_THAT(t.sh.distd({"services"}).out, !Contains(escape));
    CHECK_THAT(t.sh.distd({"services", "--color=always"}).out, Contains(escape));
    CHECK_THAT(t.sh.distd({"services", "--color=always", "--json"}).out, !Contains(escape));
    t.sh.environment["NO_COLOR"] = "1";
    CHECK_THAT(t.sh.distd({"services", "--color=always"}).out, Contains(escape));
}

TEST_CASE("a row that changes is printed by services -w, as JSON a line each") {
    small_town t;
    auto& cart = t.add("cart");
    t.until_up("cart");
    auto watching = t.sh.start({"services", "-w", "--json"}, "watching");
    const auto seen = t.sh.home("watching");
    cart.heartbeat_is(foreign_service::mood::failing);
    t.w.until("cart is sick", [&] { return t.sh.distd({"ps", "--sick", "--exit-code"}).code == 4; });
    cart.heartbeat_is(foreign_service::mood::well);
    t.until_up("cart");
    t.w.stop("registry");
    t.w.until("it says that the registry is away",
              [&] { return text_of_file(seen).find("lost the registry") != std::string::npos; });
    watching.signal(SIGTERM);
    CHECK_THAT(watching.read_all_output(), Contains("\"state\":\"sick\"") && Contains("\"state\":\"well\""));
}
