#include "client/verbs/log_rows.hpp"

#include <algorithm>

#include "client/output/times.hpp"
#include "ops/answers/log_answers.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_characters = 64'000;
constexpr std::size_t max_name = 20;
constexpr std::size_t level_width = 5;

std::string padding(std::string_view text, std::size_t width) {
    return std::string(width - std::min(width, width_of(text)), ' ');
}

}  // namespace

std::string log_rows::row(std::string_view json_line, wall_point now) {
    if (form_ == log_form::json) return std::string(json_line) + "\n";
    const auto lines = read_log_lines(json_line, max_characters);
    return lines.empty() ? std::string() : row(lines.front(), now);
}

std::string log_rows::row(const log_line& l, wall_point now) {
    if (form_ == log_form::message) return for_charset(l.message, style_) + "\n";
    const auto name = for_charset(cut_to_width(l.service, max_name), style_);
    name_width_ = std::max(name_width_, width_of(name));
    const auto time = l.at ? time_text(*l.at, now, style_.is_utc) : std::string(8, ' ');
    const auto colour = tone_of_level(l.level);
    auto out = style_.paint(time, tone::dim) + " " + style_.paint_name(name, l.service) +
               padding(name, name_width_) + " " + style_.paint(l.level, colour) +
               padding(l.level, level_width) + " " +
               style_.paint(for_charset(l.message, style_), colour == tone::dim ? tone::plain : colour);
    auto fields = fields_of(l);
    if (form_ == log_form::brief && !l.trace.empty())
        fields += (fields.empty() ? "trace=" : " trace=") + l.trace;
    if (!fields.empty()) out += "  " + style_.paint(for_charset(fields, style_), tone::dim);
    return out + "\n";
}

}  // namespace distd::ops::client
