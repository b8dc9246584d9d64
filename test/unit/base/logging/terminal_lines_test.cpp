// What a person at a terminal reads of a process.
#include <catch2/catch.hpp>

#include "base/logging/terminal_lines.hpp"
#include "unit/base/logging/sample_records.hpp"

using namespace distd;
using namespace distd::test;
using mood = state_change::mood;

namespace {

struct reader {
    terminal screen{true, false, true, 80};
    terminal_lines lines;

    explicit reader(log_level min = log_level::info)
        : lines({[this] { return screen; }, [](wall_point) { return seconds(3600); }, min}) {
        lines.introduce("LogService", "log", {"http://127.0.0.1:4000"});
        lines.introduce("GradingService", "grading", {"http://127.0.0.1:6000"});
        lines.introduce("registry", "registry", {"http://127.0.0.1:3000"});
    }
    reader(const reader&) = delete;
    reader& operator=(const reader&) = delete;

    template <class Record>
    std::string line(const Record& r) {
        std::string out;
        lines.append(out, r);
        return out;
    }
    std::string event(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
        return line(log_record{noon, level, "GradingService", event, fields});
    }
};

access_record request(std::string_view path, int status) {
    auto r = request_for(path);
    r.status = status;
    return r;
}

}  // namespace

TEST_CASE("on a terminal a request is one short line in columns, at local time") {
    reader r;
    CHECK(r.line(request("/students/1", 200)) ==
          "05:05:06 200 GET  /students/1                      grading     0.4 ms\n");
    auto slow = request("/nowhere", 404);
    slow.method = "DELETE";
    slow.duration_us = 2'300'000;
    slow.source = "registry";
    CHECK(r.line(slow) == "05:05:06 404 DELETE /nowhere                       registry     2.3 s\n");
}

TEST_CASE("on a terminal a long path takes the room that there is and is cut then") {
    reader r;
    const std::string path = "/students/1/grades/and/so/on/for/ever/and/ever/and/ever";
    r.screen.columns = 120;
    CHECK(r.line(request(path, 200)) == "05:05:06 200 GET  " + path + "  grading     0.4 ms\n");
    r.screen.columns = 80;
    const auto cut = r.line(request(path, 200));
    CHECK(cut == "05:05:06 200 GET  /students/1/grades/and/so/on/for/ever/and…  grading     0.4 ms\n");
    CHECK(width_of(cut) == 80 + 1);  // with the newline
    r.screen.columns = 0;
    CHECK(r.line(request(path, 200)) == "05:05:06 200 GET  " + path + "  grading     0.4 ms\n");
}

TEST_CASE("on a terminal a request that was not answered as it should be says why") {
    reader r;
    r.screen.columns = 0;
    auto failed = request("/api/Book/x", 502);
    failed.upstream = "http://a:1";
    failed.tries = 2;
    failed.reason = "no_answer";
    CHECK(r.line(failed) ==
          "05:05:06 502 GET  /api/Book/x                      grading     0.4 ms  no answer at http://a:1, 2 "
          "tries\n");
}

TEST_CASE("on a terminal requests that no person made are shown at debug only") {
    auto routine = request("/heartbeat", 200);
    routine.is_routine = true;
    CHECK(reader().line(routine).empty());
    CHECK_THAT(reader(log_level::debug).line(routine), Catch::Contains("200 GET  /heartbeat"));
    CHECK(reader(log_level::warn).line(request("/students", 200)).empty());
}

TEST_CASE("on a terminal changes of state are shown in words, with a sign that needs no colour") {
    reader r;
    const std::string url = "http://127.0.0.1:8010";
    CHECK(r.line(state_change{noon, mood::lost, "BookService", url, "lost: connection refused"}) ==
          "05:05:06 ▲ BookService http://127.0.0.1:8010 lost: connection refused\n");
    CHECK(r.line(state_change{noon, mood::well, "BookService", url, "back after 15 s"}) ==
          "05:05:06 ● BookService http://127.0.0.1:8010 back after 15 s\n");
    CHECK(r.line(state_change{noon, mood::held, "BookService", url, "drained by ops: disk swap"}) ==
          "05:05:06 ‖ BookService http://127.0.0.1:8010 drained by ops: disk swap\n");
    CHECK(r.line(state_change{noon, mood::plain, "BookService", url, "registered"}) ==
          "05:05:06 BookService http://127.0.0.1:8010 registered\n");
    CHECK(r.line(state_change{noon, mood::plain, "config cart/limits", "", "changed by ops, v8"}) ==
          "05:05:06 config cart/limits changed by ops, v8\n");
}

TEST_CASE("on a terminal services of this process need no address") {
    reader r;
    CHECK(r.line(state_change{noon, mood::plain, "LogService", "http://127.0.0.1:4000", "registered"}) ==
          "05:05:06 LogService      registered\n");
    const auto registered = [&](std::string_view registry) {
        return r.event(log_level::info, "registered",
                       {{"registry", registry}, {"url", "http://127.0.0.1:6000"}});
    };
    CHECK(registered("http://127.0.0.1:3000").empty());  // which has said so itself
    CHECK(registered("http://10.0.0.1:3000") ==
          "05:05:06 GradingService  registered at http://10.0.0.1:3000\n");
}

TEST_CASE("on a terminal the names of strangers are cut, and cannot steer it") {
    reader r;
    r.screen.columns = 0;
    CHECK(r.line(state_change{noon, mood::plain, std::string(300, 'x'), "http://a:1", "left"}) ==
          "05:05:06 " + std::string(39, 'x') + "… http://a:1 left\n");
    CHECK(r.line(state_change{noon, mood::lost, "a\x1b[2J\nb", "", "lost"}) == "05:05:06 ▲ a�[2J b lost\n");
    CHECK(r.line(request("/\x1b[2J", 200)).find('\x1b') == std::string::npos);
}

TEST_CASE("on a terminal other events are shown as their words, the reason first") {
    reader r;
    r.screen.columns = 0;
    CHECK(r.event(log_level::warn, "gateway_registry_away",
                  {{"registry", "http://a:1"}, {"reason", "connection refused"}}) ==
          "05:05:06 ▲ grading: gateway registry away: connection refused  registry=http://a:1\n");
    CHECK(r.event(log_level::info, "books_sold", {{"count", 3}, {"buyer", "A B"}}) ==
          "05:05:06 grading: books sold  count=3  buyer=\"A B\"\n");
    CHECK(r.event(log_level::debug, "detail", {}).empty());
    r.screen.columns = 60;
    const std::string reason = "the registry at http://10.0.0.1:3000 cannot be used: nobody answers";
    CHECK(r.event(log_level::warn, "not_registered", {{"reason", reason}, {"try", std::string(99, 'x')}}) ==
          "05:05:06 ▲ grading: not registered: " + reason + "  try=xxxxxxxxxx…\n");
}

TEST_CASE("on a terminal what we log of ourselves for later is shown at debug only") {
    CHECK(reader().event(log_level::info, "provider_added", {{"name", "x"}}).empty());
    CHECK(reader().event(log_level::warn, "instance_lost", {{"url", "http://a:1"}}).empty());
    CHECK_THAT(reader(log_level::debug).event(log_level::info, "provider_added", {{"name", "x"}}),
               Catch::Contains("provider added"));
}

TEST_CASE("on a terminal the stop begins below the ^C") {
    CHECK(reader().event(log_level::info, "stopping", {{"signal", 2}}).starts_with("\n05:05:06 stopping"));
    CHECK(reader().event(log_level::info, "stopping", {{"signal", 15}}).starts_with("05:05:06 stopping"));
}

TEST_CASE("on a terminal colour means state") {
    reader r;
    r.screen = {true, true, true, 0};
    const auto line = r.line(request("/", 200));
    CHECK_THAT(line, Catch::Contains("\x1b[32m200\x1b[0m"));
    CHECK_THAT(r.line(request("/", 404)), Catch::Contains("\x1b[33m404\x1b[0m"));
    CHECK_THAT(r.line(request("/", 500)), Catch::Contains("\x1b[31m500\x1b[0m"));
    CHECK_THAT(r.line(state_change{noon, mood::lost, "A", "", "lost"}),
               Catch::Contains("\x1b[31mlost\x1b[0m"));
}
