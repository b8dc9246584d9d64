// What the roles of one process say to its log service: records that lead from a request to those it caused,
// and from a failure to its reason.
#include <catch2/catch.hpp>
#include <distd/json.hpp>
#include <string>
#include <vector>

#include "http/message/url.hpp"
#include "support/world.hpp"
#include "unit/http/client/raw_server.hpp"

namespace {

using namespace distd;
using namespace distd::test;

const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const std::string caller = "00f067aa0ba902b7";

std::string text_of(const json::object& record, const char* name) {
    const auto* value = record.if_contains(name);
    return value && value->is_string() ? std::string(std::string_view(value->get_string())) : "";
}

struct whole_system {
    whole_system() {
        w.start("all", "all", {"--portal-gateway-services=GradingService"});
        w.until("the portal shows students", [&] { return ask("/students").status == 200; });
        w.until("the gateway knows the grade book",
                [&] { return ask("/api/GradingService/students").status == 200; });
    }
    std::string url(const std::string& role) const { return w.address("all", role); }
    http_answer ask(const std::string& path, const std::string& headers = {}) {
        return exchange(
            "GET", url("portal") + path, {}, {}, [this] { w.pump(); }, headers);
    }
    http_answer ask_in_trace(const std::string& path) {
        return ask(path, "traceparent: 00-" + trace + "-" + caller + "-01\r\n");
    }
    // Oldest first.
    std::vector<json::object> lines(const std::string& query) {
        const auto body = w.http("GET", url("log") + "/log?order=oldest&limit=1000&" + query).body;
        std::vector<json::object> found;
        for (std::size_t at = 0; at < body.size();) {
            const auto end = body.find('\n', at);
            json_error error;
            found.push_back(parse_json(body.substr(at, end - at), error).value().as_object());
            at = end + 1;
        }
        return found;
    }
    std::vector<json::object> lines_of(const std::string& q) { return lines("q=" + http::percent_encode(q)); }
    json::object the_line(const std::string& q) {
        w.until(q, [&] { return !lines_of(q).empty(); });
        const auto found = lines_of(q);
        for (const auto& line : found) UNSCOPED_INFO(to_text(line));
        CHECK(found.size() == 1);
        return found.front();
    }
    std::vector<json::object> tree(std::size_t requests) {
        w.until("the trace is in the log", [&] { return lines("trace=" + trace).size() >= requests; });
        return lines("trace=" + trace);
    }

    in_process_world w;
};

const json::object& line_of(const std::vector<json::object>& lines, std::string_view service) {
    for (const auto& line : lines)
        if (text_of(line, "service") == service) return line;
    throw std::runtime_error("no line of " + std::string(service));
}

// The one was sent by the other, under the caller's request id.
void check_is_below(const json::object& below, const json::object& above) {
    CHECK(text_of(below, "parent") == text_of(above, "span"));
    CHECK(text_of(below, "span") != text_of(above, "span"));
    CHECK(text_of(below, "request_id") == text_of(above, "request_id"));
}

}  // namespace

TEST_CASE("a request to the portal and the one it caused are a tree in the log") {
    whole_system s;
    CHECK(s.ask_in_trace("/students/1").status == 200);
    const auto lines = s.tree(2);
    const auto& portal = line_of(lines, "Portald");
    const auto& grading = line_of(lines, "GradingService");
    CHECK(text_of(portal, "parent") == caller);
    check_is_below(grading, portal);
    CHECK(text_of(portal, "instance") == s.url("portal"));
    CHECK(text_of(grading, "instance") == s.url("grading"));
    for (const auto* line : {&portal, &grading}) {
        CHECK(text_of(*line, "message") == "request");
        CHECK(text_of(*line, "level") == "info");
        CHECK(text_of(*line, "method") == "GET");
        CHECK(text_of(*line, "path") == "/students/1");
        CHECK(text_of(*line, "remote") == "127.0.0.1");
        CHECK(line->at("status") == 200);
        CHECK(line->at("duration_us").is_int64());
        CHECK(line->at("bytes").as_int64() > 0);
    }
}

TEST_CASE("a request that the gateway passed on is below the gateway's own") {
    whole_system s;
    CHECK(s.ask_in_trace("/api/GradingService/students/1").status == 200);
    const auto lines = s.tree(2);
    const auto& gateway = line_of(lines, "Portald");
    CHECK(text_of(gateway, "parent") == caller);
    CHECK(text_of(gateway, "upstream") == s.url("grading"));
    CHECK(gateway.at("tries") == 1);
    check_is_below(line_of(lines, "GradingService"), gateway);
}

TEST_CASE("a request without a trace begins one, at its root") {
    whole_system s;
    CHECK(s.ask("/students/2").status == 200);
    s.w.until("both are in the log", [&] { return s.lines_of("path:/students/2").size() == 2; });
    const auto lines = s.lines_of("path:/students/2");
    const auto& portal = line_of(lines, "Portald");
    CHECK_FALSE(portal.contains("parent"));
    CHECK(text_of(portal, "trace").size() == 32);
    CHECK(text_of(line_of(lines, "GradingService"), "trace") == text_of(portal, "trace"));
    check_is_below(line_of(lines, "GradingService"), portal);
}

TEST_CASE("a 502 of the gateway is found by its status, as an error with its reason") {
    whole_system s;
    raw_server shop(s.w.loop, [](int, const std::string&) {
        return raw_server::action{"nonsense\r\n\r\n", true};
    });
    const auto shop_url = "http://127.0.0.1:" + std::to_string(shop.port());
    CHECK(s.w.http("POST", s.url("registry") + "/services",
                   R"({"ServiceName":"Shop","ServiceURL":")" + shop_url + R"(","Tags":["gateway"]})")
              .status == 200);
    s.w.until("the gateway answers for it", [&] { return s.ask("/api/Shop/x").status == 502; });
    const auto line = s.the_line("path:/api/Shop/x status:>=502");
    CHECK(text_of(line, "service") == "Portald");
    CHECK(text_of(line, "level") == "error");
    CHECK(line.at("status") == 502);
    CHECK(text_of(line, "upstream") == shop_url);
    CHECK_FALSE(text_of(line, "reason").empty());
}

TEST_CASE("a registry's lines are in the log: who is lost and why, and what it refused") {
    whole_system s;
    const auto registry = s.url("registry");
    CHECK(s.w.http("POST", registry + "/services",
                   R"({"ServiceName":"Clock","ServiceURL":"http://127.0.0.1:9","TTL":"1s"})")
              .status == 200);
    const auto lost = s.the_line("instance_lost url:http://127.0.0.1:9");
    CHECK(text_of(lost, "service") == "registry");
    CHECK(text_of(lost, "name") == "Clock");
    CHECK(text_of(lost, "instance") == registry);
    CHECK(text_of(lost, "level") == "warn");
    CHECK_FALSE(text_of(lost, "reason").empty());
    CHECK(lost.at("revision").is_int64());

    CHECK(s.w.http("POST", registry + "/services", "{").status == 400);
    CHECK(text_of(s.the_line("status:400"), "level") == "warn");
    CHECK(s.w.http("GET", registry + "/nothing").status == 404);
    CHECK(text_of(s.the_line("service:registry path:/nothing"), "level") == "info");
}

TEST_CASE("a log service's own lines have the fields of everybody else's") {
    whole_system s;
    CHECK(s.w.http("GET", s.url("log") + "/nothing").status == 404);
    const auto line = s.the_line("path:/nothing");
    CHECK(text_of(line, "service") == "LogService");
    CHECK(text_of(line, "instance") == s.url("log"));
    CHECK(text_of(line, "message") == "request");
    CHECK(text_of(line, "span").size() == 16);
    CHECK(text_of(line, "trace").size() == 32);
    CHECK(line.at("status") == 404);
    CHECK(text_of(line, "_from") == "own");
}

TEST_CASE("what programs of the system read of the registry is not in the log, what others read is") {
    whole_system s;
    const auto ask_as = [&](const char* user_agent, const char* path) {
        const auto fields = "User-Agent: " + std::string(user_agent) + "\r\n";
        return exchange(
                   "GET", s.url("registry") + path, {}, {}, [&] { s.w.pump(); }, fields)
            .status;
    };
    CHECK(ask_as("distd", "/services") == 200);
    CHECK(ask_as("distd", "/status") == 200);
    CHECK(ask_as("distd", "/alerts") == 200);
    CHECK(ask_as("distd-client", "/events") == 200);  // the command line, before which a person sits
    CHECK(ask_as("curl/8.5", "/services") == 200);
    CHECK(s.the_line("service:registry path:/services method:GET").at("status") == 200);
    for (const auto* path : {"/status", "/alerts", "/events"})  // lines come in their order
        CHECK(s.lines_of("service:registry path:" + std::string(path)).empty());
}

TEST_CASE("what the command line changes is in the log") {
    whole_system s;
    const auto put = exchange(
        "PUT", s.url("registry") + "/config/motd", "hello", "text/plain", [&] { s.w.pump(); },
        "User-Agent: distd-client\r\n");
    CHECK(put.status == 201);
    CHECK(s.the_line("service:registry path:/config/motd method:PUT").at("status") == 201);
}

TEST_CASE("what is said of lines under way makes no more of them") {
    whole_system s;
    const auto pass = [&](seconds span) {
        const auto end = s.w.time.now() + span;
        s.w.until("time passes", [&] { return s.w.time.now() >= end; });
    };
    const auto all = [&] { return s.lines("level=info").size() + s.lines("level=warn").size(); };
    pass(seconds(5));
    const auto before = all();
    pass(seconds(30));
    CHECK(all() <= before + 4);  // those that ask
}
