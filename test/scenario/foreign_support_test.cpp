// The peers of another make among themselves: what scenarios conclude from their records is worth as much as
// these are.
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "support/foreign_crowd.hpp"
#include "support/foreign_grading.hpp"
#include "support/foreign_json.hpp"
#include "support/foreign_log.hpp"
#include "support/foreign_registry.hpp"
#include "support/foreign_service.hpp"
#include "support/http_exchange.hpp"
#include "support/world.hpp"

using namespace distd::test;

namespace {

using strings = std::vector<std::string>;

// Real time passes: nothing of ours runs here.
void wait_for(const std::string& what, const std::function<bool()>& holds) {
    process_world().until(what, holds);
}

}  // namespace

TEST_CASE(
    "a foreign service knows its log provider from the patch that comes before its 200, and logs there") {
    foreign_registry registry(20);
    registry.start();
    foreign_log log;
    log.service().start();
    log.service().enroll(registry.url());
    wait_for("the log service is registered", [&] { return log.service().registered(); });

    foreign_service books({.name = "BookService", .required = {"LogService"}});
    books.start();
    books.enroll(registry.url());
    books.log("one");
    books.log("two");
    wait_for("it has logged", [&] { return books.idle(); });
    CHECK(books.log_provider() == log.service().url());
    CHECK(log.lines() == strings{"[BookService] - one\n", "[BookService] - two\n"});
    REQUIRE(books.patches().size() == 1);
    CHECK(books.patches()[0].order < books.answers("POST")[0].order);

    books.leave(registry.url());
    wait_for("it has left", [&] { return books.idle(); });
    const auto farewells = books.answers("DELETE");
    REQUIRE(farewells.size() == 2);
    CHECK(farewells[0].status == 200);
    CHECK(farewells[1].status == 404);
}

TEST_CASE("a foreign registry appends without looking, takes lost services off and puts them back") {
    foreign_registry registry(10, 10);
    registry.start();
    foreign_service log({.name = "LogService"});
    foreign_service user({.name = "User", .required = {"LogService"}});
    user.start();
    user.enroll(registry.url());
    log.start();
    log.enroll(registry.url());
    log.enroll(registry.url());
    wait_for("both entries are told", [&] { return user.providers("LogService").size() == 2; });
    CHECK(registry.times_listed("LogService") == 2);
    CHECK(user.added_twice() == 1);

    log.heartbeat_is(foreign_service::mood::failing);
    wait_for("it is lost", [&] { return user.providers("LogService").empty(); });
    CHECK(registry.times_listed("LogService") == 0);
    CHECK(exchange("GET", registry.url() + "/services").status == 405);

    registry.stop();
    registry.start();
    CHECK(registry.times_listed("User") == 0);
    CHECK(registry.posts() == 3);
}

TEST_CASE("a foreign service that is stopped refuses connections, and has its port again") {
    foreign_service books({.name = "BookService"});
    books.start();
    const auto url = books.base_url() + "/books";
    CHECK(exchange("GET", url).status == 200);
    CHECK(exchange("PUT", url, "x").status == 405);
    books.stop();
    CHECK(exchange("GET", url).status == 0);
    books.start();
    CHECK(exchange("GET", url).status == 200);
    books.heartbeat_is(foreign_service::mood::failing);
    CHECK(exchange("GET", books.base_url() + "/heartbeat").status == 500);
}

TEST_CASE("a registration of a foreign service has the spelling, the lists and the paths that were chosen") {
    foreign_service camel({.name = "Log Service",
                           .spelling = field_spelling::camel,
                           .without_required = empty_lists::null,
                           .update_path = "",
                           .heartbeat_path = "",
                           .host = "127.0.0.1",
                           .with_scheme = false});
    CHECK(camel.registration() ==
          R"({"serviceName":"Log Service","serviceURL":"127.0.0.1:0","requiredServices":null})");
    foreign_service snake({.name = "A",
                           .spelling = field_spelling::snake,
                           .without_required = empty_lists::missing,
                           .update_path = "/update",
                           .heartbeat_path = "/healthcheck"});
    CHECK(snake.registration() == R"({"service_name":"A","service_url":"http://localhost:0",)"
                                  R"("service_update_url":"http://localhost:0/update",)"
                                  R"("heartbeat_url":"http://localhost:0/healthcheck"})");
}

TEST_CASE("a foreign grading service sends chunks and strange letter cases, and keeps what it is given") {
    foreign_grading grading;
    grading.service().start();
    const auto base = grading.service().base_url();
    CHECK(foreign_member(foreign_parse(exchange("GET", base + "/students/1").body), "Grades").is_null());
    CHECK(
        exchange("POST", base + "/students/1/grades", R"({"Title":"Quiz","Type":"Quiz","Score":1})").status ==
        201);
    CHECK(foreign_list(foreign_parse(exchange("GET", base + "/students/1").body), "Grades").size() == 1);
    CHECK(foreign_list(foreign_parse(R"({"l":)" + exchange("GET", base + "/students").body + "}"), "l")
              .size() == 2);
}

TEST_CASE("a foreign crowd reports who got an instance's patches, and how often") {
    foreign_crowd crowd(3);
    const auto member = foreign_parse(crowd.registration(1, "LogService"));
    const auto update = foreign_text(member, "ServiceUpdateURL");
    const foreign_url where(update);
    REQUIRE(where.host == "127.1.0.2");
    foreign_caller caller;
    const std::string patch = R"({"Added":[{"Name":"LogService","URL":"http://a:1"}],"Removed":[]})";
    CHECK(caller.call("POST", update, patch).status == 200);
    CHECK(caller.call("POST", update, R"({"Added":[],"Removed":[{"Name":"LogService","URL":"http://a:1"}]})")
              .status == 200);
    CHECK(caller.call("GET", foreign_text(member, "HeartbeatURL")).status == 200);
    CHECK(crowd.heard_of("http://a:1").members == 1);
    CHECK(crowd.heard_of("http://a:1").max == 1);
    CHECK(crowd.heard_of("http://b:1").members == 0);
}
