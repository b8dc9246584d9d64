#include "role/portal/pages.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <cmath>
#include <cstdio>
#include <utility>

namespace distd::portal {
namespace {

namespace json = boost::json;

json::value text(std::string_view s) { return json::value(json::string_view(s.data(), s.size())); }

// A section of a template is left out for nothing, but not for an empty text.
json::value unless_empty(std::string_view s) { return s.empty() ? json::value(nullptr) : text(s); }

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
    return std::to_string(count) + ' ' + std::string(count == 1 ? one : many);
}

std::string join_name(const student& s, std::string_view separator, bool last_first) {
    const auto& front = last_first ? s.last_name : s.first_name;
    const auto& back = last_first ? s.first_name : s.last_name;
    if (front.empty() || back.empty()) return front + back;
    return front + std::string(separator) + back;
}

std::string name_or_number(std::string name, const student& s) {
    return name.empty() ? "Student " + std::to_string(s.id) : name;
}

// The drawing beside a number: the number itself always stands there, too.
void add_bar(json::object& row, double score) {
    row["length"] = std::lround(std::clamp(score, 0.0, 100.0));
    row["band"] = text(score < 50 ? "low" : score < 75 ? "middle" : "high");
}

json::object to_row(const student& s) {
    json::object row;
    row["id"] = s.id;
    row["name"] = text(name_or_number(join_name(s, ", ", true), s));
    row["count"] = s.grades.size();
    const auto mean = average(s.grades);
    row["average"] = mean ? text(as_percent(*mean)) : json::value(nullptr);
    if (mean) add_bar(row, *mean);
    return row;
}

json::object to_row(const grade& g) {
    json::object row;
    row["grade_title"] = text(g.title);
    row["grade_type"] = text(g.type);
    row["grade_score"] = text(as_score(g.score));
    add_bar(row, g.score);
    return row;
}

void add_form(json::object& values, std::int64_t student_id, const grade_form& form,
              std::string_view button) {
    values["student_id"] = student_id;
    values["typed_title"] = text(form.typed.title);
    values["typed_score"] = text(form.typed.score);
    values["title_error"] = unless_empty(form.errors.title);
    values["type_error"] = unless_empty(form.errors.type);
    values["score_error"] = unless_empty(form.errors.score);
    values["problem"] = unless_empty(form.problem);
    values["button"] = text(button);
    json::array types;
    for (const auto type : grade_types) {
        types.push_back(json::object{{"type_name", text(type)}, {"chosen", type == form.typed.type}});
    }
    values["types"] = std::move(types);
}

void add_since(json::object& values, const std::string& name, std::optional<wall_point> when) {
    values[name] = when ? text(as_date_and_time(*when)) : json::value(nullptr);
    if (when) values[name + "_iso"] = text(as_rfc3339(*when));
}

// The mean of the students' averages; those without grades do not count.
std::string summary_of(const std::vector<student>& students) {
    auto sentence = counted(students.size(), "student", "students");
    double sum = 0;
    std::size_t graded = 0;
    for (const auto& s : students) {
        const auto mean = average(s.grades);
        if (!mean) continue;
        sum += *mean;
        ++graded;
    }
    if (graded > 1) sentence += ", class average " + as_percent(sum / static_cast<double>(graded));
    return sentence;
}

std::string versioned_url(const web_files& files, const std::string& path) {
    const auto tag = files.tag_of(path);
    return "/" + path + (tag.empty() ? "" : "?v=" + tag);
}

std::chrono::year_month_day day_of(wall_point when) { return std::chrono::floor<std::chrono::days>(when); }

std::string time_of_day(wall_point when) {
    const std::chrono::hh_mm_ss clock(
        std::chrono::floor<seconds>(when - std::chrono::floor<std::chrono::days>(when)));
    char out[16];
    std::snprintf(out, sizeof out, "%02d:%02d:%02d", static_cast<int>(clock.hours().count()),
                  static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
    return out;
}

}  // namespace

pages::pages(web_files files, std::string served_by)
    : served_by_(std::move(served_by)),
      icon_url_(versioned_url(files, "assets/icon.svg")),
      style_url_(versioned_url(files, "assets/style.css")),
      templates_(std::move(files)) {}

std::string pages::render(std::string_view name, std::string title, json::object values) const {
    values["title"] = text(title);
    values["icon_url"] = text(icon_url_);
    values["style_url"] = text(style_url_);
    values["served_by"] = text(served_by_);
    return templates_.render(name, values);
}

std::string pages::students(const std::vector<student>& students) const {
    json::array rows;
    for (const auto& s : students) rows.push_back(to_row(s));
    json::object values;
    values["in_students"] = true;
    values["any_students"] = !students.empty();
    values["summary"] = students.empty() ? json::value(nullptr) : text(summary_of(students));
    values["students"] = std::move(rows);
    return render("students", "Grade Book", std::move(values));
}

std::string pages::student_page(const student& s, const grade_form& form) const {
    json::array rows;
    for (const auto& g : s.grades) rows.push_back(to_row(g));
    json::object values;
    values["name"] = text(name_or_number(join_name(s, " ", false), s));
    values["count"] = text(counted(s.grades.size(), "grade", "grades"));
    const auto mean = average(s.grades);
    values["average"] = mean ? text(as_percent(*mean)) : json::value(nullptr);
    values["any_grades"] = !s.grades.empty();
    values["grades"] = std::move(rows);
    add_form(values, s.id, form, "Add the grade");
    return render("student", name_or_number(join_name(s, ", ", true), s) + " – Grade Book",
                  std::move(values));
}

std::string pages::outage_page(const outage& o, std::string_view request_id) const {
    json::object values;
    values["heading"] = "The grade book is not available";
    values["sentence"] = text(o.sentence);
    add_since(values, "since", o.since);
    values["consequence"] = text(o.consequence);
    values["retry_url"] = text(o.retry_url);
    values["request_id"] = unless_empty(request_id);
    values["with_form"] = o.student_id.has_value();
    if (o.student_id) add_form(values, *o.student_id, o.form, "Try again");
    return render("outage", "Not available – Grade Book", std::move(values));
}

std::string pages::message(std::string heading, std::string sentence, std::string_view request_id) const {
    json::object values;
    values["heading"] = text(heading);
    values["sentence"] = text(sentence);
    values["request_id"] = unless_empty(request_id);
    return render("message", heading + " – Grade Book", std::move(values));
}

std::string pages::status(const std::vector<service_state>& services) const {
    json::array rows;
    for (const auto& s : services) {
        json::array addresses;
        for (const auto& a : s.addresses) addresses.push_back(json::object{{"address", text(a)}});
        json::object row;
        row["service"] = text(s.name);
        row["available"] = !s.addresses.empty() && !s.away_since;
        row["silent"] = !s.addresses.empty() && s.away_since.has_value();
        row["missing"] = s.addresses.empty();
        row["any_addresses"] = !s.addresses.empty();
        row["addresses"] = std::move(addresses);
        add_since(row, "away_since", s.away_since);
        rows.push_back(std::move(row));
    }
    json::object values;
    values["in_status"] = true;
    values["services"] = std::move(rows);
    return render("status", "Status – Grade Book", std::move(values));
}

std::string as_date_and_time(wall_point when) {
    constexpr std::string_view months[]{"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    const auto day = day_of(when);
    return std::to_string(static_cast<unsigned>(day.day())) + ' ' +
           std::string(months[static_cast<unsigned>(day.month()) - 1]) + ' ' +
           std::to_string(static_cast<int>(day.year())) + ", " + time_of_day(when) + " UTC";
}

std::string as_rfc3339(wall_point when) {
    const auto day = day_of(when);
    char out[32];
    std::snprintf(out, sizeof out, "%04d-%02u-%02uT", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return out + time_of_day(when) + "Z";
}

}  // namespace distd::portal
