#include "client/verbs/event_rows.hpp"

#include "client/output/times.hpp"
#include "ops/model/event_words.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {

std::string event_line(const event& e, const std::vector<event>& all, const output_style& l, wall_point now) {
    const auto words = describe(e, all);
    const auto state = std::string(words.glyph);
    auto what = one_line(words.subject.empty() ? words.key : words.subject, 200);
    auto text = one_line(words.text, 1000);
    if (what.empty() && text.starts_with(' ')) text.erase(0, 1);
    return l.paint(time_text(e.at, now, l.is_utc), tone::dim) + " " +
           l.paint(glyph_of(state, l), tone_of(state)) + " " + l.paint(for_charset(what, l), tone::bold) +
           (what.empty() || text.starts_with(' ') ? "" : " ") + for_charset(text, l) + "\n";
}

}  // namespace distd::ops::client
