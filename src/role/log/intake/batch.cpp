#include "role/log/intake/batch.hpp"

#include "role/log/line/json_scan.hpp"
#include "role/log/line/line_by_line.hpp"

namespace distd::logs {
namespace {

void read_record(batch& b, record_reader& reader, std::uint64_t line, std::string_view text,
                 const arrival& came) {
    came.check_still_wanted();
    const auto start = b.lines.size();
    if (auto reason = reader.append(b.lines, text, came)) return b.refuse(line, *std::move(reason));
    if (auto reason = b.keep(line, start); !reason.empty()) b.refuse(line, std::move(reason));
}

// Where the JSON value that begins `text` ends: before a comma or bracket that is not its own. It is only
// split off here; whether it is JSON the record's parser says. A whole array as one tree would take ten times
// its size.
std::size_t end_of_value(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') i = end_of_string(text, i);
        if (c == '{' || c == '[') ++depth;
        if (depth == 0 && (c == ',' || c == ']' || c == '}')) return i;
        if (c == '}' || c == ']') --depth;
    }
    return text.size();
}

// Where the object ends that begins `text`; what follows it may be the next one.
std::size_t end_of_object(std::string_view text) {
    std::size_t depth = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"')
            i = end_of_string(text, i);
        else if (text[i] == '{')
            ++depth;
        else if (text[i] == '}' && --depth == 0)
            return i + 1;
    }
    return text.size();
}

// Files that were written on Windows begin with one.
std::string_view without_byte_order_mark(std::string_view text) {
    constexpr std::string_view mark = "\xef\xbb\xbf";
    return text.starts_with(mark) ? text.substr(mark.size()) : text;
}

batch malformed(std::string reason) {
    batch b;
    b.malformed = std::move(reason);
    return b;
}

batch read_array(std::string_view elements, const arrival& came) {
    batch b(elements.size());
    record_reader reader;
    elements = ascii::trimmed(elements);
    if (elements == "]") return b;
    for (std::uint64_t number = 1;; ++number) {
        const auto end = end_of_value(elements);
        if (end == elements.size())
            return malformed("the array does not end: its closing bracket is missing");
        read_record(b, reader, number, ascii::trimmed(elements.substr(0, end)), came);
        if (b.is_too_large) return b;
        const char after = elements[end];
        elements = elements.substr(end + 1);
        if (after == ',') continue;
        if (after == ']' && ascii::trimmed(elements).empty()) return b;
        return malformed(after == ']' ? "there is more text after the end of the array"
                                      : "unexpected '}' after element " + std::to_string(number));
    }
}

batch read_lines(std::string_view body, const arrival& came) {
    batch b(body.size());
    record_reader reader;
    b.lines.reserve(body.size() + body.size() / 4);
    for (line_by_line lines(body); !b.is_too_large && lines.next();)
        read_record(b, reader, lines.number(), lines.text(), came);
    return b;
}

// Whether the first line of several is an object alone.
bool begins_with_a_line(std::string_view text) {
    const auto end = text.find('\n');
    json_part first;
    return end != std::string_view::npos && scan_json(text.substr(0, end), first) &&
           first.kind == json_kind::object;
}

}  // namespace

void batch::refuse(std::uint64_t line, std::string reason) {
    ++refused;
    if (reported.size() >= max_reported) return;
    reported.push_back({line, std::move(reason)});
}

std::string batch::keep(std::uint64_t line, std::size_t start) {
    const auto size = lines.size() - start;
    if (size > max_stored) {
        lines.resize(start);
        return "would be stored as " + std::to_string(size) + " bytes, allowed are " +
               std::to_string(max_stored);
    }
    if (spend(line, size)) ++accepted;
    return {};
}

bool batch::spend(std::uint64_t line, std::size_t bytes) {
    made_ += bytes;
    if (made_ <= budget_) return true;
    refuse_whole("up to record " + std::to_string(line) + " it makes " + std::to_string(made_) +
                 " bytes of lines and answers, allowed are " + std::to_string(budget_) +
                 " for a body of its size; send fewer records at once");
    is_too_large = true;
    return false;
}

void batch::refuse_whole(std::string reason) {
    malformed = std::move(reason);
    std::string().swap(lines);  // gives back its memory as well
    accepted = 0;
}

batch read_text(std::string_view body, const arrival& came) {
    batch b(body.size());
    if (body.empty()) return b;
    if (body.size() > max_line) {
        b.refuse_whole("a line may have " + std::to_string(max_line) + " bytes, this one has " +
                       std::to_string(body.size()));
        b.is_too_large = true;
        return b;
    }
    append_text_record(b.lines, body, came);
    if (auto reason = b.keep(1, 0); !reason.empty()) {
        b.refuse_whole("the line " + std::move(reason));
        b.is_too_large = true;
    }
    return b;
}

batch read_json_lines(std::string_view body, const arrival& came) {
    body = without_byte_order_mark(body);
    json_part all;
    const bool is_array = ascii::trimmed(body).starts_with('[') && scan_json(body, all);
    return is_array ? read_json_document(body, came) : read_lines(body, came);
}

batch read_json_document(std::string_view body, const arrival& came) {
    body = without_byte_order_mark(body);
    auto text = ascii::trimmed(body);
    if (text.starts_with('[')) return read_array(text.substr(1), came);
    if (begins_with_a_line(text)) return read_lines(body, came);
    batch b(body.size());
    record_reader reader;
    // One object, or several one behind the other, as Fluent Bit's `json_stream` has them.
    for (std::uint64_t number = 1; !b.is_too_large && !text.empty(); ++number) {
        const auto end = text.starts_with('{') ? end_of_object(text) : text.size();
        read_record(b, reader, number, text.substr(0, end), came);
        text = ascii::trimmed(text.substr(end));
    }
    return b;
}

}  // namespace distd::logs
