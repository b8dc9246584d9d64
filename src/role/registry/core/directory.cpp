#include "role/registry/core/directory.hpp"

#include <algorithm>
#include <utility>

#include "role/registry/core/change_events.hpp"

namespace distd::registry {

directory::directory(health_engine::rules rules, dispatcher::limits limits, random_source random)
    : random_(std::move(random)), dispatcher_(limits), health_(rules) {}

void directory::restore(const kept_state& kept, steady_point now, milliseconds grace) {
    revision_ = kept.revision;
    for (const auto& k : kept.instances) {
        instance i;
        i.that = k.that;
        i.healthy = k.offered;
        i.drain = k.drain;
        i.generation = k.generation;
        i.revision = k.revision;
        i.modified = k.modified;
        catalog_.restore(std::move(i));
        if (k.that.heartbeat_url.empty()) continue;
        const auto c = k.offered ? condition::unproven : condition::lost;
        health_.watch(k.that.url, k.generation, k.that.heartbeat_url, c, now, random_(), grace);
    }
    dispatcher::withdrawn_by_name gone;
    for (const auto& w : kept.withdrawn)
        gone[w.entry.name].push_back({std::make_shared<const patch_entry>(w.entry), w.revision});
    for (const auto& k : kept.instances)
        dispatcher_.restore(*catalog_.find(k.that.url), k.settled, catalog_, gone);
    restore_names(kept);
}

void directory::restore_names(const kept_state& kept) {
    events_.restore(kept.events);
    names_.restore_floor(kept.names_floor);
    names_.note_latest(events_.index());
    for (const auto& k : kept.instances) names_.restore(k.that.name, k.modified, true);
    for (const auto& n : kept.names) names_.restore(n.name, n.index, false);
}

directory::effect directory::apply(const change& c, steady_point now) {
    return std::visit([&](const auto& one) { return apply_one(one, now); }, c);
}

directory::effect directory::apply_one(const put_change& c, steady_point now) {
    revision_ = std::max(revision_, c.revision);
    std::optional<earlier_registration> before;
    if (const auto* old = catalog_.find(c.that.url))
        before = {old->that.name, old->that == c.that, old->healthy};
    const auto result = catalog_.put(c.that, c.revision);
    const auto& i = *result.now;
    for (const auto& e : result.no_longer_offered) dispatcher_.changed(e, false, catalog_);
    // Before the others hear of it: what it requires may be itself.
    dispatcher_.join(i, catalog_);
    if (result.is_newly_offered) dispatcher_.changed(i.entry, true, catalog_);
    if (i.that.heartbeat_url.empty()) {
        health_.forget(i.that.url);
    } else {
        health_.watch(i.that.url, i.generation, i.that.heartbeat_url, condition::unproven, now, random_());
    }
    if (result.is_same) {
        names_.retold(i.that.name);  // its health may start over
        return effect::renewed;
    }
    if (auto e = event_of(c, before)) events_.add(std::move(*e));
    if (before && before->name != i.that.name) changed(before->name, c.revision);
    changed(i.that.name, c.revision);
    return effect::done;
}

directory::effect directory::apply_one(const remove_change& c, steady_point) {
    revision_ = std::max(revision_, c.revision);
    const auto* found = catalog_.find(c.url);
    if (!found || (c.generation != 0 && found->generation != c.generation)) return effect::nothing;
    const auto gone = catalog_.remove(c.url);
    dispatcher_.leave(c.url);
    health_.forget(c.url);
    if (gone->offered) dispatcher_.changed(gone->entry, false, catalog_);
    events_.add(event_of(c, gone->that.name));
    changed(gone->that.name, c.revision);
    return effect::done;
}

directory::effect directory::apply_one(const offer_change& c, steady_point) {
    revision_ = std::max(revision_, c.revision);
    const auto seen = catalog_.heal(c.url, c.generation, c.offered, c.revision);
    if (seen == catalog::change_seen::none) return effect::nothing;
    const auto& i = *catalog_.find(c.url);
    events_.add(event_of(c, i.that.name));
    note(seen, i, c.revision);
    if (c.offered) dispatcher_.hurry(c.url);
    return effect::done;
}

directory::effect directory::apply_one(const drain_change& c, steady_point) {
    revision_ = std::max(revision_, c.revision);
    const auto seen = catalog_.drain(c.url, c.note, c.revision);
    if (seen == catalog::change_seen::none) return effect::nothing;
    const auto& i = *catalog_.find(c.url);
    events_.add(event_of(c, i.that.name));
    note(seen, i, c.revision);
    return effect::done;
}

directory::effect directory::apply_one(const guard_change& c, steady_point) {
    revision_ = std::max(revision_, c.revision);
    events_.add(event_of(c));
    names_.note_latest(c.revision);
    return effect::done;
}

void directory::note(catalog::change_seen seen, const instance& i, std::uint64_t revision) {
    if (seen == catalog::change_seen::offered) dispatcher_.changed(i.entry, i.offered, catalog_);
    changed(i.that.name, revision);
}

void directory::changed(const std::string& name, std::uint64_t revision) {
    ++visible_changes_;
    names_.changed(name, revision, !catalog_.named(name).empty());
}

// Readers see more of an instance's health than watchers are woken for.
void directory::retell(const std::vector<std::string>& urls) {
    for (const auto& url : urls)
        if (const auto* i = catalog_.find(url)) names_.retold(i->that.name);
}

// This concerns the store only.
directory::effect directory::apply_one(const settled_change&, steady_point) { return effect::nothing; }

directory::effect directory::apply_one(const tidy_change& c, steady_point) {
    names_.forget(c.forget_names);
    return effect::nothing;
}

std::optional<change> directory::probed(const health_engine::probe& p, const std::string& failure,
                                        steady_point now) {
    const auto before = health_.version();
    const auto verdict = health_.finish(p, failure, now);
    if (health_.version() != before) retell({p.url});
    switch (verdict) {
        case health_engine::verdict::none: return std::nullopt;
        case health_engine::verdict::lost: return offer_change{p.url, p.generation, false, 0, failure};
        case health_engine::verdict::back: return offer_change{p.url, p.generation, true, 0};
        case health_engine::verdict::gone: return remove_change{p.url, p.generation, 0, failure};
    }
    return std::nullopt;
}

std::uint64_t directory::version() const noexcept { return visible_changes_ + health_.version(); }

}  // namespace distd::registry
