#include "role/registry/config/config_rules.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace distd::registry {

std::string problem_with_config_path(std::string_view path) {
    if (path.size() > max_config_key)
        return "A key has at most " + std::to_string(max_config_key) + " bytes; this one has " +
               std::to_string(path.size()) + ".";
    if (!is_utf8(path)) return "A key is text in UTF-8.";
    const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
    if (std::ranges::any_of(path, control)) return "A key has no control characters.";
    while (!path.empty()) {
        const auto segment = path.substr(0, path.find('/'));
        if (segment.empty())
            return "A part of the key is empty: it begins with a slash, or has two in a row. One slash "
                   "stands "
                   "between two parts.";
        if (segment == "." || segment == "..") return "No part of a key is . or .. alone.";
        path.remove_prefix(std::min(segment.size() + 1, path.size()));
    }
    return {};
}

}  // namespace distd::registry
