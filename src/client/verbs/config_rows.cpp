#include "client/verbs/config_rows.hpp"

#include <utility>

#include "base/timestamp.hpp"
#include "client/output/table.hpp"
#include "client/output/times.hpp"
#include "ops/model/words.hpp"

namespace distd::ops::client {

std::string keys_text(const std::vector<config_key>& keys, const output_style& l, wall_point now) {
    table rows({{.title = "KEY", .may_shrink = true},
                {.title = "VERSION", .is_number = true},
                {.title = "SIZE", .is_number = true},
                {.title = "TYPE", .may_shrink = true},
                {.title = "CHANGED"}});
    for (const auto& k : keys)
        rows.add({{one_line(k.key, 600)},
                  {std::to_string(k.version)},
                  {std::to_string(k.size)},
                  {one_line(k.media_type, 100)},
                  {k.modified ? time_text(*k.modified, now, l.is_utc) : ""}});
    return rows.empty() ? std::string() : rows.text(l);
}

std::string history_text(const std::vector<config_version>& all, const output_style& l, wall_point now) {
    table rows({{.title = "VERSION", .is_number = true},
                {.title = "WHEN"},
                {.title = "WHO", .may_shrink = true},
                {.title = "WHAT"},
                {.title = "SIZE", .is_number = true},
                {.title = "WHY", .wraps = true}});
    for (const auto& v : all) {
        auto what = v.action + (v.restored ? " of " + std::to_string(*v.restored) : "");
        rows.add({{std::to_string(v.version)},
                  {v.when ? time_text(*v.when, now, l.is_utc) : ""},
                  {one_line(v.who, 256)},
                  {std::move(what)},
                  {for_charset(v.is_deleted ? std::string(nothing) : std::to_string(v.size), l)},
                  {for_charset(one_line(v.reason, 1024), l)}});
    }
    return rows.text(l);
}

boost::json::object to_json_object(const config_version& v) {
    boost::json::object out{{"version", v.version}, {"who", v.who},       {"action", v.action},
                            {"size", v.size},       {"reason", v.reason}, {"deleted", v.is_deleted}};
    if (v.when) out["when"] = rfc3339(*v.when);
    if (v.restored) out["restored"] = *v.restored;
    return out;
}

}  // namespace distd::ops::client
