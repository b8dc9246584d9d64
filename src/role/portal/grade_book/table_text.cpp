#include "role/portal/grade_book/table_text.hpp"

#include "base/utf8.hpp"
#include "role/portal/grade_book/grade_book.hpp"

namespace distd::portal {

std::string with_form_lines(std::string_view table) {
    std::string out;
    out.reserve(table.size() + table.size() / 16);
    for (std::size_t at = 0; at < table.size(); ++at) {
        const char c = table[at];
        if (c != '\r' && c != '\n') {
            out += c;
            continue;
        }
        out += "\r\n";
        if (c == '\r' && at + 1 < table.size() && table[at + 1] == '\n') ++at;
    }
    return out;
}

std::string table_problem(std::string_view table) {
    if (table.empty()) return "Choose a file with a table in it.";
    if (table.size() > max_table)
        return "The file has " + std::to_string(table.size()) + " bytes; at most " +
               std::to_string(max_table) + " are accepted.";
    if (table.find('\0') != table.npos || !is_utf8(table))
        return "The file is not UTF-8 text. Save it from the spreadsheet as “CSV UTF-8”.";
    return {};
}

}  // namespace distd::portal
