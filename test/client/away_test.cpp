// What the client says when a role was never there: how to start one. One that is away:
// circumstances_test.cpp.
#include "client/client_fixture.hpp"

using namespace distd::test;
using Catch::Contains;

TEST_CASE("a registry that is named by --registry is the one that is asked") {
    shell sh;
    sh.environment["DISTD_REGISTRY"] = "http://127.0.0.1:1";
    const auto r = sh.distd({"services", "--registry=http://127.0.0.1:2"});
    CHECK(r.code == 1);
    CHECK_THAT(r.err, Contains("cannot reach the registry at http://127.0.0.1:2: connection refused"));
}

TEST_CASE("a registry is named by its host and port, too, by the option and by the variable") {
    small_town t;
    const auto short_form = t.registry().substr(std::string("http://").size());
    t.sh.environment["DISTD_REGISTRY"] = short_form;
    CHECK(t.sh.distd({"services"}).code == 0);
    t.sh.environment["DISTD_REGISTRY"] = "http://127.0.0.1:1";
    CHECK(t.sh.distd({"services", "--registry", short_form}).code == 0);
    const auto r = t.sh.distd({"services", "--registry=127.0.0.1"});
    CHECK(r.code == 2);
    CHECK_THAT(r.err, Contains("the port is missing; write HOST:PORT"));
}

TEST_CASE("of several registries the first that answers is asked") {
    small_town t;
    CHECK(t.sh.distd({"services", "--registry=http://127.0.0.1:1," + t.registry()}).code == 0);
}

TEST_CASE("doctor examines each registry that is named, and the grading service") {
    small_town t;
    t.start_portal();
    t.until_up("GradingService");
    const auto r = t.sh.distd({"doctor", "--registry=http://127.0.0.1:1," + t.registry()});
    CHECK(r.code == 4);
    CHECK_THAT(r.out, Contains("cannot reach it at http://127.0.0.1:1/heartbeat") &&
                          Contains(t.registry() + " answers") &&
                          Contains(t.w.address("portal", "grading") + " answers"));
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
    CHECK(t.sh.distd({"services"}).code == 0);
}

TEST_CASE("without a gateway its verbs end with 1 and say how to start one") {
    small_town t;
    for (const auto& arguments : {words{"routes"}, words{"top", "-n", "1"}}) {
        const auto r = t.sh.distd(arguments);
        CAPTURE(arguments);
        CHECK(r.code == 1);
        CHECK_THAT(r.err, Contains("no gateway (Portald) is registered at " + t.registry()) &&
                              Contains("--role=portal"));
    }
    CHECK_THAT(t.sh.distd({"open"}).err, Contains("no console is registered at"));
}
