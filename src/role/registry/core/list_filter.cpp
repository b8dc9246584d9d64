#include "role/registry/core/list_filter.hpp"

#include <algorithm>

#include "role/registry/core/shown_health.hpp"

namespace distd::registry {
namespace {

constexpr std::string_view drained = "drained";  // holds beside one of the healths

bool has_tag(const instance& i, const std::string& tag) {
    return i.that.extras && std::ranges::find(i.that.extras->tags, tag) != i.that.extras->tags.end();
}

}  // namespace

bool list_filter::matches(const directory& d, const instance& i) const {
    if (!name.empty() && i.that.name != name) return false;
    if (only_offered && !i.offered) return false;
    if (!zone.empty() && !(i.that.extras && i.that.extras->zone == zone)) return false;
    if (health == drained && !i.drain.holds()) return false;
    if (!health.empty() && health != drained && health != health_of(d, i)) return false;
    return std::ranges::all_of(tags, [&](const auto& tag) { return has_tag(i, tag); });
}

}  // namespace distd::registry
