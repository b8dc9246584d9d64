#include "role/portal/grade_book/page_values.hpp"

#include <algorithm>
#include <cmath>

#include "base/timestamp.hpp"

namespace distd::portal {
namespace {

std::string join_name(const std::string& front, std::string_view separator, const std::string& back) {
    if (front.empty() || back.empty()) return front + back;
    return front + std::string(separator) + back;
}

std::string name_or_number(std::string name, const student& s) {
    return name.empty() ? "Student " + std::to_string(s.id) : name;
}

}  // namespace

std::string name_in_list(const student& s) {
    return name_or_number(join_name(s.last_name, ", ", s.first_name), s);
}

std::string full_name(const student& s) {
    return name_or_number(join_name(s.first_name, " ", s.last_name), s);
}

std::string url_of(std::int64_t student_id) { return "/students/" + std::to_string(student_id); }

std::string url_of(std::int64_t student_id, std::int64_t grade_id) {
    return url_of(student_id) + "/grades/" + std::to_string(grade_id);
}

void add_bar(json::object& row, double score, double highest_score) {
    const auto percent = std::clamp(score * 100 / highest_score, 0.0, 100.0);
    row["length"] = std::lround(percent);
    row["band"] = text(percent < 50 ? "low" : percent < 75 ? "middle" : "high");
}

void add_csrf(json::object& values, const csrf_token& csrf) {
    values["token"] = text(csrf.token);
    values["key"] = text(csrf.key);
}

void add_types(json::object& values, std::string_view chosen) {
    json::array types;
    const auto add = [&](std::string_view type) {
        types.push_back(json::object{{"type_name", text(type)}, {"chosen", type == chosen}});
    };
    for (const auto type : grade_types) add(type);
    // What was sent stays, also where it is none of them: the reason stands beside it.
    const bool is_known = std::find(grade_types.begin(), grade_types.end(), chosen) != grade_types.end();
    if (!is_known && !chosen.empty()) add(chosen);
    values["types"] = std::move(types);
}

std::string as_date_and_time(wall_point when) {
    constexpr std::string_view months[]{"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    const std::chrono::year_month_day day = std::chrono::floor<std::chrono::days>(when);
    return std::to_string(static_cast<unsigned>(day.day())) + ' ' +
           std::string(months[static_cast<unsigned>(day.month()) - 1]) + ' ' +
           std::to_string(static_cast<int>(day.year())) + ", " + rfc3339(when).substr(11, 8) + " UTC";
}

void add_since(json::object& values, const std::string& name, std::optional<wall_point> when) {
    values[name] = when ? text(as_date_and_time(*when)) : json::value(nullptr);
    if (when) values[name + "_iso"] = text(rfc3339(*when));
}

void add_summary(json::object& values, const field_notes& notes) {
    json::array lines;
    for (const auto& [field, sentence] : notes) {
        if (sentence.empty()) continue;
        lines.push_back(json::object{{"note_field", text(field)}, {"note", text(sentence)}});
    }
    values["any_notes"] = !lines.empty();
    values["notes"] = std::move(lines);
}

}  // namespace distd::portal
