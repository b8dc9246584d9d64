#include "role/registry/core/timeline.hpp"

#include <algorithm>
#include <array>
#include <distd/json.hpp>

#include "base/assert.hpp"
#include "base/json_member.hpp"
#include "base/timestamp.hpp"
#include "role/registry/core/named_values.hpp"

namespace distd::registry {
namespace {

constexpr std::array<std::string_view, event_types> names{
    "registered",     "replaced",        "deregistered", "lost",      "back",     "gone",
    "drained",        "undrained",       "guard_on",     "guard_off", "in_doubt", "config_put",
    "config_deleted", "config_restored", "forgotten"};

}  // namespace

std::string_view to_string(event_type t) noexcept { return names.at(static_cast<std::size_t>(t)); }

std::optional<event_type> to_event_type(std::string_view text) noexcept {
    return value_named<event_type>(names, text);
}

void timeline::add(event e) {
    DISTD_ASSERT(events_.empty() || events_.back().index < e.index);
    events_.push_back(std::move(e));
    if (events_.size() <= max_events) return;
    forgotten_ = events_.front().index;
    events_.pop_front();
}

void timeline::restore(std::vector<event> kept, std::uint64_t min_index) {
    min_index_ = std::max(min_index_, min_index);
    for (auto& e : kept) add(std::move(e));
    if (forgotten_ == 0 && events_.size() == max_events) forgotten_ = events_.front().index - 1;
}

std::uint64_t timeline::index() const noexcept { return events_.empty() ? min_index_ : events_.back().index; }

std::vector<const event*> timeline::after(std::uint64_t index, std::size_t limit,
                                          const event_filter& filter) const {
    std::vector<const event*> found;
    auto next = std::ranges::upper_bound(events_, index, {}, &event::index);
    for (; next != events_.end() && found.size() < limit; ++next)
        if (filter.matches(*next)) found.push_back(&*next);
    return found;
}

std::vector<const event*> timeline::newest(std::size_t limit, const event_filter& filter) const {
    std::vector<const event*> found;
    for (auto e = events_.rbegin(); e != events_.rend() && found.size() < limit; ++e)
        if (filter.matches(*e)) found.push_back(&*e);
    std::ranges::reverse(found);
    return found;
}

std::string event_as_json(const event& e) {
    auto out = "{\"Index\":" + std::to_string(e.index);
    append_json_member(out, "Time", rfc3339(wall_point(milliseconds(e.at_ms)), time_digits::milliseconds));
    append_json_member(out, "Type", to_string(e.type));
    if (is_of_configuration(e.type)) {
        append_json_member(out, "Key", e.name);
        out += ",\"Version\":" + std::to_string(e.version);
        if (e.was > 0) out += ",\"Was\":" + std::to_string(e.was);
    } else {
        append_json_member(out, "Name", e.name);
        append_json_member(out, "URL", e.url);
    }
    append_json_member(out, "Reason", e.reason);
    if (!e.actor.empty()) append_json_member(out, "Actor", e.actor);
    return out + '}';
}

std::size_t bytes_as_json(const std::vector<const event*>& events) {
    constexpr std::size_t besides_texts = 144;  // the names of all members, numbers and times
    std::size_t bytes = 2;
    for (const auto* e : events)
        bytes += besides_texts + e->name.size() + e->url.size() + e->reason.size() + e->actor.size();
    return bytes;
}

std::string events_as_json(const std::vector<const event*>& events) {
    std::string out = "[";
    out.reserve(bytes_as_json(events));
    for (const auto* e : events) {
        if (out.size() > 1) out += ",\n";
        out += event_as_json(*e);
    }
    return out += ']';
}

}  // namespace distd::registry
