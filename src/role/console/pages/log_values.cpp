#include "role/console/pages/log_values.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/timestamp.hpp"
#include "http/message/url.hpp"
#include "ops/answers/log_answers.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_name = 60;      // characters of a service's name
constexpr std::size_t max_message = 600;  // of a message in a list

std::string letter_of(std::string_view level) {
    if (level.empty() || level[0] < 'a' || level[0] > 'z') return "I";
    return {static_cast<char>(level[0] - 'a' + 'A')};
}

std::string level_class(std::string_view level) {
    for (const auto known : log_levels)
        if (known == level) return std::string(level);
    return "info";
}

}  // namespace

hues::hues(const std::vector<log_line>& lines) {
    std::vector<const log_line*> oldest_first;
    for (const auto& l : lines) oldest_first.push_back(&l);
    std::ranges::sort(oldest_first, {}, &log_line::seq);
    std::array<bool, count> is_taken{};
    for (const auto* l : oldest_first) {
        auto& hue = by_name_.try_emplace(l->service, count).first->second;
        if (hue < count) continue;
        hue = colour_of_name(l->service, count);
        if (by_name_.size() > count) continue;
        while (is_taken.at(hue)) hue = (hue + 1) % count;
        is_taken.at(hue) = true;
    }
}

std::string hues::of(std::string_view service) const {
    const auto found = by_name_.find(service);
    return std::to_string(found == by_name_.end() ? colour_of_name(service, count) : found->second);
}

json::value moment_of(std::optional<wall_point> when) {
    if (!when) return nullptr;
    const auto iso = rfc3339(*when, time_digits::milliseconds);
    return json::object{{"iso", text(iso)}, {"clock", text(iso.substr(11, 12))}};
}

std::string url_of_request(std::string_view trace) { return "/requests/" + http::percent_encode(trace); }

json::object row_of(const log_line& l, const log_query& q, std::string_view href, const hues& h) {
    json::array pieces;
    for (const auto& piece : mark_matches(one_line(l.message, max_message), q))
        pieces.push_back(json::object{{"words", text(piece.text)}, {"is_match", piece.is_match}});
    return {{"id", text("l" + std::to_string(l.seq))},
            {"at", moment_of(l.at)},
            {"level", text(level_class(l.level))},
            {"letter", text(letter_of(l.level))},
            {"service", text(one_line(l.service, max_name))},
            {"hue", text(h.of(l.service))},
            {"pieces", std::move(pieces)},
            {"fields", unless_empty(fields_of(l))},
            {"is_chosen", l.seq != 0 && l.seq == q.line},
            {"href", text(href)}};
}

}  // namespace distd::ops::console
