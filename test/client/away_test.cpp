// What the client says when a role is away: at which address, and what to set.
#include "client/client_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("without a registry every verb ends with 1 and says at which address and what to set") {
    shell sh;
    const std::string nowhere = "http://127.0.0.1:1";
    sh.environment["DISTD_REGISTRY"] = nowhere;
    const words table[]{{"services"},
                        {"show", "cart"},
                        {"logs"},
                        {"events"},
                        {"drain", "cart"},
                        {"undrain", "cart"},
                        {"forget", "cart"},
                        {"trace", "0af7"},
                        {"config", "ls"},
                        {"config", "get", "a"},
                        {"routes"},
                        {"call", "cart", "/"},
                        {"wait", "cart", "--timeout=100ms"},
                        {"top"},
                        {"doctor"},
                        {"register", "cart", "http://127.0.0.1:9"},
                        {"open"}};
    for (const auto& arguments : table) {
        const auto r = sh.distd(arguments);
        CAPTURE(arguments, r.err);
        CHECK(r.code == 1);
        CHECK(r.out.empty());
        CHECK_THAT(r.err, Contains("cannot reach the registry at " + nowhere + ": connection refused") &&
                              Contains("DISTD_REGISTRY") && Contains("distd run"));
    }
    const auto flag = sh.distd({"services", "--registry=http://127.0.0.1:2"});
    CHECK(flag.code == 1);
    CHECK_THAT(flag.err, Contains("http://127.0.0.1:2"));
}

TEST_CASE("of several registries the first that answers is asked") {
    small_town t;
    CHECK(t.sh.distd({"services", "--registry=http://127.0.0.1:1," + t.registry()}).code == 0);
}

TEST_CASE("without a log service its verbs end with 1, and services are shown all the same") {
    small_town t;
    for (const auto& arguments : {words{"logs"}, words{"trace", "0af7651916cd43dd8448eb211c80319c"}}) {
        const auto r = t.sh.distd(arguments);
        CAPTURE(arguments);
        CHECK(r.code == 1);
        CHECK_THAT(r.err,
                   Contains("no log service is registered at " + t.registry()) && Contains("--role=log"));
    }
    t.start_log();
    t.until_up("LogService");
    const auto address = t.w.address("log", "log");
    t.w.kill("log");
    for (const auto& arguments : {words{"logs"}, words{"trace", "0af7651916cd43dd8448eb211c80319c"}}) {
        const auto r = t.sh.distd(arguments);
        CAPTURE(arguments);
        CHECK(r.code == 1);
        CHECK_THAT(r.err, Contains("cannot reach the log service at " + address));
    }
    const auto r = t.sh.distd({"services"});
    CHECK(r.code == 0);
    CHECK_THAT(r.out, Contains("LogService"));
    CHECK_THAT(r.err,
               Contains("cannot reach the log service at " + address) && Contains("errors are not counted"));
}

TEST_CASE("without a gateway its verbs end with 1 and say how to start one") {
    small_town t;
    for (const auto& arguments : {words{"routes"}, words{"top", "-n", "1"}}) {
        const auto r = t.sh.distd(arguments);
        CAPTURE(arguments);
        CHECK(r.code == 1);
        CHECK_THAT(r.err, Contains("no gateway (Portald) is registered at " + t.registry()));
    }
    t.start_portal();
    t.until_up("Portald");
    const auto address = t.w.address("portal", "portal");
    t.w.kill("portal");
    for (const auto& arguments : {words{"routes"}, words{"top", "-n", "1"}}) {
        const auto r = t.sh.distd(arguments);
        CAPTURE(arguments);
        CHECK(r.code == 1);
        CHECK_THAT(r.err, Contains("cannot reach the gateway at " + address));
    }
    CHECK_THAT(t.sh.distd({"open"}).err, Contains("no console is registered at"));
}
