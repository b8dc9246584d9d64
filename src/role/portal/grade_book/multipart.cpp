#include "role/portal/grade_book/multipart.hpp"

#include "base/ascii.hpp"

namespace distd::portal {
namespace {

std::string_view next_line(std::string_view& rest) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 2);
    return line;
}

// The value of `name="..."` or `name=...` after a semicolon. Browsers encode a quote in a name as %22, so
// there are no escapes.
std::optional<std::string> parameter(std::string_view header, std::string_view name) {
    for (auto at = header.find(';'); at != header.npos; at = header.find(';', at + 1)) {
        auto rest = header.substr(at + 1);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
        if (rest.size() <= name.size() || rest[name.size()] != '=') continue;
        if (!ascii::equal_ignoring_case(rest.substr(0, name.size()), name)) continue;
        rest.remove_prefix(name.size() + 1);
        const bool is_quoted = rest.starts_with('"');
        if (is_quoted) rest.remove_prefix(1);
        return std::string(rest.substr(0, rest.find_first_of(is_quoted ? "\"" : "; \t")));
    }
    return std::nullopt;
}

// Returns the part's name, and removes its headers from the front.
std::optional<std::string> take_name(std::string_view& part) {
    constexpr std::string_view wanted = "Content-Disposition:";
    std::optional<std::string> name;
    while (!part.empty()) {
        const auto line = next_line(part);
        if (line.empty()) return name;
        if (ascii::equal_ignoring_case(line.substr(0, wanted.size()), wanted)) name = parameter(line, "name");
    }
    return std::nullopt;
}

}  // namespace

std::optional<form_parts> split_multipart(std::string_view content_type, std::string_view body) {
    constexpr std::string_view kind = "multipart/form-data";
    if (!ascii::equal_ignoring_case(content_type.substr(0, kind.size()), kind)) return std::nullopt;
    const auto boundary = parameter(content_type, "boundary");
    if (!boundary || boundary->empty() || boundary->size() > 70) return std::nullopt;

    const auto first = "--" + *boundary;
    const auto border = "\r\n" + first;
    if (!body.starts_with(first)) return std::nullopt;
    body.remove_prefix(first.size());
    form_parts parts;
    for (;;) {
        if (body.starts_with("--")) return parts;
        if (!body.starts_with("\r\n")) return std::nullopt;
        body.remove_prefix(2);
        const auto end = body.find(border);
        if (end == body.npos) return std::nullopt;
        auto part = body.substr(0, end);
        auto name = take_name(part);
        if (!name) return std::nullopt;
        parts.emplace_back(std::move(*name), std::string(part));
        body.remove_prefix(end + border.size());
    }
}

}  // namespace distd::portal
