#include "role/registry/core/gone_instances.hpp"

#include <algorithm>
#include <utility>

namespace distd::registry {
namespace {

milliseconds pause_of(std::uint64_t draw) {
    constexpr auto span =
        static_cast<std::uint64_t>((gone_instances::max_pause - gone_instances::min_pause).count());
    return gone_instances::min_pause + milliseconds(static_cast<milliseconds::rep>(draw % (span + 1)));
}

}  // namespace

void gone_instances::put(gone g, steady_point now, std::uint64_t draw) {
    auto url = g.that.url;
    all_.insert_or_assign(std::move(url), entry{std::move(g), now + known_for, now + pause_of(draw)});
    if (all_.size() <= max_known) return;
    all_.erase(std::ranges::min_element(all_, {}, [](const auto& e) { return e.second.until; }));
}

void gone_instances::forget(std::string_view url) {
    if (const auto found = all_.find(url); found != all_.end()) all_.erase(found);
}

const gone_instances::gone* gone_instances::find(std::string_view url) const noexcept {
    const auto found = all_.find(url);
    return found == all_.end() ? nullptr : &found->second.that;
}

const gone_instances::gone* gone_instances::take(steady_point now, std::uint64_t draw) {
    std::erase_if(all_, [now](const auto& e) { return e.second.until <= now; });
    for (auto& [url, e] : all_) {
        if (e.due > now) continue;
        e.due = now + pause_of(draw);
        return &e.that;
    }
    return nullptr;
}

steady_point gone_instances::next_due() const noexcept {
    auto due = steady_point::max();
    for (const auto& [url, e] : all_) due = std::min(due, e.due);
    return due;
}

}  // namespace distd::registry
