#include "client/verbs/trace_text.hpp"

#include <algorithm>

#include "client/output/table.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t bar_width = 24;

// Where in the whole time it was: "   ======    ".
std::string bar_of(const request_span& s, const request_tree& t, const output_style& l) {
    const auto whole = std::max<std::int64_t>(t.took.count(), 1);
    const auto offset = std::chrono::duration_cast<microseconds>(s.begin - t.begin).count();
    const auto at = [&](std::int64_t us) {
        const auto scaled = us * static_cast<std::int64_t>(bar_width) / whole;
        return static_cast<std::size_t>(std::clamp<std::int64_t>(scaled, 0, bar_width));
    };
    const auto begin = std::min(at(offset), bar_width - 1);
    const auto end = std::clamp(at(offset + s.took.count()), begin + 1, bar_width);
    std::string out(begin, ' ');
    for (auto i = begin; i < end; ++i) out += l.to.has_utf8 ? "█" : "=";
    return out + std::string(bar_width - end, ' ');
}

tone tone_of_span(const request_span& s) {
    if (s.has_failed()) return tone::sick;
    return s.status >= 400 ? tone::warning : tone::well;
}

}  // namespace

std::string trace_text(const request_tree& t, const output_style& l) {
    const auto h = make_request_headline(t);
    auto head = h.status.empty() ? h.rest : h.status + " " + h.rest;
    if (!h.name.empty()) head += ". " + h.before_name + h.name + h.after_name;
    auto out = l.paint(for_charset(one_line(head, 1000), l), h.has_failed ? tone::sick : tone::bold) + "\n";
    if (t.spans.empty()) return out;
    table rows({{.title = "SERVICE", .may_shrink = true},
                {.title = "STATUS", .is_number = true},
                {.title = "TOOK", .is_number = true},
                {""},
                {.title = "REQUEST", .wraps = true}});
    for (const auto& s : t.spans) {
        cell name{std::string(2 * s.depth, ' ') + one_line(s.service, 100)};
        name.name = s.service;
        const auto status = s.status > 0 ? std::to_string(s.status) : std::string(nothing);
        auto what = s.method + " " + s.path + (s.reason.empty() ? "" : ": " + s.reason);
        rows.add({name,
                  {for_charset(status, l), tone_of_span(s)},
                  {for_charset(as_latency(static_cast<double>(s.took.count())).text(), l)},
                  {bar_of(s, t, l), tone_of_span(s)},
                  {for_charset(one_line(what, 300), l)}});
    }
    out += "\n" + rows.text(l);
    if (!t.others.empty()) out += for_charset("also wrote lines: " + listed(t.others, 10), l) + "\n";
    return out;
}

}  // namespace distd::ops::client
