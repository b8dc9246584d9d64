// A service that could not be reached for so long that it was taken off the list, and was there all the time.
#include <catch2/catch.hpp>

#include "scenario/scenario.hpp"

using namespace distd::test;
using mood = foreign_service::mood;

TEMPLATE_TEST_CASE("a delisted service that registers again gets no duplicates",
                   "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry", {"--registry-deregister-after=1s"});
    foreign_service provider({.name = "LogService"});
    foreign_service user({.name = "User", .required = {"LogService"}});
    for (auto* s : {&provider, &user}) {
        s->start();
        enroll(w, *s, registry);
    }
    soon(w, "the user knows the provider",
         [&] { return user.providers("LogService") == strings{provider.url()}; });
    user.heartbeat_is(mood::failing);
    w.until("the user has vanished", [&] { return listed(w, registry, "User").empty(); });
    user.heartbeat_is(mood::well);
    SECTION("to the registry that gave it up") {}
    SECTION("to that registry, restarted") {
        crash(w, "registry");
        start_role(w, "registry", {listen_at("registry", registry)});
    }
    enroll(w, user, registry);
    CHECK(user.added_twice() == 0);
    CHECK(user.providers("LogService") == strings{provider.url()});
}
