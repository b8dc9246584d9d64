#include "role/registry/target_cache.hpp"

#include <algorithm>

#include "http/client/call_target.hpp"

namespace distd::registry {

target_cache::target target_cache::get(const std::string& url, const std::string& pin, steady_point now) {
    drop_unused(now);
    auto& e = entries_[url];
    e.used_at = now;
    if (!e.to || e.to->pin != pin) e.to = make_(url, pin);
    return e.to;
}

// One bucket for each `get`: all have been swept after as many calls as there are entries, and no call has to
// wait until a hundred thousand of them are looked through.
void target_cache::drop_unused(steady_point now) {
    if (entries_.empty()) return;
    next_bucket_ = (next_bucket_ + 1) % entries_.bucket_count();
    const auto is_unused = [now](const auto& e) { return now - e.second.used_at >= kept_unused; };
    for (;;) {
        const auto end = entries_.end(next_bucket_);
        const auto found = std::find_if(entries_.begin(next_bucket_), end, is_unused);
        if (found == end) return;
        entries_.erase(entries_.find(found->first));
    }
}

}  // namespace distd::registry
