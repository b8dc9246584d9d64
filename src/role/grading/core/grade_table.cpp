#include "role/grading/core/grade_table.hpp"

#include "role/grading/core/csv.hpp"

namespace distd::grading {
namespace {

void append_names(std::string& out, const student& s) {
    out += std::to_string(s.id) + ',';
    append_text_cell(out, s.first_name);
    out += ',';
    append_text_cell(out, s.last_name);
    out += ',';
}

}  // namespace

void append_table_head(std::string& out) {
    for (std::size_t i = 0; i < table_columns.size(); ++i) {
        if (i > 0) out += ',';
        out += table_columns[i];
    }
    out += "\r\n";
}

void append_table_lines(std::string& out, const student& s) {
    if (s.grades.empty()) {
        append_names(out, s);
        out += ",,,\r\n";
    }
    for (const auto& g : s.grades) {
        append_names(out, s);
        out += std::to_string(g.id) + ',';
        append_text_cell(out, g.title);
        out += ',';
        out += g.type;
        out += ',';
        append_number(out, g.score);
        out += "\r\n";
    }
}

}  // namespace distd::grading
