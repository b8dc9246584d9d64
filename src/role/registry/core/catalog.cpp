#include "role/registry/core/catalog.hpp"

#include "base/assert.hpp"

namespace distd::registry {
namespace {

const catalog::instances_by_url none;

const catalog::instances_by_url& look_up(
    const std::map<std::string, catalog::instances_by_url, std::less<>>& index,
    std::string_view name) noexcept {
    const auto found = index.find(name);
    return found == index.end() ? none : found->second;
}

void take_out(std::map<std::string, catalog::instances_by_url, std::less<>>& index, const std::string& name,
              std::string_view url) {
    const auto found = index.find(name);
    DISTD_ASSERT(found != index.end());
    found->second.erase(url);
    if (found->second.empty()) index.erase(found);
}

}  // namespace

catalog::put_result catalog::put(registration r, std::uint64_t revision) {
    put_result result;
    auto next = std::make_unique<instance>();
    next->generation = next->revision = next->modified = revision;
    if (const auto old = extract(r.url)) {
        result.was_known = true;
        next->drain = old->drain;
        next->offered = !next->drain.holds();
        const bool same_entry = old->that.name == r.name;
        if (same_entry) next->entry = old->entry;
        if (old->offered && !same_entry) result.no_longer_offered.push_back(old->entry);
        if (old->offered == next->offered && same_entry) next->revision = old->revision;
        result.is_newly_offered = next->offered && (!old->offered || !same_entry);
        result.is_same = old->healthy && old->that == r;
        if (result.is_same) next->modified = old->modified;
    } else {
        result.is_newly_offered = true;
    }
    if (!next->entry) next->entry = std::make_shared<const patch_entry>(patch_entry{r.name, r.url});
    next->that = std::move(r);
    result.now = &insert(std::move(next));
    return result;
}

std::unique_ptr<instance> catalog::remove(std::string_view url) { return extract(url); }

catalog::change_seen catalog::heal(std::string_view url, std::uint64_t generation, bool healthy,
                                   std::uint64_t revision) {
    const auto found = instances_.find(url);
    if (found == instances_.end()) return change_seen::none;
    auto& i = *found->second;
    if (i.generation != generation || i.healthy == healthy) return change_seen::none;
    i.healthy = healthy;
    return review(i, revision);
}

catalog::change_seen catalog::drain(std::string_view url, drain_note note, std::uint64_t revision) {
    const auto found = instances_.find(url);
    if (found == instances_.end()) return change_seen::none;
    auto& i = *found->second;
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

const instance& catalog::restore(instance i) {
    i.entry = std::make_shared<const patch_entry>(patch_entry{i.that.name, i.that.url});
    i.offered = i.healthy && !i.drain.holds();
    return insert(std::make_unique<instance>(std::move(i)));
}

const instance* catalog::find(std::string_view url) const noexcept {
    const auto found = instances_.find(url);
    return found == instances_.end() ? nullptr : found->second.get();
}

const catalog::instances_by_url& catalog::named(std::string_view name) const noexcept {
    return look_up(by_name_, name);
}

const catalog::instances_by_url& catalog::requiring(std::string_view name) const noexcept {
    return look_up(by_requirement_, name);
}

const instance& catalog::insert(std::unique_ptr<instance> i) {
    auto* raw = i.get();
    const auto [place, is_new] = instances_.emplace(raw->that.url, std::move(i));
    DISTD_ASSERT(is_new);
    by_name_[raw->that.name].emplace(raw->that.url, raw);
    for (const auto& name : raw->that.required_services) by_requirement_[name].emplace(raw->that.url, raw);
    return *raw;
}

std::unique_ptr<instance> catalog::extract(std::string_view url) {
    const auto found = instances_.find(url);
    if (found == instances_.end()) return nullptr;
    auto out = std::move(found->second);
    instances_.erase(found);
    take_out(by_name_, out->that.name, out->that.url);
    for (const auto& name : out->that.required_services) take_out(by_requirement_, name, out->that.url);
    return out;
}

}  // namespace distd::registry
