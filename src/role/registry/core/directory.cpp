#include "role/registry/core/directory.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/timestamp.hpp"
#include "role/registry/core/change_events.hpp"

namespace distd::registry {

directory::directory(health_engine::rules rules, dispatcher::limits limits, random_source random)
    : random_(std::move(random)), dispatcher_(limits), health_(rules) {}

void directory::restore(kept_state kept, steady_point now, wall_point wall) {
    revision_ = std::max(kept.revision, kept.ceiling);
    events_.restore(std::move(kept.events), kept.names_floor);
    if (kept.in_doubt) {
        // Nobody saw a higher index of anything.
        kept.names_floor = ++revision_;
        for (auto& k : kept.instances) k.settled = 0;
        note_doubt(wall);
    }
    names_.restore_floor(kept.names_floor);
    names_.note_latest(events_.index());
    catalog_.expect(kept.instances.size());
    std::unordered_map<std::string_view, health_engine::loss> losses;
    for (const auto& e : events_.all()) {
        if (e.type != event_type::lost) continue;
        const auto ago = std::chrono::duration_cast<milliseconds>(wall - wall_point(milliseconds(e.at_ms)));
        losses[e.url] = {e.reason, now - std::max(ago, milliseconds(0))};
    }
    std::vector<std::pair<const instance*, std::uint64_t>> settled;
    settled.reserve(kept.instances.size());
    for (auto& k : kept.instances) {
        instance i;
        i.that = std::move(k.that);
        i.healthy = k.offered;
        i.drain = std::move(k.drain);
        i.by = std::move(k.by);
        i.generation = k.generation;
        i.revision = k.revision;
        i.modified = k.modified;
        i.registered_at_ms = k.registered_at_ms;
        const auto& restored = catalog_.restore(std::move(i));
        settled.emplace_back(&restored, k.settled);
        const auto c = k.offered ? condition::unproven : condition::lost;
        const auto loss = losses.find(restored.that.url);
        health_.restore(restored.that, k.generation, c, now, random_(),
                        loss == losses.end() ? std::nullopt : std::optional(loss->second));
        health_.keep(restored.that.url, restored.drain.holds(), now);
        names_.restore(restored.that.name, k.modified, true);
    }
    dispatcher::withdrawn_by_name gone;
    for (const auto& w : kept.withdrawn)
        gone[w.entry.name].push_back({std::make_shared<const patch_entry>(w.entry), w.revision});
    for (const auto& [i, up_to] : settled) dispatcher_.restore(*i, up_to, catalog_, gone);
    for (const auto& f : kept.former) dispatcher_.restore_former(f.url, f.names, catalog_, gone);
    for (const auto& n : kept.names) names_.restore(n.name, n.index, false);
    restore_histories(std::move(kept.health), wall);
}

void directory::restore_histories(kept_health kept, wall_point wall) {
    clock_.restore(kept.clock);
    for (auto& h : kept.histories) {
        if (catalog_.find(h.url))
            catalog_.give_history(h.url, health_history(h.that));
        else
            former_.put(std::move(h.url), health_history(h.that));
    }
    pass(wall);
    for (const auto& [name, instances] : catalog_.by_name())
        for (const auto& [url, i] : instances)
            if (!i->healthy || i->drain.holds()) note_health(*i);
}

// For readers of the timeline, who may have seen events that are lost.
void directory::note_doubt(wall_point wall) {
    const auto latest = events_.all().empty() ? std::int64_t{0} : events_.all().back().at_ms;
    events_.add({revision_, std::max(unix_ms(wall), latest), event_type::in_doubt, "", "",
                 "the disk refused writes when the registry ended: events before this one may be missing"});
}

directory::effect directory::apply(change&& c, steady_point now) {
    return std::visit([&](auto&& one) { return apply_one(std::forward<decltype(one)>(one), now); },
                      std::move(c));
}

directory::effect directory::apply_one(put_change&& c, steady_point now) {
    revision_ = std::max(revision_, c.revision);
    std::optional<earlier_registration> before;
    if (const auto* old = catalog_.find(c.that.url))
        before = {old->that.name, old->that == c.that && old->by.proof() == c.by.proof(), old->healthy};
    auto news = event_of(c, before);
    const auto result = catalog_.put(std::move(c.that), c.revision, std::move(c.by), c.at_ms);
    const auto& i = *result.now;
    if (!before)
        if (auto known = former_.take(i.that.url)) catalog_.give_history(i.that.url, *std::move(known));
    for (const auto& e : result.no_longer_offered) dispatcher_.changed(e, false, catalog_);
    // Before the others' patches are planned: it may require itself.
    dispatcher_.join(i, catalog_);
    if (result.is_newly_offered) dispatcher_.changed(i.entry, true, catalog_);
    if (result.is_same) {
        health_.renew(i.that, i.generation, now, random_());
        health_.keep(i.that.url, i.drain.holds(), now);
        note_changed_health();
        return effect::renewed;
    }
    // Of a newcomer nothing is known that would have to be forgotten, or kept.
    if (before || health_engine::can_watch(i.that))
        health_.watch(i.that, i.generation, condition::unproven, now, random_());
    if (before) health_.keep(i.that.url, i.drain.holds(), now);
    if (news) events_.add(std::move(*news));
    if (before && before->name != i.that.name) changed(before->name, c.revision);
    changed(i.that.name, c.revision);
    return effect::done;
}

directory::effect directory::apply_one(const remove_change& c, steady_point) {
    revision_ = std::max(revision_, c.revision);
    const auto* found = catalog_.find(c.url);
    if (!found || (c.generation != 0 && found->generation != c.generation)) return effect::nothing;
    const auto gone = catalog_.remove(c.url);
    using enum dispatcher::departure;
    dispatcher_.leave(c.url, c.is_given_up() ? given_up : withdrawn);
    health_.forget(c.url);
    if (gone->offered) dispatcher_.changed(gone->entry, false, catalog_);
    events_.add(event_of(c, gone->that.name));
    gone->health.note(health_state::unknown, clock_.now());
    if (!c.is_forgotten && !gone->health.is_empty()) former_.put(gone->that.url, std::move(gone->health));
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

directory::effect directory::apply_one(const drain_change& c, steady_point now) {
    revision_ = std::max(revision_, c.revision);
    const auto seen = catalog_.drain(c.url, c.note, c.revision);
    if (seen == catalog::change_seen::none) return effect::nothing;
    const auto& i = *catalog_.find(c.url);
    health_.keep(c.url, i.drain.holds(), now);
    note_health(i);
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

// Readers of lists are not concerned.
directory::effect directory::apply_one(const configuration_change& c, steady_point) {
    revision_ = std::max(revision_, c.revision);
    events_.add(event_of(c));
    return effect::done;
}

void directory::note(catalog::change_seen seen, const instance& i, std::uint64_t revision) {
    if (seen == catalog::change_seen::offered) dispatcher_.changed(i.entry, i.offered, catalog_);
    changed(i.that.name, revision);
}

void directory::changed(const std::string& name, std::uint64_t revision) {
    ++visible_changes_;
    ++history_version_;  // who is in the list is part of that answer
    names_.changed(name, revision, !catalog_.named(name).empty());
    changed_names_.push_back(name);
}

// Readers see more of an instance's health than watchers are woken for.
void directory::note_changed_health() {
    for (const auto& url : health_.take_changed()) {
        const auto* i = catalog_.find(url);
        if (!i) continue;
        names_.text_changed(i->that.name);
        note_health(*i);
    }
}

// Whom an operator took out is expected to be lost for a while: that is no outage. A registration that was
// well counts as well until the next probe, also after our own restart.
void directory::note_health(const instance& i) {
    const auto* const report = health_.find(i.that.url);
    auto s = health_state::unknown;
    if (i.drain.holds())
        s = health_state::drained;
    else if (report && report->now == condition::lost)
        s = health_state::lost;
    else if (report && (report->now == condition::passing || i.health.now() == health_state::well))
        s = health_state::well;
    if (s == i.health.now()) return;
    catalog_.note_health(i.that.url, s, clock_.now());
    ++history_version_;
}

void directory::pass(wall_point wall) {
    const auto before = clock_.now();
    if (!clock_.advance(wall)) {
        catalog_.rewind_histories(clock_.now());
        for (auto& [url, h] : former_.all()) h.rewind(clock_.now());
    }
    if (clock_.now() != before) ++history_version_;
}

kept_health directory::take_unsaved(std::string& after, std::size_t max, bool even_saved) {
    kept_health k{catalog_.take_unsaved(after, max, even_saved), {}};
    if (!after.empty()) return k;
    for (auto& [url, h] : former_.all()) {
        if (h.is_saved() && !even_saved) continue;
        k.histories.push_back({url, h.to_keep()});
        h.set_saved(true);
    }
    return k;
}

// This concerns the store only.
directory::effect directory::apply_one(const settled_change&, steady_point) { return effect::nothing; }

directory::effect directory::apply_one(const tidy_change& c, steady_point) {
    names_.forget(c.forget_names);
    return effect::nothing;
}

// Likewise.
directory::effect directory::apply_one(const health_change&, steady_point) { return effect::nothing; }
directory::effect directory::apply_one(const alert_change&, steady_point) { return effect::nothing; }
directory::effect directory::apply_one(const restate_change&, steady_point) { return effect::nothing; }

restatement directory::restate(const std::set<std::string>& urls, std::uint64_t events_from) const {
    restatement r;
    r.revision = revision_;
    r.events_from = events_from;
    std::map<std::string_view, std::uint64_t> latest;
    for (const auto& e : events_.all()) {
        if (e.index < events_from) continue;
        r.events.push_back(e);
        latest[e.url] = e.index;
    }
    for (const auto& url : urls) {
        const auto* i = catalog_.find(url);
        if (i) {
            r.present.push_back({i->that, i->healthy, i->generation, i->revision, i->modified, i->drain, 0,
                                 i->by, i->registered_at_ms});
        } else {
            const auto gone = latest.find(url);
            r.absent.push_back({url, gone == latest.end() ? revision_ : gone->second});
        }
    }
    return r;
}

std::optional<change> directory::probed(const health_engine::probe& p, const std::string& failure,
                                        steady_point now) {
    // After a failure it may be gone, and its URL with it; a success, the usual case, copies nothing.
    health_engine::judgement j{failure.empty() ? std::string() : p.url(), p.generation, {}, failure};
    j.what = health_.finish(p, failure, now);
    note_changed_health();
    if (j.what == health_engine::transition::none) return std::nullopt;
    if (failure.empty()) j.url = p.url();
    return to_change(j);
}

directory::reported directory::take_report(std::string_view url, const std::string& failure,
                                           steady_point now) {
    const auto taken = health_.take_report(url, failure, now);
    note_changed_health();
    const bool is_known = taken.how != health_engine::reporting::unknown || catalog_.find(url);
    if (!is_known) return {reporting::unknown, std::nullopt};
    if (taken.how != health_engine::reporting::taken) return {reporting::has_no_ttl, std::nullopt};
    return {reporting::taken, to_change(taken.what)};
}

std::vector<change> directory::review(steady_point now) {
    std::vector<change> changes;
    const auto judgements = health_.review(now);
    note_changed_health();
    for (const auto& j : judgements)
        if (auto c = to_change(j)) changes.push_back(std::move(*c));
    return changes;
}

std::optional<change> directory::to_change(const health_engine::judgement& j) {
    switch (j.what) {
        case health_engine::transition::none: return std::nullopt;
        case health_engine::transition::lost: return offer_change{j.url, j.generation, false, 0, j.reason};
        case health_engine::transition::back: return offer_change{j.url, j.generation, true, 0, j.reason};
        case health_engine::transition::gone: return remove_change{j.url, j.generation, 0, j.reason};
    }
    return std::nullopt;
}

std::uint64_t directory::version() const noexcept { return visible_changes_ + health_.version(); }

}  // namespace distd::registry
