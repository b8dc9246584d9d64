#include "role/grading/core/csv.hpp"

namespace distd::grading {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

bool looks_like_formula(std::string_view text) noexcept {
    return !text.empty() && std::string_view("=+-@\t\r\n").find(text.front()) != std::string_view::npos;
}

}  // namespace

void append_text_cell(std::string& out, std::string_view text) {
    // A text that already has such an apostrophe gets another one, so that the parser returns the original
    // text.
    const bool defused = looks_like_formula(text) || (text.size() > 1 && plain_cell(text) != text);
    const bool quoted = text.find_first_of("\",\r\n") != std::string_view::npos;
    if (quoted) out += '"';
    if (defused) out += '\'';
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    if (quoted) out += '"';
}

std::string_view plain_cell(std::string_view cell) noexcept {
    if (!cell.starts_with('\'')) return cell;
    const auto rest = cell.substr(
        cell.find_first_not_of('\'') == std::string_view::npos ? cell.size() : cell.find_first_not_of('\''));
    return looks_like_formula(rest) ? cell.substr(1) : cell;
}

std::vector<csv_reader::record> csv_reader::feed(std::string_view piece) {
    std::vector<record> found;
    for (const char c : piece) {
        if (!error_.empty()) break;
        if (seen_ < byte_order_mark.size()) {
            if (c == byte_order_mark[seen_]) {
                ++seen_;
                continue;
            }
            // Not a byte order mark: its supposed beginning is text.
            const auto held = seen_;
            seen_ = byte_order_mark.size();
            for (const char earlier : byte_order_mark.substr(0, held)) take(earlier, found);
        }
        take(c, found);
    }
    return found;
}

std::vector<csv_reader::record> csv_reader::finish() {
    std::vector<record> found;
    if (!error_.empty()) return found;
    if (place_ == place::quoted) {
        fail("a quoted cell is not closed");
        return found;
    }
    if (size_ > 0) end_record(found);
    return found;
}

void csv_reader::take(char c, std::vector<record>& found) {
    const bool joined = after_return_ && c == '\n';  // CR LF is one line break
    after_return_ = c == '\r';
    if (joined) {
        if (place_ == place::quoted) cell_ += c;
        return;
    }
    if (c == '\n' || c == '\r') ++line_;
    if (++size_ > max_record_) return fail("a record is too long");
    if (place_ == place::quoted) {
        if (c == '"')
            place_ = place::after_quote;
        else
            cell_ += c;
        return;
    }
    if (c == ',') return end_cell();
    if (c == '\n' || c == '\r') return end_record(found);
    if (c == '"') {
        if (place_ == place::plain) return fail("a cell that does not begin with a quote contains one");
        if (place_ == place::after_quote) cell_ += c;
        place_ = place::quoted;
        return;
    }
    if (place_ == place::after_quote) return fail("there is text after the closing quote of a cell");
    place_ = place::plain;
    cell_ += c;
}

void csv_reader::end_cell() {
    current_.cells.push_back(std::move(cell_));
    cell_.clear();
    place_ = place::cell_start;
}

void csv_reader::end_record(std::vector<record>& found) {
    const bool is_blank = current_.cells.empty() && cell_.empty() && place_ == place::cell_start;
    if (!is_blank) {
        end_cell();
        found.push_back(std::move(current_));
    }
    current_ = {line_, {}};
    size_ = 0;
}

void csv_reader::fail(const char* what) { error_ = "line " + std::to_string(current_.line) + ": " + what; }

}  // namespace distd::grading
