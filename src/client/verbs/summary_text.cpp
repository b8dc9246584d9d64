#include "client/verbs/summary_text.hpp"

#include <vector>

#include "client/verbs/service_rows.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_rows = 6;
constexpr std::size_t max_name = 32;  // columns; where there are fewer the reason is cut, not the name

// Without titles above it: no column that needs one.
std::vector<cell> short_row(const service_facts& s, const system_overview& t, const output_style& l,
                            wall_point now) {
    auto row = service_row(s, t, l, now);
    row[1].text = cut_to_width(row[1].text, max_name);
    row.erase(row.begin() + 3, row.begin() + 5);  // its versions and errors
    return row;
}

}  // namespace

std::string what_next(bool is_running, const output_style& l) {
    const auto row = [&](const char* line, const char* meaning) {
        const std::string text = line;
        return "  " + l.paint(text, tone::link) + std::string(24 - text.size(), ' ') + meaning + "\n";
    };
    if (!is_running)
        return row("distd run", "runs every role here, data in ./data") +
               row("distd run --role=log", "runs one role; distd --help names the settings") +
               row("distd services", "what runs, what is sick and why") +
               row("distd doctor", "which roles answer, and what is wrong") + row("distd help", "all verbs");
    return row("distd services", "what runs, what is sick and why") +
           row("distd show NAME", "everything of one service") +
           row("distd logs NAME -f", "what it says, as it says it") +
           row("distd drain NAME/1", "takes an instance out of rotation") + row("distd help", "all verbs");
}

std::string first_rows(const system_overview& t, const output_style& l, wall_point now) {
    table rows({{""},
                {.title = "SERVICE"},
                {.title = "UP", .is_number = true},
                {.title = "FOR", .is_number = true},
                {.title = "WHY"}});
    for (std::size_t i = 0; i < t.services.size() && i < max_rows; ++i)
        rows.add(short_row(t.services[i], t, l, now));
    auto out = rows.text(l, false, 2);
    if (t.services.size() > max_rows)
        out += "  and " + std::to_string(t.services.size() - max_rows) + " more\n";
    return out;
}

}  // namespace distd::ops::client
