#include "base/logging/terminal_lines.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/logging/log_values.hpp"

namespace distd {
namespace {

using mood = state_change::mood;

constexpr std::size_t clock_columns = 9;     // 14:07:31 and a space
constexpr std::size_t path_column = 18;      // behind the clock, a status and a method of four letters
constexpr std::size_t path_columns = 31;     // before the column of roles
constexpr std::size_t duration_columns = 8;  // 999.9 ms
constexpr std::size_t gap = 2;               // before and behind the role
constexpr std::size_t default_columns = 80;  // of a terminal that does not say how wide it is
constexpr std::size_t max_method_columns = 12;
constexpr std::size_t max_role_columns = 20;
constexpr std::size_t max_subject_columns = 40;  // of the name of a stranger's service

// What we log of ourselves at these times is said in other words, or is of use only to whoever searches.
constexpr std::array<std::string_view, 21> silent_events{"configuration_changed",
                                                         "configuration_opened",
                                                         "configuration_removed",
                                                         "configured",
                                                         "gateway_configured",
                                                         "gateway_instances",
                                                         "grade_book_opened",
                                                         "guard_off",
                                                         "guard_on",
                                                         "instance_back",
                                                         "instance_deregistered",
                                                         "instance_drain_ended",
                                                         "instance_drained",
                                                         "instance_forgotten",
                                                         "instance_gone",
                                                         "instance_lost",
                                                         "instance_registered",
                                                         "log_opened",
                                                         "provider_added",
                                                         "provider_removed",
                                                         "registry_opened"};

bool is_silent(std::string_view event) noexcept {
    return std::ranges::find(silent_events, event) != silent_events.end();
}

std::string in_words(std::string_view event) {
    std::string text(event);
    std::ranges::replace(text, '_', ' ');
    return text;
}

std::string_view field(const log_record& r, std::string_view key) {
    const auto found = std::ranges::find(r.fields, key, &log_field::key);
    return found == r.fields.end() ? std::string_view() : std::string_view(found->text);
}

bool is_reason(const log_field& f) noexcept { return f.key == "reason" || f.key == "error"; }

std::string clock_text(wall_point t, seconds offset) {
    const auto second = std::chrono::floor<seconds>(t.time_since_epoch() + offset);
    const std::chrono::hh_mm_ss time(second - std::chrono::floor<std::chrono::days>(second));
    std::string text;
    for (const auto part : {time.hours().count(), time.minutes().count(), time.seconds().count()}) {
        if (!text.empty()) text += ':';
        (text += static_cast<char>('0' + part / 10)) += static_cast<char>('0' + part % 10);
    }
    return text;
}

tone tone_of(int status) noexcept {
    if (status >= 500) return tone::sick;
    return status >= 400 ? tone::warning : tone::well;
}

struct sign {
    std::string_view glyph;
    tone colour;
};

sign sign_of(mood m) noexcept {
    switch (m) {
        case mood::plain: return {"", tone::plain};
        case mood::well: return {"● ", tone::well};
        case mood::held: return {"‖ ", tone::warning};
        case mood::lost: return {"▲ ", tone::sick};
    }
    return {"", tone::plain};
}

log_level level_of(mood m) noexcept { return m == mood::lost ? log_level::warn : log_level::info; }

// Why it was not answered as it should be, where that is known.
std::string trouble_of(const access_record& r) {
    if (r.reason.empty()) return {};
    auto text = in_words(r.reason);
    if (r.tries > 0 && !r.upstream.empty()) text.append(" at ").append(r.upstream);
    if (r.tries > 1) text.append(", ").append(std::to_string(r.tries)).append(" tries");
    return text;
}

}  // namespace

terminal_lines::terminal_lines(setup s) : setup_(std::move(s)) {}

void terminal_lines::introduce(std::string source, std::string role, std::vector<std::string> urls) {
    source_columns_ = std::max(source_columns_, std::min(width_of(source), max_subject_columns));
    role_columns_ = std::max(role_columns_, std::min(width_of(role), max_role_columns));
    services_.push_back({std::move(source), std::move(role), std::move(urls)});
}

terminal_line terminal_lines::begin(wall_point t) const {
    terminal_line line;
    line.put(clock_text(t, setup_.time_offset(t)), tone::dim).put(" ");
    return line;
}

std::string_view terminal_lines::role_of(std::string_view source) const {
    const auto found = std::ranges::find(services_, source, &service::source);
    return found == services_.end() ? source : std::string_view(found->role);
}

bool terminal_lines::is_own(std::string_view url) const {
    return std::ranges::any_of(services_,
                               [&](const auto& s) { return std::ranges::find(s.urls, url) != s.urls.end(); });
}

void terminal_lines::append(std::string& out, const log_record& r) {
    if (r.level < setup_.min) return;
    if (setup_.min != log_level::debug) {
        if (is_silent(r.event)) return;
        // A registry in this process has said it as well.
        if (r.event == "registered" && is_own(field(r, "registry"))) return;
    }
    if (r.event == "registered") return append_registered(out, r);
    if (r.event == "stopping") return append_stopping(out, r);
    append_event(out, r);
}

void terminal_lines::append_registered(std::string& out, const log_record& r) {
    begin(r.time)
        .put(cut_to_width(r.source, max_subject_columns))
        .go_to(clock_columns + source_columns_ + 2)
        .put("registered at ")
        .put_whole(field(r, "registry"), tone::link)
        .append_to(out, setup_.screen());
}

void terminal_lines::append_event(std::string& out, const log_record& r) {
    auto line = begin(r.time);
    if (r.level == log_level::error) line.put("▲ ", tone::sick);
    if (r.level == log_level::warn) line.put("▲ ", tone::warning);
    line.put(role_of(r.source)).put(": ").put(in_words(r.event));
    // Of a warning the reason is what matters, however long it is.
    for (const auto& f : r.fields)
        if (is_reason(f) && !f.text.empty()) line.put(": ").put_whole(f.text);
    for (const auto& f : r.fields) {
        if (is_reason(f)) continue;
        std::string pair = "  ";
        pair.append(f.key).append("=");
        append_log_word(pair, f.text);
        line.put(pair, tone::dim);
    }
    line.append_to(out, setup_.screen());
}

void terminal_lines::append_stopping(std::string& out, const log_record& r) {
    constexpr std::string_view interrupt = "2";
    // A terminal shows ^C where the cursor is, so begin below it.
    if (field(r, "signal") == interrupt) out += '\n';
    begin(r.time).put("stopping; a second Ctrl-C ends it at once").append_to(out, setup_.screen());
}

// A path has the room up to the column of roles, and more where the terminal is wide; then it is cut.
void terminal_lines::append(std::string& out, const access_record& r) {
    if (setup_.min > log_level::info) return;
    if (r.is_routine && setup_.min != log_level::debug) return;
    const auto screen = setup_.screen();
    const auto columns = screen.columns == 0 ? default_columns : screen.columns;
    const auto last_path_column = columns - (gap + role_columns_ + gap + duration_columns);

    auto line = begin(r.time);
    line.put(std::to_string(r.status), r.is_routine ? tone::dim : tone_of(r.status)).put(" ");
    line.put(cut_to_width(shown(r.method), max_method_columns));
    line.go_to(std::max(path_column, line.columns() + 1));
    const auto path = shown(r.path);
    line.put(screen.columns == 0 ? path : cut_to_width(path, last_path_column - line.columns()));

    const auto role_column =
        gap + std::max(std::min(path_column + path_columns, last_path_column), line.columns());
    line.go_to(role_column).put(cut_to_width(role_of(r.source), max_role_columns));
    const auto took = span_words(std::chrono::microseconds(r.duration_us));
    line.go_to(role_column + role_columns_ + gap + duration_columns - width_of(took));
    line.put(took, tone::dim);
    if (const auto trouble = trouble_of(r); !trouble.empty()) line.put("  ").put(trouble, tone_of(r.status));
    line.append_to(out, screen);
}

void terminal_lines::append(std::string& out, const state_change& c) {
    if (level_of(c.now) < setup_.min) return;
    const auto [glyph, colour] = sign_of(c.now);
    const auto screen = setup_.screen();
    auto line = begin(c.time);
    line.put(glyph, colour).put(cut_to_width(shown(c.subject), max_subject_columns), colour);
    if (c.now == mood::plain && is_own(c.url)) {
        line.go_to(std::max(clock_columns + source_columns_, line.columns()) + 2);
    } else {
        line.put(" ");
        if (!c.url.empty()) line.put_whole(c.url, colour).put(" ");
    }
    line.put(c.text, colour).append_to(out, screen);
}

}  // namespace distd
