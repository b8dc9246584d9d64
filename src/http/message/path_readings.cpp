#include "http/message/path_readings.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace distd::http {
namespace {

bool has_one_reading(std::string_view path) noexcept {
    for (std::size_t i = 0; i < path.size(); ++i) {
        const char c = path[i];
        if (c == '%' || c == ';' || c == '\\' || c == '?' || c == '#') return false;
        const bool begins_segment = i > 0 && path[i - 1] == '/';
        if (begins_segment && (c == '/' || c == '.')) return false;
    }
    return true;
}

// Broken escapes stay: a decoded text may hold what looks like one.
std::string decoded(std::string_view path) {
    std::string out;
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        const bool is_escape = path[i] == '%' && i + 2 < path.size() && ascii::hex_value(path[i + 1]) >= 0 &&
                               ascii::hex_value(path[i + 2]) >= 0;
        if (!is_escape) {
            out += path[i];
            continue;
        }
        out += static_cast<char>(ascii::hex_value(path[i + 1]) * 16 + ascii::hex_value(path[i + 2]));
        i += 2;
    }
    return out;
}

std::string with_slashes(std::string_view path) {
    std::string out(path);
    std::ranges::replace(out, '\\', '/');
    return out;
}

std::string without_parameters(std::string_view path) {
    std::string out;
    bool is_parameter = false;
    for (const char c : path) {
        if (c == '/') is_parameter = false;
        if (c == ';') is_parameter = true;
        if (!is_parameter) out += c;
    }
    return out;
}

std::string without_end(std::string_view path) {
    return std::string(path.substr(0, path.find_first_of(std::string_view("?#\0", 3))));
}

// Without dot segments and empty ones; the slash at the end stays, as the one that an ending `..` leaves.
std::string resolved(std::string_view path) {
    std::vector<std::string_view> segments;
    bool ends_with_slash = true;
    while (!path.empty()) {
        const auto end = path.find('/');
        const auto segment = path.substr(0, end);
        path.remove_prefix(end == path.npos ? path.size() : end + 1);
        ends_with_slash = end != path.npos || segment == "." || segment == "..";
        if (segment == "..") {
            if (!segments.empty()) segments.pop_back();
        } else if (!segment.empty() && segment != ".") {
            segments.push_back(segment);
        }
    }
    std::string out;
    for (const auto segment : segments) out.append("/").append(segment);
    if (ends_with_slash) out += '/';
    return out;
}

constexpr std::array ways{&decoded, &with_slashes, &without_parameters, &without_end, &resolved};

}  // namespace

std::optional<std::vector<std::string>> other_readings(std::string_view path) {
    std::vector<std::string> found;
    if (has_one_reading(path)) return found;
    // What was found is read again in all ways, until nothing new comes of it.
    found.emplace_back(path);
    for (std::size_t i = 0; i < found.size(); ++i)
        for (const auto read : ways) {
            auto next = read(found[i]);
            if (next.empty() || std::ranges::find(found, next) != found.end()) continue;
            if (found.size() > max_path_readings) return std::nullopt;
            found.push_back(std::move(next));
        }
    found.erase(found.begin());
    return found;
}

}  // namespace distd::http
