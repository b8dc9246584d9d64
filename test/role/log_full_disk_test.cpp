// A log service whose disk takes no more: it says so, goes on answering, and stores again when there is room.
#include <catch2/catch.hpp>
#include <string>

#include "role/log_fixture.hpp"
#include "support/full_disk.hpp"

using namespace distd;
using namespace distd::test;
using Catch::Contains;
using Catch::EndsWith;

TEST_CASE(
    "on a full disk a line is answered with 507, what is stored is found, and later lines are stored again") {
    log_service log;
    CHECK(log.post("[A] - before").status == 200);
    full_disk disk;
    const auto refused = log.post("[A] - " + std::string(8192, 'x'));
    const auto found = log.messages("?" + ours);
    disk.has_room_again();
    CHECK(refused.status == 507);
    CHECK_THAT(refused.body, Contains("no room left"));
    CHECK(found == "|before");
    CHECK(log.post("[A] - after").status == 200);
    CHECK(log.messages("?" + ours) == "|before|after");
}

TEST_CASE("that the disk is full is logged once, however often it fails, and that it is over when it is") {
    log_service log;
    // Read here and not in the store, which drops the first of the two where the disk is full when it comes.
    std::string logged;
    log.w.log("log").tap("LogService", [&](log_level, std::string_view record) { logged += record; });
    const auto times = [&](const std::string& event) {
        int n = 0;
        for (auto at = logged.find(event); at != std::string::npos; at = logged.find(event, at + 1)) ++n;
        return n;
    };
    full_disk disk(8192);
    std::string statuses;
    for (int i = 0; i < 3; ++i) {
        statuses += std::to_string(log.post("[A] - " + std::string(9000, 'x')).status) + ' ';
        statuses += std::to_string(log.post("[A] - small").status) + ' ';
    }
    disk.has_room_again();
    CHECK(statuses == "507 200 507 200 507 200 ");
    log.w.time.advance(seconds(20));
    CHECK(log.post("[A] - after").status == 200);
    log.w.until("the end of it is logged", [&] { return times("log_store_recovered") > 0; });
    CHECK(times("log_store_failed") == 1);
    CHECK(times("log_store_recovered") == 1);
    CHECK(logged.find("log_store_failed") < logged.find("log_store_recovered"));
}

TEST_CASE("that a full disk has room again is found in the log") {
    log_service log;
    full_disk disk(8192);
    CHECK(log.post("[A] - " + std::string(9000, 'x')).status == 507);
    disk.has_room_again();
    log.w.time.advance(seconds(20));
    CHECK(log.post("[A] - after").status == 200);
    log.w.until("the end of it is told", [&] {
        return log.messages("?service=LogService&order=oldest&q=/^log_store/")
            .ends_with("|log_store_recovered");
    });
}
