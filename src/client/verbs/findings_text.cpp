#include "client/verbs/findings_text.hpp"

#include "client/output/table.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

std::string state_of(verdict v) { return v == verdict::good ? "well" : v == verdict::note ? "dot" : "sick"; }

}  // namespace

std::string findings_text(const std::vector<finding>& all, const output_style& l) {
    table rows({{""}, {.title = "", .may_shrink = true}, {.title = "", .wraps = true}});
    for (const auto& f : all) {
        const auto s = state_of(f.how);
        rows.add(
            {{glyph_of(s, l), tone_of(s)},
             {one_line(f.what, 200)},
             {for_charset(one_line(f.words, 1000), l), f.how == verdict::bad ? tone::sick : tone::plain}});
    }
    return rows.text(l, false);
}

boost::json::array findings_json(const std::vector<finding>& all) {
    boost::json::array rows;
    for (const auto& f : all)
        rows.push_back({{"what", f.what}, {"good", f.how != verdict::bad}, {"words", f.words}});
    return rows;
}

}  // namespace distd::ops::client
