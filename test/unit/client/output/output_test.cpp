// Tables and times as they are printed: at 80 and 120 columns, and where no terminal is.
#include <catch2/catch.hpp>
#include <set>

#include "client/output/table.hpp"
#include "client/output/times.hpp"
#include "client/verbs/diff_text.hpp"
#include "client/verbs/service_rows.hpp"
#include "client/verbs/trace_text.hpp"
#include "unit/ops/overview_facts.hpp"

using namespace distd;
using namespace distd::ops;
using namespace distd::ops::client;

namespace {

output_style style_with(std::size_t columns, bool has_utf8 = true, bool has_colours = false) {
    output_style l;
    l.to = {columns > 0, has_colours, has_utf8, columns};
    l.is_utc = true;
    return l;
}

std::vector<instance> sample_instances() {
    auto sick = lost("cart", "http://127.0.0.2:23811", "answered 503", seconds(440));
    sick.failure_answer = "database pool exhausted (50/50)\n";
    sick.version = "1.0.0";
    auto well = ops::listed("cart", "http://127.0.0.3:23811");
    well.version = "1.1.0";
    auto checkout = ops::listed("checkout", "http://127.0.0.4:1");
    checkout.version = "2.0.1";
    checkout.registered_at = noon - seconds(430);
    auto loyalty = ops::listed("loyalty", "http://127.0.0.5:1");
    loyalty.required = {"points"};
    loyalty.registered_at = noon - std::chrono::hours(3);
    return {sick, well, checkout, loyalty};
}

std::string services_at(const output_style& l) {
    const auto instances = sample_instances();
    const std::map<std::string, std::int64_t> errors{{"cart", 4}, {"loyalty", 44}};
    overview_input facts;
    facts.instances = &instances;
    facts.errors = &errors;
    const auto t = make_overview(facts, noon);
    auto rows = make_service_table();
    for (const auto& s : t.services) rows.add(service_row(s, t, l, noon));
    return rows.text(l);
}

}  // namespace

TEST_CASE("services at 120 columns, at 80, and for a program") {
    CHECK(services_at(style_with(120)) ==
          "   SERVICE    UP  VERSION      ERRORS  FOR  WHY\n"
          "▲  cart      1/2  1.0.0,1.1.0       4   7m  http://127.0.0.2:23811 answered 503: database pool "
          "exhausted (50/50)\n"
          "●  checkout  1/1  2.0.1             0   7m\n"
          "●  loyalty   1/1  –                44   3h  requires points, which nobody offers\n");
    CHECK(services_at(style_with(80)) ==
          "   SERVICE    UP  VERSION      ERRORS  FOR  WHY\n"
          "▲  cart      1/2  1.0.0,1.1.0       4   7m  http://127.0.0.2:23811 answered 503:\n"
          "                                            database pool exhausted (50/50)\n"
          "●  checkout  1/1  2.0.1             0   7m\n"
          "●  loyalty   1/1  –                44   3h  requires points, which nobody offers\n");
    CHECK(services_at(style_with(48)) ==
          "   SERVICE    UP  VERSION      ERRORS  FOR\n"
          "▲  cart      1/2  1.0.0,1.1.0       4   7m\n"
          "   http://127.0.0.2:23811 answered 503: database\n"
          "   pool exhausted (50/50)\n"
          "●  checkout  1/1  2.0.1             0   7m\n"
          "●  loyalty   1/1  –                44   3h\n"
          "   requires points, which nobody offers\n");
    CHECK(services_at(style_with(0)) == services_at(style_with(120)));
}

TEST_CASE("at a terminal without UTF-8 shapes are words") {
    const auto text = services_at(style_with(80, false));
    CHECK(text.find("sick  cart") != text.npos);
    CHECK(text.find("well  checkout") != text.npos);
    CHECK(std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }));
}

TEST_CASE("no line of a table is wider than the terminal") {
    for (const std::size_t columns : {40, 60, 80, 100, 120}) {
        const auto text = services_at(style_with(columns));
        CAPTURE(columns, text);
        for (std::size_t at = 0; at < text.size();) {
            const auto line = text.substr(at, text.find('\n', at) - at);
            CHECK(width_of(line) <= columns);
            at += line.size() + 1;
        }
    }
}

TEST_CASE("colours do not change where columns stand") {
    auto plain = services_at(style_with(80));
    auto coloured = services_at(style_with(80, true, true));
    CHECK(coloured.find("\x1b[31m▲\x1b[0m") != coloured.npos);
    for (auto at = coloured.find('\x1b'); at != coloured.npos; at = coloured.find('\x1b'))
        coloured.erase(at, coloured.find('m', at) + 1 - at);
    CHECK(coloured == plain);
}

TEST_CASE("text from outside changes nothing around it") {
    auto odd = lost("ca\x1b[2Jrt", "http://127.0.0.1:1", "a\nb\u202Ec", seconds(1));
    odd.failure_answer = "\x1b]0;title\x07";
    const std::vector<instance> instances{odd};
    overview_input facts;
    facts.instances = &instances;
    const auto t = make_overview(facts, noon);
    auto rows = make_service_table();
    rows.add(service_row(t.services[0], t, style_with(0), noon));
    const auto text = rows.text(style_with(0));
    CHECK(text.find('\x1b') == text.npos);
    CHECK(text.find("\u202E") == text.npos);
    CHECK(std::ranges::count(text, '\n') == 2);
}

TEST_CASE("the name of a service has one colour wherever it stands, and eight tell services apart") {
    const auto l = style_with(0, true, true);
    std::set<std::string> colours;
    for (int i = 0; i < 100; ++i) {
        const auto name = "service-" + std::to_string(i);
        const auto painted = l.paint_name("x", name);
        CHECK(l.paint_name("x", name) == painted);
        CHECK((painted != l.paint("x", tone::sick) && painted != l.paint("x", tone::warning)));
        colours.insert(painted);
    }
    CHECK(colours.size() == 8);
    CHECK(l.paint_name("cart", "cart") != l.paint_name("cart", "checkout"));
    CHECK(style_with(0).paint_name("cart", "cart") == "cart");
}

TEST_CASE("times are those of the day, older ones have the date, ages are short") {
    CHECK(time_text(noon, noon, true) == "12:00:00");
    CHECK(time_text(noon - std::chrono::hours(13), noon, true) == "2026-11-20 23:00:00");
    CHECK(age_text(seconds(59)) == "59s");
    CHECK(age_text(seconds(3599)) == "59m");
    CHECK(age_text(std::chrono::hours(47)) == "47h");
    CHECK(age_text(std::chrono::hours(49)) == "2d");
}

TEST_CASE("a time is written as somebody thinks of it") {
    const auto read = [](const char* text) { return read_moment(text, noon, true); };
    CHECK(read("15m") == noon - std::chrono::minutes(15));
    CHECK(read("-15m") == noon - std::chrono::minutes(15));
    CHECK(read("1h30m") == noon - std::chrono::minutes(90));
    CHECK(read("now") == noon);
    CHECK(read("today") == noon - std::chrono::hours(12));
    CHECK(read("yesterday") == noon - std::chrono::hours(36));
    CHECK(read("11:30") == noon - std::chrono::minutes(30));
    CHECK(read("11:59:50") == noon - seconds(10));
    CHECK(read("2026-11-20") == noon - std::chrono::hours(36));
    CHECK(read("2026-11-20 12:00") == noon - std::chrono::hours(24));
    CHECK(read("2026-11-20T12:00:00Z") == noon - std::chrono::hours(24));
    for (const auto* wrong : {"", "-", "--15m", "soon", "25:00", "11:60", "2026-13-01", "2026-11-20 99", "15",
                              "11:30x", "9999-01-01"}) {
        CAPTURE(wrong);
        CHECK_FALSE(read(wrong));
    }
}

TEST_CASE("a difference shows what changed and a little around it; JSON a member a line") {
    const auto l = style_with(0);
    CHECK(diff_text("a\nb\n", "a\nb\n", l).empty());
    CHECK(diff_text("a\nb\n", "a\nc\n", l) == "  a\n- b\n+ c\n");
    CHECK(diff_text("", "new\n", l) == "+ new\n");
    CHECK(diff_text(R"({"items":50,"x":1})", R"({"items":60,"x":1})", l) ==
          "  {\n-   \"items\": 50,\n+   \"items\": 60,\n    \"x\": 1\n  }\n");
    CHECK_FALSE(diff_text(R"({"a":1})", R"({ "a": 1 })", l).empty());
}

TEST_CASE("a request is a tree with bars where its parts were") {
    request_tree t;
    t.begin = noon;
    t.took = microseconds(2'000'000);
    t.lines = 3;
    t.services = 2;
    request_span root;
    root.service = "Portald";
    root.method = "POST";
    root.path = "/api/cart/pay";
    root.status = 502;
    root.span = "a";
    root.begin = noon;
    root.took = t.took;
    auto part = root;
    part.service = "cards";
    part.path = "/pay";
    part.status = 504;
    part.span = "b";
    part.parent = "a";
    part.depth = 1;
    part.begin = noon + milliseconds(1000);
    part.took = microseconds(1'000'000);
    t.spans = {root, part};
    CHECK(trace_text(t, style_with(0, false)) ==
          "502 POST /api/cart/pay took 2.00 s. It waited 1.00 s for cards, which answered 504\n"
          "\n"
          "SERVICE  STATUS    TOOK                            REQUEST\n"
          "Portald     502  2.00 s  ========================  POST /api/cart/pay\n"
          "  cards     504  1.00 s              ============  POST /pay\n");
}
