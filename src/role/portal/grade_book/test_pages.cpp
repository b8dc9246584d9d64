// Pages about the whole class: history, statistics, one test for all, import.
#include <algorithm>
#include <utility>

#include "http/message/url.hpp"
#include "role/portal/grade_book/page_values.hpp"
#include "role/portal/grade_book/pages.hpp"

namespace distd::portal {
namespace {

constexpr std::size_t shown_entries = 200;
constexpr std::size_t shown_lines = 500;
constexpr std::size_t shown_characters = 120;  // of a line

// Actions of the history and their labels.
constexpr std::pair<std::string_view, std::string_view> actions[]{
    {"student_added", "Student added"},     {"student_changed", "Student renamed"},
    {"student_removed", "Student removed"}, {"student_restored", "Student brought back"},
    {"grade_added", "Grade added"},         {"grade_changed", "Grade changed"},
    {"grade_removed", "Grade deleted"},
};

std::string_view words_for(std::string_view action) {
    for (const auto& [name, words] : actions)
        if (name == action) return words;
    return action;
}

json::value text_of(const std::optional<recorded>& r) {
    if (!r) return nullptr;
    if (r->score) return text(r->title + " (" + r->type + "): " + as_score(*r->score));
    return unless_empty(r->first_name + (r->last_name.empty() ? "" : " ") + r->last_name);
}

// "2026-01-02T03:04:05.678Z" in readable form.
std::string readable(const std::string& rfc3339) {
    if (rfc3339.size() < 19 || rfc3339[10] != 'T') return rfc3339;
    return rfc3339.substr(0, 10) + ' ' + rfc3339.substr(11, 8) + " UTC";
}

json::object to_row(const test_figures& t) {
    json::object row;
    row["test_title"] = text(t.title);
    row["test_url"] = text("/tests/distribution?title=" + http::percent_encode(t.title));
    row["count"] = t.count;
    row["mean"] = text(as_percent(t.mean).substr(0, as_percent(t.mean).size() - 1));
    row["median"] = text(as_score(t.median));
    row["min"] = text(as_score(t.min));
    row["max"] = text(as_score(t.max));
    return row;
}

// The chart is 400 by 170: ten bars of up to 120, with labels below.
json::array to_bars(const std::vector<std::int64_t>& counts) {
    constexpr std::int64_t step = 40, ground = 145, highest = 120;
    std::int64_t max = 1;
    for (const auto count : counts) max = std::max(max, count);
    json::array bars;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const auto height = std::max<std::int64_t>(counts[i] * highest / max, counts[i] > 0 ? 2 : 0);
        const auto x = static_cast<std::int64_t>(i) * step;
        const auto from = i * 10;
        bars.push_back(json::object{{"from", from},
                                    {"to", from + 10},
                                    {"is_last", i + 1 == counts.size()},
                                    {"bar_count", counts[i]},
                                    {"x", x + 4},
                                    {"middle", x + step / 2},
                                    {"y", ground - height},
                                    {"label_y", ground - height - 6},
                                    {"height", height}});
    }
    return bars;
}

const grade* grade_called(const student& s, const std::string& title) {
    const auto is_it = [&](const grade& g) { return !title.empty() && g.title == title; };
    const auto it = std::find_if(s.grades.begin(), s.grades.end(), is_it);
    return it == s.grades.end() ? nullptr : &*it;
}

std::vector<std::string_view> lines_of(std::string_view table) {
    std::vector<std::string_view> lines;
    while (!table.empty()) {
        lines.push_back(table.substr(0, table.find("\r\n")));
        table.remove_prefix(std::min(lines.back().size() + 2, table.size()));
    }
    return lines;
}

std::string text_at(const std::vector<std::string_view>& lines, std::int64_t number) {
    if (number < 1 || static_cast<std::size_t>(number) > lines.size()) return {};
    return first_characters(lines[static_cast<std::size_t>(number) - 1], shown_characters);
}

}  // namespace

std::string pages::history(const student& s, const std::vector<history_entry>& entries,
                           const std::string& problem, const csrf_token& csrf) const {
    json::array rows;
    for (auto e = entries.rbegin(); e != entries.rend() && rows.size() < shown_entries; ++e) {
        json::object row;
        row["at"] = text(readable(e->at));
        row["at_iso"] = text(e->at);
        row["action_words"] = text(words_for(e->action));
        row["is_undo"] = e->undoes.has_value();
        row["before"] = text_of(e->before);
        row["after"] = text_of(e->after);
        row["undo_url"] = text(url_of(s.id) + "/history/" + std::to_string(e->id));
        rows.push_back(std::move(row));
    }
    json::object values;
    values["student_url"] = text(url_of(s.id));
    values["name"] = text(full_name(s));
    values["problem"] = unless_empty(problem);
    values["any_entries"] = !rows.empty();
    const auto shown =
        "The latest " + std::to_string(rows.size()) + " of " + counted(entries.size(), "change", "changes");
    values["summary"] =
        text(rows.size() < entries.size() ? shown : counted(entries.size(), "change", "changes"));
    values["entries"] = std::move(rows);
    add_csrf(values, csrf);
    return render("history", "History of " + full_name(s) + " – Grade Book", std::move(values));
}

std::string pages::tests(const std::vector<test_figures>& tests, bool offered) const {
    json::array rows;
    for (const auto& t : tests) rows.push_back(to_row(t));
    json::object values;
    values["in_tests"] = true;
    values["not_offered"] = !offered;
    values["none_yet"] = offered && rows.empty();
    values["any_tests"] = !rows.empty();
    values["tests"] = std::move(rows);
    return render("tests", "Tests – Grade Book", std::move(values));
}

std::string pages::distribution(const test_figures& t) const {
    auto values = to_row(t);
    values["in_tests"] = true;
    values["grades_counted"] = text(counted(static_cast<std::size_t>(t.count), "grade", "grades"));
    values["bars"] = to_bars(t.distribution);
    return render("distribution", t.title + " – Grade Book", std::move(values));
}

std::string pages::sheet(const score_sheet& sheet, const student_list& found, const csrf_token& csrf) const {
    json::array rows;
    field_notes notes{{"title", sheet.errors.title}, {"type", sheet.errors.type}};
    bool focus_is_set = sheet.errors.any() || sheet.title.empty();
    const bool title_first = focus_is_set;
    for (const auto& s : found.students) {
        if (rows.size() == max_on_a_sheet) break;
        const auto at = sheet.rows.find(s.id);
        const auto row = at == sheet.rows.end() ? sheet_row{} : at->second;
        const auto* has = grade_called(s, sheet.title);
        const auto field = "score-" + std::to_string(s.id);
        const bool wants_focus = row.stored.empty() && (row.typed.empty() || !row.error.empty());
        notes.emplace_back(field, row.error.empty() ? "" : name_in_list(s) + ": " + row.error);
        rows.push_back(json::object{{"id", s.id},
                                    {"name", text(name_in_list(s))},
                                    {"typed", text(row.typed)},
                                    {"row_error", unless_empty(row.error)},
                                    {"stored", unless_empty(row.stored)},
                                    {"has", has && row.stored.empty() ? text(as_score(has->score)) : nullptr},
                                    {"focus", wants_focus && !focus_is_set}});
        focus_is_set = focus_is_set || wants_focus;
    }
    json::object values;
    values["in_tests"] = true;
    values["typed_title"] = text(sheet.title);
    values["title_first"] = title_first;
    values["search"] = text(sheet.search);
    values["title_error"] = unless_empty(sheet.errors.title);
    values["type_error"] = unless_empty(sheet.errors.type);
    values["problem"] = unless_empty(sheet.problem);
    values["some_stored"] = sheet.stored() > 0;
    values["any_students"] = !rows.empty();
    values["offers_more"] = found.total.has_value();
    const auto total = found.total.value_or(found.students.size());
    const auto shown = "These are the first " + std::to_string(rows.size()) + " of " + std::to_string(total) +
                       " students." + (found.total ? " Search to find the others." : "");
    values["too_many"] = total > rows.size() ? text(shown) : json::value(nullptr);
    values["students"] = std::move(rows);
    add_types(values, sheet.type);
    add_summary(values, notes);
    add_csrf(values, csrf);
    return render("sheet", "One test for all – Grade Book", std::move(values));
}

std::string pages::import_form(const std::string& problem, const csrf_token& csrf) const {
    json::object values;
    values["problem"] = unless_empty(problem);
    add_csrf(values, csrf);
    return render("import", "Import a table – Grade Book", std::move(values));
}

std::string pages::import_preview(const import_report& r, const std::string& table,
                                  const std::string& problem, const csrf_token& csrf) const {
    json::array lines;
    const auto texts = lines_of(table);
    for (const auto& line : r.report) {
        if (lines.size() == shown_lines) break;
        const bool is_rejected = line.outcome == "rejected";
        lines.push_back(json::object{{"line", line.line},
                                     {"outcome", text(line.outcome)},
                                     {"is_rejected", is_rejected},
                                     {"detail", text(line.detail)},
                                     {"line_text", text(text_at(texts, line.line))}});
    }
    json::object values;
    values["problem"] = unless_empty(problem);
    values["added"] = r.added;
    values["changed"] = r.changed;
    values["unchanged"] = r.unchanged;
    values["rejected"] = r.rejected;
    values["any_rejected"] = r.rejected > 0;
    values["nothing_to_do"] = r.added + r.changed == 0;
    values["more_lines"] = r.report.size() > lines.size()
                               ? text("The first " + std::to_string(lines.size()) + " of " +
                                      std::to_string(r.report.size()) + " lines are shown.")
                               : json::value(nullptr);
    values["any_lines"] = !lines.empty();
    values["lines"] = std::move(lines);
    values["table"] = text(table);
    values["import_token"] = text(r.token);
    add_csrf(values, csrf);
    return render("import_preview", "Preview of the import – Grade Book", std::move(values));
}

}  // namespace distd::portal
