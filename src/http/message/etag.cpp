#include "http/message/etag.hpp"

namespace distd::http {
namespace {

// Between two tags, or alone: "*" with nothing but commas and blanks around it.
bool is_star(std::string_view between) noexcept {
    const auto star = between.find_first_not_of(" \t,");
    return star != std::string_view::npos && between[star] == '*' &&
           between.find_first_not_of(" \t,", star + 1) == std::string_view::npos;
}

}  // namespace

bool etag_matches(std::string_view list, std::string_view etag, etag_comparison how) noexcept {
    while (!list.empty()) {
        const auto open = list.find('"');
        if (is_star(list.substr(0, open))) return true;
        if (open == std::string_view::npos) return false;
        const auto close = list.find('"', open + 1);
        if (close == std::string_view::npos) return false;
        auto tag = list.substr(open + 1, close - open - 1);
        if (tag.size() > 5 && tag.substr(tag.size() - 5) == "-gzip") tag.remove_suffix(5);
        const bool is_weak = list.substr(0, open).ends_with("W/");
        if (tag == etag && !(is_weak && how == etag_comparison::strong)) return true;
        list.remove_prefix(close + 1);
    }
    return false;
}

}  // namespace distd::http
