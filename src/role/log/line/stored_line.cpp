#include "role/log/line/stored_line.hpp"

#include <boost/json/string.hpp>
#include <charconv>
#include <distd/json.hpp>

#include "role/log/line/find_text.hpp"
#include "role/log/line/timestamp.hpp"

namespace distd::logs {
namespace {

bool skip(std::string_view& rest, std::string_view expected) noexcept {
    if (!rest.starts_with(expected)) return false;
    rest.remove_prefix(expected.size());
    return true;
}

// Up to the quote that ends the string, and over it.
bool rest_of_string(std::string_view& rest, std::string_view& out) noexcept {
    for (std::size_t i = rest.find_first_of("\"\\"); i < rest.size(); i = rest.find_first_of("\"\\", i)) {
        if (rest[i] == '"') {
            out = rest.substr(0, i);
            rest.remove_prefix(i + 1);
            return true;
        }
        i += 2;
    }
    return false;
}

}  // namespace

std::optional<stored_line> read_stored_line(std::string_view line) noexcept {
    stored_line s;
    std::string_view time;
    if (!skip(line, R"({"seq":)")) return std::nullopt;
    const auto [end, ec] = std::from_chars(line.data(), line.data() + line.size(), s.seq);
    if (ec != std::errc()) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));

    if (!skip(line, R"(,"time":")") || !rest_of_string(line, time)) return std::nullopt;
    const auto time_ns = parse_timestamp(time);
    if (!time_ns || !skip(line, R"(,"level":")") || !rest_of_string(line, s.level)) return std::nullopt;
    s.time_ns = *time_ns;
    if (skip(line, R"(,"service":")") && !rest_of_string(line, s.service)) return std::nullopt;
    if (skip(line, R"(,"trace":")") && !rest_of_string(line, s.trace)) return std::nullopt;
    if (!skip(line, R"(,"message":")") || !rest_of_string(line, s.message)) return std::nullopt;
    s.further = line;
    return s;
}

std::string escaped(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out.substr(1, out.size() - 2);
}

bool contains(std::string_view inside, std::string_view wanted, std::string_view wanted_escaped) {
    if (find_text(inside, wanted_escaped) == std::string_view::npos) return false;
    // The find may have begun in the middle of an escape: "n" in "\n". Without escapes it cannot have.
    if (inside.find('\\') == std::string_view::npos) return true;
    json_error ignored;
    const auto text = parse_json('"' + std::string(inside) + '"', ignored);
    return text && text->is_string() && text->get_string().find(wanted) != json::string::npos;
}

}  // namespace distd::logs
