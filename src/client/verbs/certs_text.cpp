#include "client/verbs/certs_text.hpp"

#include <boost/json/array.hpp>

#include "client/output/table.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {
namespace {

constexpr std::size_t max_text = 300;
constexpr std::int64_t soon_days = 7;

cell state_of(const shown_certificate& c) {
    if (c.issuing && !c.issuing->issued) return {"not issued yet", tone::sick};
    if (!c.invalid.empty()) return {one_line(c.invalid, max_text), tone::sick};
    if (!c.refused.empty()) return {"the new one is refused", tone::warning};
    return {"in use", c.days_left < soon_days ? tone::warning : tone::plain};
}

std::string comes_from(const shown_certificate& c) {
    return c.issuing ? std::string("a CA (ACME)") : one_line(c.file, max_text);
}

// Sentences, each with how it goes on.
std::vector<std::string> notes_of(const shown_certificate& c) {
    std::vector<std::string> out;
    if (!c.refused.empty()) out.push_back(one_line(c.refused, max_text));
    if (!c.issuing) return out;
    const auto& i = *c.issuing;
    if (!i.last_error.empty()) out.push_back(one_line(i.last_error, max_text));
    auto next = one_line(i.state, max_text);
    if (!i.next_try.empty()) next += ", at " + one_line(i.next_try, max_text);
    if (!next.empty()) out.push_back(std::move(next));
    if (!i.not_saved.empty()) out.push_back("not saved: " + one_line(i.not_saved, max_text));
    return out;
}

std::string names_of(const shown_certificate& c) {
    std::string out;
    for (const auto& name : c.names) out.append(out.empty() ? "" : ", ").append(one_line(name, max_text));
    return out;
}

}  // namespace

std::string certs_text(const std::vector<shown_certificate>& all, const output_style& l) {
    table certificates({{.title = "NAMES", .may_shrink = true},
                        {.title = "STATE"},
                        {.title = "DAYS LEFT", .is_number = true},
                        {.title = "FROM", .may_shrink = true},
                        {.title = "GATEWAY", .may_shrink = true}});
    table notes({{.title = "NAMES", .may_shrink = true}, {.title = "WHAT THERE IS TO SAY", .wraps = true}});
    for (const auto& c : all) {
        const bool is_real = !c.issuing || c.issuing->issued;
        certificates.add({{names_of(c)},
                          state_of(c),
                          {is_real ? std::to_string(c.days_left) : for_charset(nothing, l)},
                          {comes_from(c)},
                          {c.gateway}});
        for (auto& note : notes_of(c)) notes.add({{names_of(c)}, {for_charset(note, l)}});
    }
    auto out = certificates.text(l);
    if (!notes.empty()) out += "\n" + notes.text(l);
    return out;
}

boost::json::object certs_json(const std::vector<shown_certificate>& all) {
    boost::json::array rows;
    for (const auto& c : all) {
        boost::json::array names;
        for (const auto& name : c.names) names.push_back(boost::json::string(name));
        boost::json::object row{{"gateway", c.gateway},
                                {"file", c.file},
                                {"names", std::move(names)},
                                {"until", c.until},
                                {"days_left", c.days_left}};
        if (!c.invalid.empty()) row["invalid"] = c.invalid;
        if (!c.refused.empty()) row["refused"] = c.refused;
        if (c.issuing)
            row["issuing"] = {{"issued", c.issuing->issued},
                              {"state", c.issuing->state},
                              {"last_error", c.issuing->last_error},
                              {"next_try", c.issuing->next_try},
                              {"not_saved", c.issuing->not_saved}};
        rows.push_back(std::move(row));
    }
    return {{"certificates", std::move(rows)}};
}

}  // namespace distd::ops::client
