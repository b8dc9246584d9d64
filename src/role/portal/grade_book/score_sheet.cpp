#include "role/portal/grade_book/score_sheet.hpp"

#include <algorithm>

namespace distd::portal {
namespace {

bool is_blank(const std::string& text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// The number behind the prefix of a field's name.
std::optional<std::int64_t> student_in(std::string_view name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return std::nullopt;
    return parse_student_id(name.substr(prefix.size()));
}

}  // namespace

bool score_sheet::any_errors() const {
    const auto is_wrong = [](const auto& row) { return !row.second.error.empty(); };
    return errors.any() || std::any_of(rows.begin(), rows.end(), is_wrong);
}

std::size_t score_sheet::typed() const {
    const auto is_typed = [](const auto& r) { return r.second.stored.empty() && !is_blank(r.second.typed); };
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), is_typed));
}

std::size_t score_sheet::stored() const {
    const auto is_stored = [](const auto& row) { return !row.second.stored.empty(); };
    return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), is_stored));
}

score_sheet read_sheet(const form_fields& fields) {
    score_sheet sheet;
    for (const auto& [name, value] : fields) {
        if (name == "Title") sheet.title = value;
        if (name == "Type") sheet.type = value;
        if (name == "Search") sheet.search = value;
        if (const auto id = student_in(name, "Score-")) sheet.rows[*id].typed = value;
        if (const auto id = student_in(name, "Stored-")) sheet.rows[*id].stored = value;
    }
    return sheet;
}

std::vector<std::pair<std::int64_t, grade>> validate(score_sheet& sheet, double highest_score) {
    std::vector<std::pair<std::int64_t, grade>> accepted;
    sheet.errors = validate(typed_grade{sheet.title, sheet.type, "0"}).errors;
    for (auto& [id, row] : sheet.rows) {
        if (!row.stored.empty() || is_blank(row.typed)) continue;
        auto verdict = validate(typed_grade{sheet.title, sheet.type, row.typed}, highest_score);
        row.error = verdict.errors.score;
        if (verdict.accepted) accepted.emplace_back(id, std::move(*verdict.accepted));
    }
    if (sheet.any_errors()) accepted.clear();
    return accepted;
}

}  // namespace distd::portal
