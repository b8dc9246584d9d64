// Joining and leaving, as services of any make do it.
#include <catch2/catch.hpp>

#include "scenario/scenario.hpp"
#include "support/foreign_json.hpp"

using namespace distd::test;

namespace {

// Who gets its own first patch before its 200 has heard of `provider` by then.
void check_first_patch(const foreign_service& user, const foreign_service& provider,
                       const std::string& name) {
    REQUIRE(user.patches().size() == 1);
    const auto first = user.patches().front();
    CHECK(first.added == std::vector<foreign_entry>{{name, provider.url()}});
    CHECK(first.removed.empty());
    CHECK(first.order < user.answers("POST").front().order);
}

}  // namespace

TEMPLATE_TEST_CASE("a registration is accepted in any spelling, and its first patch precedes the answer",
                   "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service provider({.name = "Log Service"});
    provider.start();
    enroll(w, provider, registry);

    for (const auto spelling : {field_spelling::pascal, field_spelling::camel, field_spelling::snake}) {
        foreign_service user({.name = "User",
                              .required = {"Log Service"},
                              .spelling = spelling,
                              .update_path = "/update",
                              .heartbeat_path = "/healthcheck"});
        user.start();
        enroll(w, user, registry);
        check_first_patch(user, provider, "Log Service");
        user.leave(registry);
        soon(w, "it has left", [&] { return user.idle(); });
    }
}

TEMPLATE_TEST_CASE("field names are read in any letter case, and unknown ones are ignored", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    const auto taken =
        w.http("POST", registry + "/services",
               R"({"SERVICENAME":"Shout","serviceurl":"http://127.0.0.1:9","Version":2,"tags":["a"]})");
    CHECK(taken.status == 200);
    REQUIRE(listed(w, registry, "Shout").size() == 1);
    CHECK(listed(w, registry, "Shout")[0].url == "http://127.0.0.1:9");
}

TEMPLATE_TEST_CASE("lists that are empty, null or missing are lists of nothing", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    for (const auto lists : {empty_lists::as_arrays, empty_lists::null, empty_lists::missing}) {
        foreign_service s({.name = "Alone", .without_required = lists});
        s.start();
        enroll(w, s, registry);
        REQUIRE(s.patches().size() == 1);
        CHECK(s.patches()[0].added.empty());
        CHECK(s.patches()[0].removed.empty());
    }
}

TEMPLATE_TEST_CASE("a URL is passed on exactly as it was registered, with or without its scheme",
                   "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service bare({.name = "LogService", .host = "localhost", .with_scheme = false});
    bare.start();
    enroll(w, bare, registry);
    foreign_service user({.name = "User", .required = {"LogService"}});
    user.start();
    enroll(w, user, registry);
    CHECK(user.providers("LogService") == strings{bare.url()});
    CHECK(bare.url().starts_with("localhost:"));
}

TEMPLATE_TEST_CASE("a second registration of a URL replaces the first, without duplicate patches",
                   "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service user({.name = "User", .required = {"LogService", "Marker"}});
    foreign_service provider({.name = "LogService"});
    foreign_service marker({.name = "Marker"});
    for (auto* s : {&user, &provider, &marker}) s->start();
    enroll(w, user, registry);
    enroll(w, provider, registry);
    enroll(w, provider, registry);
    enroll(w, marker, registry);
    // Patches to one service come in order: what came of the second registration is here when the marker is.
    soon(w, "the marker is known", [&] { return user.providers("Marker").size() == 1; });
    CHECK(user.providers("LogService") == strings{provider.url()});
    CHECK(user.added_twice() == 0);
    CHECK(user.removed_unheld() == 0);
    CHECK(listed(w, registry, "LogService").size() == 1);
}

TEMPLATE_TEST_CASE("a running service that registers again gets no duplicates", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service provider({.name = "LogService"});
    foreign_service user({.name = "User", .required = {"LogService"}});
    for (auto* s : {&provider, &user}) s->start();
    enroll(w, provider, registry);
    enroll(w, user, registry);
    enroll(w, user, registry);
    soon(w, "it knows its provider", [&] { return user.providers("LogService") == strings{provider.url()}; });
    CHECK(user.added_twice() == 0);
}

TEMPLATE_TEST_CASE("DELETE removes the URL in its body once, compared as a string", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service user({.name = "User", .required = {"LogService"}});
    foreign_service provider({.name = "LogService"});
    for (auto* s : {&user, &provider}) s->start();
    enroll(w, user, registry);
    enroll(w, provider, registry);

    CHECK(w.http("DELETE", registry + "/services", provider.url() + "/", "text/plain").status == 404);
    CHECK(w.http("DELETE", registry + "/services", provider.base_url(), "text/plain").status == 404);
    provider.leave(registry);
    soon(w, "it has said goodbye twice", [&] { return provider.idle(); });
    const auto farewells = provider.answers("DELETE");
    REQUIRE(farewells.size() == 2);
    CHECK(farewells[0].status == 200);
    CHECK(farewells[1].status == 404);
    soon(w, "the user has heard", [&] { return user.providers("LogService").empty(); });
    CHECK(user.removed_unheld() == 0);
}

TEMPLATE_TEST_CASE("invalid registrations and unsupported methods are refused with an explanation",
                   "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    for (const auto* body : {"", "{", "[]", R"({"ServiceName":"A"})", R"({"ServiceURL":"http://a:1"})",
                             R"({"ServiceName":7,"ServiceURL":"http://a:1"})"}) {
        INFO(body);
        const auto answer = w.http("POST", registry + "/services", body);
        CHECK(answer.status == 400);
        CHECK_FALSE(foreign_text(foreign_parse(answer.body), "detail").empty());
    }
    for (const auto* method : {"PUT", "PATCH"}) {
        const auto answer = w.http(method, registry + "/services", "{}");
        CHECK(answer.status == 405);
        CHECK(answer.header("Allow").find("POST") != std::string::npos);
        CHECK(answer.header("Allow").find("DELETE") != std::string::npos);
    }
}

TEMPLATE_TEST_CASE(
    "a newcomer that cannot be reached yet is registered, and gets its first patch once it listens",
    "[scenario]", in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service provider({.name = "LogService"});
    provider.start();
    enroll(w, provider, registry);
    foreign_service late({.name = "Late", .required = {"LogService"}});
    late.start();  // to have a port
    late.stop();
    late.enroll(registry);
    w.until("it is registered all the same", [&] { return late.registered(); });
    CHECK(late.patches().empty());
    late.start();
    w.until("its first patch has come",
            [&] { return late.providers("LogService") == strings{provider.url()}; });
    CHECK(late.added_twice() == 0);
}

TEMPLATE_TEST_CASE("a new service whose update URL hangs delays only its own answer", "[scenario]",
                   in_process_world, process_world) {
    TestType w;
    const auto registry = start_role(w, "registry");
    foreign_service provider({.name = "LogService"});
    provider.start();
    enroll(w, provider, registry);
    foreign_service stuck({.name = "Stuck", .required = {"LogService"}});
    foreign_service other({.name = "Other", .required = {"LogService"}});
    for (auto* s : {&stuck, &other}) s->start();
    stuck.update_is(foreign_service::mood::hanging);
    stuck.enroll(registry);
    soon(w, "its patch hangs", [&] { return stuck.unanswered_patches() == 1; });
    CHECK_FALSE(stuck.registered());
    enroll(w, other, registry);
    CHECK(other.providers("LogService").size() == 1);

    w.until("the stuck one has its answer", [&] { return stuck.registered(); });
    const auto answer = stuck.answers("POST").front();
    CHECK(other.answers("POST").front().order < answer.order);
    CHECK(answer.answered - answer.asked < std::chrono::seconds(3));  // about one is promised
    stuck.update_is(foreign_service::mood::well);
    w.until("its patch has come", [&] { return stuck.providers("LogService") == strings{provider.url()}; });
    CHECK(stuck.added_twice() == 0);
}
