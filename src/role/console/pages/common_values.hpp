// Template values that several pages share: quantities, times, events, lines. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ops/model/event_words.hpp"
#include "ops/model/facts.hpp"
#include "ops/model/page_snapshot.hpp"
#include "ops/model/words.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/pages/live_page.hpp"
#include "role/web/template_values.hpp"

namespace distd::ops::console {

namespace json = boost::json;
using web::text;
using web::unless_empty;

[[nodiscard]] json::value value_of(const std::optional<quantity>&);  // {number, unit}, or null
[[nodiscard]] json::value value_of(std::optional<wall_point>);       // {iso, clock, day}, or null
// The page of a service.
[[nodiscard]] std::string url_of_service(std::string_view name, time_range = time_range::hour);
// The page of a key of the configuration.
[[nodiscard]] std::string url_of_key(std::string_view key);
// The log, filtered: lines of a service of these levels, such as `error_levels`.
[[nodiscard]] std::string url_of_log(std::string_view service, std::string_view levels, time_range);
[[nodiscard]] json::object values_of(const event&, const std::vector<event>& all);
// The newest first; `max` of those for which `wanted` holds.
[[nodiscard]] json::array newest_events(const std::vector<event>* all, std::size_t max,
                                        const std::function<bool(const event&)>& wanted = {});
[[nodiscard]] json::object values_of(const log_line&);
// By their own time: what was shipped late is not news.
[[nodiscard]] std::vector<log_line> newest_first(std::vector<log_line>);
// What a part says of its source: `trouble` and `as_of`; or `absent`, those words, where there is no such
// service in this system.
template <class T>
void add_source(json::object& part, const source_view<T>& source, std::string_view absent) {
    part["absent"] = source.is_absent() ? text(absent) : json::value(nullptr);
    part["trouble"] = source.is_absent() ? json::value(nullptr) : unless_empty(source.trouble);
    part["as_of"] = value_of(source.as_of);
}
inline constexpr std::string_view no_log_service = "No log service is registered";
// Gives events or lines `at.short`: the clock, or the day of those that are not of today.
void add_short_times(json::array& rows, wall_point now);
[[nodiscard]] json::array values_of(const std::vector<chip>&, std::string_view path);
// The line at the foot of a page: from where it is, of what time, and what is away: "registry unreachable, as
// of 14:03:11", with the reason.
[[nodiscard]] json::object values_of_sources(const page_snapshot&);
// The tab of a page that is about something else says, too, how the system is: by its icon, and where
// something is wrong in front of its title. A page without a stream of its own gets one for that alone:
// `tab_stream`.
void show_state_in_tab(live_page&, const page_snapshot&, wall_point now);
inline constexpr auto tab_stream = "tab";

}  // namespace distd::ops::console
