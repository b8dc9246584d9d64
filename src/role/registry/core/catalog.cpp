#include "role/registry/core/catalog.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "base/assert.hpp"

namespace distd::registry {
namespace {

const catalog::instances_by_url none;

const catalog::instances_by_url& set_of(const catalog::index& index, std::string_view name) noexcept {
    const auto found = index.find(name);
    return found == index.end() ? none : found->second;
}

void take_out(catalog::index& index, const std::string& name, std::string_view url) {
    const auto found = index.find(name);
    DISTD_ASSERT(found != index.end());
    found->second.erase(url);
    if (found->second.empty()) index.erase(found);
}

}  // namespace

catalog::put_result catalog::put(registration&& r, std::uint64_t revision, registrant&& by,
                                 std::int64_t at_ms) {
    auto* const known = look_up(r.url);
    if (!known) return add(std::move(r), revision, std::move(by), at_ms);
    auto& i = *known;
    const auto proof = i.by.proof();
    i.by = std::move(by);
    put_result result;
    result.now = known;
    result.was_known = true;
    result.is_same = i.healthy && i.that == r && proof == i.by.proof();
    const bool same_entry = i.that.name == r.name;
    const bool was_offered = std::exchange(i.offered, !i.drain.holds());
    if (was_offered && !same_entry) result.no_longer_offered.push_back(i.entry);
    result.is_newly_offered = i.offered && (!was_offered || !same_entry);
    if (was_offered != i.offered || !same_entry) i.revision = revision;
    if (!result.is_same) {
        i.modified = revision;
        i.registered_at_ms = at_ms;
    }
    i.generation = revision;
    i.healthy = true;
    if (!same_entry) i.entry = std::make_shared<const patch_entry>(patch_entry{r.name, r.url});
    const bool is_indexed = same_entry && i.that.required_services == r.required_services;
    if (!is_indexed) take_from_indexes(i);
    r.url = std::move(i.that.url);  // the indexes refer to this one
    i.that = std::move(r);
    if (!is_indexed) put_into_indexes(i);
    return result;
}

catalog::put_result catalog::add(registration&& r, std::uint64_t revision, registrant&& by,
                                 std::int64_t at_ms) {
    auto i = std::make_unique<instance>();
    i->by = std::move(by);
    i->generation = i->revision = i->modified = revision;
    i->registered_at_ms = at_ms;
    i->entry = std::make_shared<const patch_entry>(patch_entry{r.name, r.url});
    i->that = std::move(r);
    put_result result;
    result.now = &insert(std::move(i));
    result.is_newly_offered = true;
    return result;
}

catalog::change_seen catalog::heal(std::string_view url, std::uint64_t generation, bool healthy,
                                   std::uint64_t revision) {
    auto* const found = look_up(url);
    if (!found) return change_seen::none;
    auto& i = *found;
    if (i.generation != generation || i.healthy == healthy) return change_seen::none;
    i.healthy = healthy;
    return review(i, revision);
}

catalog::change_seen catalog::drain(std::string_view url, drain_note note, std::uint64_t revision) {
    auto* const found = look_up(url);
    if (!found) return change_seen::none;
    auto& i = *found;
    if (i.drain.same_as(note)) return change_seen::none;
    if (i.drain.holds() && note.holds()) note.since_ms = i.drain.since_ms;
    i.drain = std::move(note);
    return review(i, revision);
}

catalog::change_seen catalog::review(instance& i, std::uint64_t revision) {
    i.modified = revision;
    const bool offered = i.healthy && !i.drain.holds();
    if (i.offered == offered) return change_seen::listed;
    i.offered = offered;
    i.revision = revision;
    return change_seen::offered;
}

void catalog::note_health(std::string_view url, health_state s, wall_minute now) {
    if (auto* const i = look_up(url)) i->health.note(s, now);
}

void catalog::give_history(std::string_view url, health_history h) {
    if (auto* const i = look_up(url)) i->health = std::move(h);
}

void catalog::rewind_histories(wall_minute now) {
    for (auto& [url, i] : instances_) i->health.rewind(now);
}

std::vector<kept_history> catalog::take_unsaved(std::string& after, std::size_t max, bool even_saved) {
    std::vector<kept_history> taken;
    const auto& in_order = all();
    const auto url_of = [](const instance* i) -> std::string_view { return i->that.url; };
    auto next = std::ranges::upper_bound(in_order, std::string_view(after), {}, url_of);
    for (; next != in_order.end() && max > 0; ++next, --max) {
        auto& h = (*next)->health;
        if (h.is_empty() || (h.is_saved() && !even_saved)) continue;
        taken.push_back({(*next)->that.url, h.to_keep()});
        h.set_saved(true);
    }
    after = next == in_order.end() ? std::string() : std::string(url_of(*std::prev(next)));
    return taken;
}

const instance& catalog::restore(instance i) {
    i.entry = std::make_shared<const patch_entry>(patch_entry{i.that.name, i.that.url});
    i.offered = i.healthy && !i.drain.holds();
    return insert(std::make_unique<instance>(std::move(i)));
}

const instance* catalog::find(std::string_view url) const noexcept { return look_up(url); }

const std::string& catalog::pin_of(std::string_view url, std::string_view address) const noexcept {
    constexpr std::string_view secure = "https://";
    static const std::string no_pin;
    if (!ascii::equal_ignoring_case(address.substr(0, secure.size()), secure)) return no_pin;
    const auto* const i = find(url);
    return i ? i->that.more().certificate_sha256 : no_pin;
}

instance* catalog::look_up(std::string_view url) const noexcept {
    const auto found = instances_.find(url);
    return found == instances_.end() ? nullptr : found->second.get();
}

const catalog::instances_by_url& catalog::named(std::string_view name) const noexcept {
    return set_of(by_name_, name);
}

const catalog::instances_by_url& catalog::requiring(std::string_view name) const noexcept {
    return set_of(by_requirement_, name);
}

const instance& catalog::insert(std::unique_ptr<instance> i) {
    auto* raw = i.get();
    raw->place = in_order_.size();
    in_order_.push_back(raw);
    const bool is_new = instances_.emplace(raw->that.url, std::move(i)).second;
    DISTD_ASSERT(is_new);
    put_into_indexes(*raw);
    return *raw;
}

std::unique_ptr<instance> catalog::remove(std::string_view url) {
    const auto found = instances_.find(url);
    if (found == instances_.end()) return nullptr;
    auto out = std::move(found->second);
    take_from_indexes(*out);
    instances_.erase(found);
    in_order_[out->place] = nullptr;
    // Where nobody asks for a list, the holes must not grow without an end.
    if (++holes_ > instances_.size() + 64) close_holes();
    return out;
}

const std::vector<instance*>& catalog::all() const {
    if (holes_ > 0) close_holes();
    if (ordered_ == in_order_.size()) return in_order_;
    const auto by_url = [](const instance* i) -> std::string_view { return i->that.url; };
    const auto middle = in_order_.begin() + static_cast<std::ptrdiff_t>(ordered_);
    std::ranges::sort(middle, in_order_.end(), {}, by_url);
    std::vector<instance*> merged(in_order_.size());
    std::ranges::merge(in_order_.begin(), middle, middle, in_order_.end(), merged.begin(), {}, by_url,
                       by_url);
    in_order_ = std::move(merged);
    for (std::size_t n = 0; n < in_order_.size(); ++n) in_order_[n]->place = n;
    ordered_ = in_order_.size();
    return in_order_;
}

void catalog::close_holes() const {
    std::size_t kept = 0;
    std::size_t still_ordered = 0;
    for (std::size_t n = 0; n < in_order_.size(); ++n) {
        auto* const i = in_order_[n];
        if (!i) continue;
        if (n < ordered_) ++still_ordered;
        i->place = kept;
        in_order_[kept++] = i;
    }
    in_order_.resize(kept);
    ordered_ = still_ordered;
    holes_ = 0;
}

void catalog::put_into_indexes(const instance& i) {
    auto& namesakes = by_name_[i.that.name];
    namesakes.emplace_hint(namesakes.end(), i.that.url, &i);
    for (const auto& name : i.that.required_services) {
        auto& requiring = by_requirement_[name];
        requiring.emplace_hint(requiring.end(), i.that.url, &i);
    }
}

void catalog::take_from_indexes(const instance& i) {
    take_out(by_name_, i.that.name, i.that.url);
    for (const auto& name : i.that.required_services) take_out(by_requirement_, name, i.that.url);
}

}  // namespace distd::registry
