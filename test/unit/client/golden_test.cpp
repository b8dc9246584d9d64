// What verbs that list something print at 80 and 120 columns, and where no terminal is: golden/VERB.txt.
// What a test prints when it fails is what the file should be, if that is what a person should see.
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <sstream>

#include "client/verbs/config_rows.hpp"
#include "client/verbs/event_rows.hpp"
#include "client/verbs/findings_text.hpp"
#include "client/verbs/log_rows.hpp"
#include "client/verbs/routes_text.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/show_text.hpp"
#include "client/verbs/summary_text.hpp"
#include "client/verbs/top_text.hpp"
#include "client/verbs/trace_text.hpp"
#include "ops/answers/log_answers.hpp"
#include "support/places.hpp"
#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::client;

namespace {

using text_function = std::function<std::string(const output_style&)>;

void check_golden(const std::string& name, const text_function& text) {
    std::string all;
    for (const std::size_t columns : {80, 120, 0}) {
        output_style l;
        l.to = {columns > 0, false, true, columns};
        l.is_utc = true;
        all += "== " + (columns > 0 ? std::to_string(columns) + " columns" : std::string("no terminal")) +
               "\n" + text(l);
    }
    std::ifstream in(test::source_dir() + "/test/unit/client/golden/" + name + ".txt");
    std::ostringstream kept;
    kept << in.rdbuf();
    INFO(name << ".txt should be:\n" << all);
    CHECK(kept.str() == all);
}

constexpr auto first_url = "http://127.0.0.2:23811";
constexpr auto second_url = "http://cart-2.warehouse.example.net:23811";

std::vector<instance> carts() {
    auto sick = lost("cart", first_url, "answered 503", seconds(440));
    sick.failure_answer = "database pool exhausted (50/50): 17 callers wait, the oldest for 31 s\n";
    sick.version = "1.0.0";
    auto well = ops::listed("cart", second_url);
    well.version = "1.1.0-rc.3+build.20261121";
    well.registered_at = noon - std::chrono::hours(30);
    well.probe_ms = 1.25;
    auto drained = ops::listed("cart", "http://127.0.0.4:23811");
    drained.is_drained = true;
    drained.drained_since = noon - seconds(75);
    drained.drain_reason = "disk swap";
    auto shop = ops::listed("shop", "http://127.0.0.5:1");
    shop.required = {"cart"};
    return {sick, well, drained, shop};
}

event event_of(std::uint64_t index, std::string type, seconds ago) {
    event e;
    e.index = index;
    e.at = noon - ago;
    e.type = std::move(type);
    e.name = "cart";
    e.url = first_url;
    return e;
}

std::vector<event> events() {
    auto registered = event_of(1, "registered", seconds(90'000));
    auto lost = event_of(2, "lost", seconds(440));
    lost.reason = "answered 503";
    auto drained = event_of(3, "drained", seconds(75));
    drained.url = "http://127.0.0.4:23811";
    drained.actor = "ann@desk";
    drained.reason = "disk swap";
    auto put = event_of(4, "config_put", seconds(3));
    put.name.clear();
    put.url.clear();
    put.key = "cart/limits";
    put.was = 3;
    put.version = 4;
    put.actor = "ben@desk";
    auto restored = put;
    restored.index = 5;
    restored.type = "config_restored";
    restored.was = 4;
    restored.version = 5;
    restored.reason = "version 3: four was wrong";
    return {registered, lost, drained, put, restored};
}

log_line line_of(std::string level, std::string service, std::string message, std::string fields) {
    log_line l;
    l.at = noon - seconds(5);
    l.level = std::move(level);
    l.service = std::move(service);
    l.message = std::move(message);
    for (auto rest = std::move(fields); !rest.empty();) {
        const auto end = std::min(rest.find(' '), rest.size());
        const auto equals = rest.find('=');
        l.members.emplace_back(rest.substr(0, equals), rest.substr(equals + 1, end - equals - 1));
        rest.erase(0, end + 1);
    }
    return l;
}

// As the gateway sends one.
log_line request_line() {
    return read_log_lines(
               R"({"time":"2026-11-21T11:59:55Z","level":"error","service":"Portald","message":"request",)"
               R"("method":"GET","path":"/api/cart/items","status":504,"duration_us":757000,"bytes":91,)"
               R"("remote":"127.0.0.1:50124","trace":"9f3a7be1000000000000000000000c01","span":"a1",)"
               R"("parent":"b2","request_id":"c3","instance":"http://127.0.0.1:3000","tries":2})")
        .at(0);
}

std::vector<log_line> lines() {
    return {line_of("error", "cart",
                    "database pool exhausted (50/50): 17 callers wait, the oldest of them for 31 seconds",
                    "user=ann order=4711"),
            line_of("info", "a-service-with-a-very-long-name", "started", ""),
            line_of("warn", "shop", "cart is slow", "took_ms=2100"), request_line()};
}

gateway_state gateways() {
    gateway_state g;
    g.routes = {{"http://127.0.0.1:5005", "shop", "shop", "/shop", "shop.example.net"},
                {"http://127.0.0.1:5005", "everything-else-that-nobody-has-named", "cart", "", ""}};
    g.services = {"cart"};
    upstream_instance in_use;
    in_use.service = "cart";
    in_use.url = second_url;
    in_use.state = "in use";
    in_use.in_flight = 3;
    in_use.requests = 120'345;
    in_use.failed = 2;
    auto ejected = in_use;
    ejected.url = first_url;
    ejected.state = "ejected";
    g.instances = {in_use, ejected};
    g.left_out = {{"printer", "http://10.0.0.9:9100", "not in --portal-gateway-allow"}};
    return g;
}

traffic_history passed() {
    traffic_history h;
    traffic_step whole{.requests = 1260, .failures = 63, .took = {1'300, 41'000, 90'000}};
    traffic busy;
    busy.steps = {whole, traffic_step{}};
    busy.total = {.requests = 74'321, .failures = 63, .took = {1'300, 41'000, 90'000}};
    busy.recent = whole;
    busy.rate = 21;
    busy.in_flight = 4;
    h.services["cart"] = busy;
    h.services["a service that nobody has asked for anything since it was started"].rate = 0;
    return h;
}

}  // namespace

TEST_CASE("distd show at 80 columns, at 120, and for a program") {
    const auto instances = carts();
    service_sheet s;
    s.name = "cart";
    s.t = overview_of(instances);
    s.events = events();
    s.errors = {lines()[0]};
    s.gateway = gateways();
    s.traffic = std::make_shared<const traffic_history>(passed());
    check_golden("show", [&](const output_style& l) { return show_text(s, l, noon); });
}

TEST_CASE("distd alone at 80 columns, at 120, and for a program: a line for each service") {
    const auto instances = carts();
    const auto t = overview_of(instances);
    check_golden("alone", [&](const output_style& l) {
        return first_rows(t, l, noon) + "\n" + what_next(true, l) + "\n" + what_next(false, l);
    });
}

TEST_CASE("distd alone says how many services it does not show") {
    std::vector<instance> many;
    for (const char c : std::string("abcdefgh"))
        many.push_back(ops::listed(std::string("service-") + c, "http://127.0.0.2:1"));
    CHECK_THAT(first_rows(overview_of(many), {}, noon), Catch::EndsWith("\n  and 2 more\n"));
    many.resize(6);
    CHECK_THAT(first_rows(overview_of(many), {}, noon), !Catch::Contains("more"));
}

TEST_CASE("distd logs at 80 columns, at 120, and for a program") {
    check_golden("logs", [](const output_style& l) {
        log_rows rows(log_form::brief, l);
        std::string out;
        for (const auto& line : lines()) out += rows.row(line, noon);
        return out;
    });
}

TEST_CASE("distd events at 80 columns, at 120, and for a program") {
    check_golden("events", [](const output_style& l) {
        const auto all = events();
        std::string out;
        for (const auto& e : all) out += event_line(e, all, l, noon);
        return out;
    });
}

TEST_CASE("distd config ls and history at 80 columns, at 120, and for a program") {
    const std::vector<config_key> keys{
        {"cart/limits", 4, 12, "application/json", noon - seconds(3)},
        {"gateway/routes/" + std::string(90, 'x'), 1, 20'480, "text/plain", noon - std::chrono::hours(100)}};
    std::vector<config_version> versions(3);
    versions[0] = {3,          noon - seconds(3),
                   "ben@desk", "restore",
                   1,          12,
                   false,      "two was wrong: the pool is exhausted at noon"};
    versions[1] = {2, noon - seconds(90), "ann@" + std::string(70, 'h'), "delete", std::nullopt, 0, true};
    versions[2] = {1, noon - std::chrono::hours(100), "ann@desk", "put", std::nullopt, 12, false};
    check_golden("config", [&](const output_style& l) {
        return keys_text(keys, l, noon) + "\n" + history_text(versions, l, noon);
    });
}

TEST_CASE("distd routes at 80 columns, at 120, and for a program") {
    check_golden("routes", [](const output_style& l) { return routes_text(gateways(), l); });
}

TEST_CASE("distd top at 80 columns, at 120, and for a program") {
    check_golden("top", [](const output_style& l) { return top_text(passed(), l); });
}

TEST_CASE("distd doctor at 80 columns, at 120, and for a program") {
    const std::vector<finding> all{
        {verdict::good, "registry", "http://127.0.0.1:3000 answers, version 0.1.0"},
        {verdict::bad, "cart", std::string(first_url) + " answered 503: database pool exhausted (50/50)"},
        {verdict::note, "Console", "not registered"}};
    check_golden("doctor", [&](const output_style& l) { return findings_text(all, l); });
}

TEST_CASE("distd trace at 80 columns, at 120, and for a program") {
    request_tree t;
    t.begin = noon;
    t.took = microseconds(2'000'000);
    t.lines = 3;
    t.services = 2;
    t.others = {"mail"};
    request_span root;
    root.service = "Portald";
    root.method = "POST";
    root.path = "/api/cart/pay";
    root.span = "a";
    root.status = 502;
    root.begin = noon;
    root.took = t.took;
    auto part = root;
    part.service = "cards";
    part.path = "/pay";
    part.span = "b";
    part.parent = "a";
    part.reason = "the instance did not answer in time, and no other one was left to try";
    part.status = 504;
    part.depth = 1;
    part.begin = noon + milliseconds(1000);
    part.took = microseconds(1'000'000);
    t.spans = {root, part};
    check_golden("trace", [&](const output_style& l) { return trace_text(t, l); });
}
