#include "role/portal/grade_book/pages.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include "http/message/url.hpp"
#include "role/portal/grade_book/page_values.hpp"

namespace distd::portal {
namespace {

constexpr std::string_view page_names[]{"students",       "student", "edit_grade",   "edit_name", "question",
                                        "history",        "tests",   "distribution", "sheet",     "import",
                                        "import_preview", "outage",  "send_again",   "message",   "status"};

json::object to_row(const student& s, double highest) {
    json::object row;
    row["id"] = s.id;
    row["name"] = text(name_in_list(s));
    row["count"] = s.grades.size();
    const auto mean = average_of(s);
    row["average"] = mean ? text(as_mean(*mean, highest)) : json::value(nullptr);
    if (mean) add_bar(row, *mean, highest);
    return row;
}

json::object to_row(const grade& g, std::int64_t student_id, double highest) {
    json::object row;
    row["grade_title"] = text(g.title);
    row["grade_type"] = text(g.type);
    row["grade_score"] = text(as_score(g.score));
    row["grade_url"] = g.id.value ? text(url_of(student_id, *g.id.value)) : json::value(nullptr);
    add_bar(row, g.score, highest);
    return row;
}

void add_form(json::object& values, std::string action, const grade_form& form, std::string_view button) {
    values["action"] = text(action);
    values["typed_title"] = text(form.typed.title);
    values["typed_score"] = text(form.typed.score);
    values["title_error"] = unless_empty(form.errors.title);
    values["type_error"] = unless_empty(form.errors.type);
    values["score_error"] = unless_empty(form.errors.score);
    values["problem"] = unless_empty(form.problem);
    values["button"] = text(button);
    add_types(values, form.typed.type);
    add_summary(values,
                {{"title", form.errors.title}, {"type", form.errors.type}, {"score", form.errors.score}});
}

std::string words_for_field(const std::string& name) {
    if (name.starts_with("Score-")) return "Score of student " + name.substr(6);
    if (name.starts_with("Stored-")) return "Stored for student " + name.substr(7);
    return name == "FirstName" ? "First name" : name == "LastName" ? "Last name" : name;
}

void add_kept(json::object& values, const kept_form& kept) {
    constexpr std::size_t shown = 80;
    json::array fields, facts;
    for (const auto& [name, value] : kept.fields) {
        if (name == "Token" || name == "Key") continue;
        fields.push_back(json::object{{"field_name", text(name)}, {"field_value", text(value)}});
        if (name == "Version" || name == "ImportToken" || name == "Step" || value.empty()) continue;
        const bool is_long = value.size() > shown;
        facts.push_back(
            json::object{{"fact", text(words_for_field(name))},
                         {"fact_value", text(is_long ? std::to_string(value.size()) + " bytes" : value)}});
    }
    values["kept_action"] = text(kept.action);
    values["multipart"] = kept.holds_table;
    values["fields"] = std::move(fields);
    values["any_facts"] = !facts.empty();
    values["facts"] = std::move(facts);
}

std::string list_url(const student_list_query& asked, std::string_view sort, std::int64_t page) {
    std::string url = "/students?sort=" + std::string(sort);
    http::append_parameter(url, "q", asked.search);
    if (page > 1) url += "&page=" + std::to_string(page);
    return url;
}

// A column's heading leads to its order, and from there to the opposite one.
void add_order(json::object& values, const student_list_query& asked, const std::string& column) {
    const bool up = asked.sort == column;
    const bool down = asked.sort == "-" + column;
    values[column + "_up"] = up;
    values[column + "_down"] = down;
    values[column + "_url"] = text(list_url(asked, up ? "-" + column : column, 1));
}

void add_pager(json::object& values, const student_list& found, const student_list_query& asked) {
    const auto last = last_page(found, asked);
    values["pager"] = last > 1;
    values["page"] = asked.page;
    values["pages"] = last;
    const auto link = [&](std::int64_t page) { return text(list_url(asked, asked.sort, page)); };
    values["previous_url"] = asked.page > 1 ? link(asked.page - 1) : json::value(nullptr);
    values["next_url"] = asked.page < last ? link(asked.page + 1) : json::value(nullptr);
}

// The mean of the students' averages; those without grades do not count.
std::string summary_of(const student_list& found, const student_list_query& asked, double highest) {
    auto sentence = counted(found.total.value_or(found.students.size()), "student", "students");
    if (found.total && !asked.search.empty()) sentence += " found";
    if (found.total.value_or(0) > found.students.size()) return sentence;
    double sum = 0;
    std::size_t graded = 0;
    for (const auto& s : found.students) {
        const auto mean = average_of(s);
        if (!mean) continue;
        sum += *mean;
        ++graded;
    }
    if (graded > 1) sentence += ", class average " + as_mean(sum / static_cast<double>(graded), highest);
    return sentence;
}

void add_reference(json::object& values, const request_reference& asked) {
    values["request_id"] = unless_empty(asked.id);
    values["console_href"] = unless_empty(asked.console_href);
}

// Without the files and what is wrong with them: those are for operators, and anybody may see the page.
json::array rows_of(const std::vector<certificate_state>& certificates) {
    json::array rows;
    for (const auto& c : certificates) {
        json::array names;
        for (const auto& name : c.names) names.push_back(json::object{{"name", text(name)}});
        json::object row;
        row["names"] = std::move(names);
        row["days"] = text(std::to_string(c.days_left) + (c.days_left == 1 ? " day" : " days"));
        const bool is_awaited = c.issuing && !c.issuing->is_issued;
        row["over"] = c.days_left < 0;  // which is invalid, too
        row["early"] = c.days_left >= 0 && !c.invalid.empty();
        row["good"] = c.invalid.empty() && c.problem.empty() && !is_awaited;
        row["awaited"] = is_awaited;
        row["issued"] = c.issuing.has_value();
        if (c.issuing) {
            row["doing"] = text(c.issuing->doing);
            row["failed"] = !c.issuing->last_error.empty();
            row["error"] = text(c.issuing->last_error);
            row["tries_again"] = c.issuing->next_try.has_value();
            if (c.issuing->next_try) add_since(row, "next_try", *c.issuing->next_try);
        }
        row["refused"] = !c.problem.empty();
        add_since(row, "until", c.until);
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace

pages::pages(web::web_files files, std::string served_by, double highest_score)
    : served_by_(std::move(served_by)),
      may_change_(files.on_disk()),
      highest_score_(highest_score),
      icon_url_(files.url_of("assets/icon.svg")),
      style_url_(files.url_of("assets/style.css")),
      script_url_(files.url_of("assets/enter-next.js")),
      templates_(std::move(files), page_names) {}

std::string pages::render(std::string_view name, std::string title, json::object values) const {
    values["title"] = text(title);
    values["icon_url"] = text(icon_url_);
    values["style_url"] = text(style_url_);
    values["script_url"] = name == "sheet" ? text(script_url_) : json::value(nullptr);
    values["served_by"] = text(served_by_);
    values["highest_score"] = text(as_score(highest_score_));
    return templates_.render(name, values);
}

std::string pages::students(const student_list& found, const student_list_query& asked) const {
    json::array rows;
    for (const auto& s : found.students) rows.push_back(to_row(s, highest_score_));
    json::object values;
    const bool is_search = found.total && !asked.search.empty();
    values["in_students"] = true;
    values["offers_more"] = found.total.has_value();
    values["cannot_search"] = !found.total && !asked.search.empty();
    values["search"] = text(asked.search);
    values["sort"] = text(asked.sort);
    values["is_search"] = is_search;
    values["any_students"] = !found.students.empty();
    values["summary"] = found.students.empty() && !is_search ? json::value(nullptr)
                                                             : text(summary_of(found, asked, highest_score_));
    values["students"] = std::move(rows);
    add_order(values, asked, "name");
    add_order(values, asked, "average");
    add_pager(values, found, asked);
    return render("students", "Grade Book", std::move(values));
}

std::string pages::student_page(const student& s, const grade_form& form, const csrf_token& csrf) const {
    json::array rows;
    bool any_ids = false;
    for (const auto& g : s.grades) {
        rows.push_back(to_row(g, s.id, highest_score_));
        any_ids = any_ids || g.id.value.has_value();
    }
    json::object values;
    values["student_url"] = text(url_of(s.id));
    values["can_change"] = s.version.value.has_value();
    values["any_ids"] = any_ids;
    values["name"] = text(full_name(s));
    values["count"] = text(counted(s.grades.size(), "grade", "grades"));
    const auto mean = average_of(s);
    values["average"] = mean ? text(as_mean(*mean, highest_score_)) : json::value(nullptr);
    values["any_grades"] = !s.grades.empty();
    values["grades"] = std::move(rows);
    add_form(values, url_of(s.id) + "/grades", form, "Add the grade");
    add_csrf(values, csrf);
    return render("student", name_in_list(s) + " – Grade Book", std::move(values));
}

std::string pages::edit_grade(const grade_edit& e, const csrf_token& csrf) const {
    json::object values;
    values["student_url"] = text(url_of(e.student_id));
    values["name"] = text(e.student_name);
    values["version"] = e.version;
    values["cancel_url"] = text(url_of(e.student_id));
    values["conflict"] = e.theirs.has_value();
    if (e.theirs) {
        const auto theirs = as_typed(*e.theirs);
        json::array lines;
        const auto line = [&lines](std::string_view what, const std::string& now, const std::string& mine) {
            lines.push_back(json::object{
                {"what", text(what)}, {"theirs", text(now)}, {"mine", text(mine)}, {"differs", now != mine}});
        };
        line("Title", theirs.title, e.form.typed.title);
        line("Type", theirs.type, e.form.typed.type);
        line("Score", theirs.score, e.form.typed.score);
        values["lines"] = std::move(lines);
    }
    add_form(values, url_of(e.student_id, e.grade_id), e.form, e.theirs ? "Store mine" : "Store the change");
    add_csrf(values, csrf);
    return render("edit_grade", "Change a grade – Grade Book", std::move(values));
}

std::string pages::edit_name(const name_form& f, const csrf_token& csrf) const {
    json::object values;
    const std::string heading = f.student_id ? "Rename a student" : "Add a student";
    values["heading"] = text(heading);
    values["action"] = text(f.student_id ? url_of(*f.student_id) + "/name" : "/students");
    values["cancel_url"] = text(f.student_id ? url_of(*f.student_id) : "/students");
    values["button"] = text(!f.student_id ? "Add the student" : f.theirs ? "Store mine" : "Store the name");
    values["version"] = f.student_id ? json::value(f.version) : json::value(nullptr);
    values["typed_first"] = text(f.typed.first);
    values["typed_last"] = text(f.typed.last);
    values["first_error"] = unless_empty(f.errors.first);
    values["last_error"] = unless_empty(f.errors.last);
    values["problem"] = unless_empty(f.problem);
    values["conflict"] = f.theirs.has_value();
    values["their_name"] = f.theirs ? text(f.theirs->first + " " + f.theirs->last) : json::value(nullptr);
    values["my_name"] = text(f.typed.first + " " + f.typed.last);
    add_summary(values, {{"first", f.errors.first}, {"last", f.errors.last}});
    add_csrf(values, csrf);
    return render("edit_name", heading + " – Grade Book", std::move(values));
}

std::string pages::ask(const question& q, const csrf_token& csrf) const {
    json::object values;
    values["heading"] = text(q.heading);
    values["sentence"] = text(q.sentence);
    values["problem"] = unless_empty(q.problem);
    values["action"] = text(q.action);
    values["version"] = q.version;
    values["button"] = text(q.button);
    values["back_url"] = text(q.back_url);
    add_csrf(values, csrf);
    return render("question", q.heading + " – Grade Book", std::move(values));
}

std::string pages::outage_page(const outage& o, const request_reference& asked,
                               const csrf_token& csrf) const {
    json::object values;
    values["heading"] = text(o.heading);
    values["sentence"] = text(o.sentence);
    add_since(values, "since", o.since);
    values["consequence"] = text(o.consequence);
    values["retry_url"] = text(o.retry_url);
    add_reference(values, asked);
    values["with_form"] = o.student_id.has_value();
    values["with_kept"] = o.kept.has_value();
    values["with_neither"] = !o.student_id && !o.kept;
    values["send_button"] = "Try again";
    if (o.student_id) {
        values["student_url"] = text(url_of(*o.student_id));
        add_form(values, url_of(*o.student_id) + "/grades", o.form, "Try again");
    }
    if (o.kept) add_kept(values, *o.kept);
    add_csrf(values, csrf);
    return render("outage", o.heading + " – Grade Book", std::move(values));
}

std::string pages::send_again(const kept_form& kept, const csrf_token& csrf,
                              const request_reference& asked) const {
    json::object values;
    add_reference(values, asked);
    values["send_button"] = "Send it again";
    add_kept(values, kept);
    add_csrf(values, csrf);
    return render("send_again", "Once more – Grade Book", std::move(values));
}

std::string pages::message(std::string heading, std::string sentence, const request_reference& asked) const {
    json::object values;
    values["heading"] = text(heading);
    values["sentence"] = text(sentence);
    add_reference(values, asked);
    return render("message", heading + " – Grade Book", std::move(values));
}

std::string pages::status(const std::vector<service_state>& services,
                          const std::vector<certificate_state>& certificates) const {
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
    values["any_certificates"] = !certificates.empty();
    values["certificates"] = rows_of(certificates);
    return render("status", "Status – Grade Book", std::move(values));
}

}  // namespace distd::portal
