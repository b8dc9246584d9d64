#include "role/registry/registry_store.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "role/registry/core/dispatcher.hpp"
#include "role/registry/core/former_histories.hpp"
#include "role/registry/registry_schema.hpp"

namespace distd::registry {
namespace {

// So seldom the mark is written.
constexpr std::uint64_t revisions_at_once = 65'536;

constexpr std::uint64_t events_between_prunings = timeline::max_events / 2;

std::string to_text(const std::vector<std::string>& names) {
    std::string out = "[";
    for (const auto& name : names) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name);
    }
    return out + "]";
}

std::string to_text(const extras_ptr& e) { return e ? "{" + to_members(e) + "}" : std::string(); }

int proof_of(const registrant& by) { return (by.has_confirmed_owner ? 1 : 0) + (by.is_vouched_for ? 2 : 0); }

}  // namespace

registry_store::registry_store(std::filesystem::path file, std::uint64_t first, disk& on)
    : mark_(store_mark::beside(file), on),
      database_(std::move(file), registry_schema(), sqlite::soundness::to_check, on) {
    // Registrations come in any order of URLs and so touch any page: 100,000 instances fit into this cache,
    // and a page that is written often is copied into the main file once in a while only.
    database_.run_script("PRAGMA cache_size = -49152");
    database_.copy_log_after(8000);
    if (!database_.query("SELECT id FROM registry").next())
        database_.execute("INSERT INTO registry (id, revision, names_floor) VALUES (?1, ?2, ?2)",
                          random_hex(16), std::max(first, mark_.ceiling() + 1));
    {
        auto stored = database_.query("SELECT revision FROM registry");
        DISTD_ASSERT(stored.next());
        // A damaged mark has no ceiling: the clock is the best that is left.
        const auto clock = mark_.was_readable() ? 0 : first;
        mark_.open(std::max(static_cast<std::uint64_t>(stored.integer(0)), clock));
    }
    has_withdrawn_ = database_.query("SELECT 1 FROM withdrawn LIMIT 1").next();
    has_former_ = database_.query("SELECT 1 FROM former LIMIT 1").next();
}

void registry_store::begin() {
    mark_.raise(ceiling_to_have());
    database_.begin();
}

// The one that is there, as long as nothing above it is given out.
std::uint64_t registry_store::ceiling_to_have() const {
    const auto highest = highest_.load();
    return highest > mark_.ceiling() ? highest + revisions_at_once : mark_.ceiling();
}

void registry_store::commit() {
    database_.commit();
    if (std::exchange(was_restated_, false)) mark_.clear();
}

void registry_store::rollback() noexcept {
    database_.rollback();
    was_restated_ = false;
    try {
        // It may be the ceiling that could not be raised before: it counts again here, also where the doubt
        // is noted already.
        mark_.doubt(ceiling_to_have());
        has_noted_doubt_ = true;
    } catch (const store_error& e) {
        has_noted_doubt_ = false;
        mark_trouble_ = std::string(e.what()) + ": changes of health are held back until it can be written";
    }
}

std::string registry_store::take_warning() {
    auto warning = database_.take_warning();
    if (mark_trouble_.empty()) return warning;
    if (!warning.empty()) warning += "; ";
    return warning + std::exchange(mark_trouble_, {});
}

void registry_store::apply(const change& c) {
    const change* const one = &c;
    apply(std::span(&one, 1));
}

void registry_store::apply(std::span<const change* const> batch) {
    std::uint64_t last = 0;
    for (const auto* c : batch) {
        std::visit([this](const auto& one) { write(one); }, *c);
        last = std::max(last, revision_of(*c));
    }
    if (last > 0) database_.execute("UPDATE registry SET revision = max(revision, ?)", last);
}

void registry_store::write(const put_change& c) {
    const auto& r = c.that;
    std::optional<earlier_registration> before;
    if (!insert(c)) {
        before = find(c);
        replace(c, *before);
    }
    if (const auto e = event_of(c, before)) add(*e);
    if (has_withdrawn_) database_.execute("DELETE FROM withdrawn WHERE name = ? AND url = ?", r.name, r.url);
}

// False: that URL is registered.
bool registry_store::insert(const put_change& c) {
    const auto& r = c.that;
    return database_.execute(
               "INSERT INTO instances (url, name, required, update_url, heartbeat_url, offered, generation, "
               "revision, settled, extras, modified, source, owner, proof, registered_at) "
               "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6, 0, ?7, ?6, ?8, ?9, ?10, ?11) ON CONFLICT DO NOTHING",
               r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, c.revision,
               to_text(r.extras), c.by.source, c.by.owner, proof_of(c.by), c.at_ms) > 0;
}

earlier_registration registry_store::find(const put_change& c) {
    const auto& r = c.that;
    auto row = database_.query(
        "SELECT name, offered, name = ?2 AND required = ?3 AND update_url = ?4 AND heartbeat_url = ?5 AND "
        "extras = ?6 AND CASE WHEN proof & 1 THEN 2 ELSE proof / 2 END = ?7 FROM instances WHERE url = ?1",
        r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, to_text(r.extras),
        static_cast<int>(c.by.proof()));
    DISTD_ASSERT(row.next());
    return {std::string(row.text(0)), row.integer(2) != 0, row.integer(1) != 0};
}

std::optional<std::string> registry_store::name_of(std::string_view url, std::uint64_t generation) {
    auto row = database_.query("SELECT name FROM instances WHERE url = ?1 AND (?2 = 0 OR generation = ?2)",
                               url, generation);
    if (!row.next()) return std::nullopt;
    return std::string(row.text(0));
}

// What subscribers and readers see of it stays as old as it is, where there is no change. A drain holds on.
void registry_store::replace(const put_change& c, const earlier_registration& before) {
    const auto& r = c.that;
    if (before.name != r.name) withdraw(before.name, r.url, c.revision);
    if (!before.is_same) note_former(r.url, c.revision);
    database_.execute(
        "UPDATE instances SET "
        "revision = CASE WHEN name = ?2 AND (offered = 1 OR drained_since > 0) THEN revision ELSE ?6 END, "
        "modified = CASE WHEN ?8 THEN modified ELSE ?6 END, "
        "registered_at = CASE WHEN ?8 THEN registered_at ELSE ?12 END, "
        "name = ?2, required = ?3, update_url = ?4, heartbeat_url = ?5, offered = 1, generation = ?6, "
        "settled = 0, extras = ?7, source = ?9, owner = ?10, proof = ?11 WHERE url = ?1",
        r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, c.revision,
        to_text(r.extras), before.is_same && before.was_healthy, c.by.source, c.by.owner, proof_of(c.by),
        c.at_ms);
}

// The name loses an instance, and may have no other one to keep its index.
void registry_store::withdraw(std::string_view name, std::string_view url, std::uint64_t revision) {
    database_.execute("INSERT OR REPLACE INTO withdrawn (name, url, revision) VALUES (?, ?, ?)", name, url,
                      revision);
    has_withdrawn_ = true;
    database_.execute(
        "INSERT INTO names (name, idx) VALUES (?, ?) ON CONFLICT DO UPDATE SET idx = max(idx, excluded.idx)",
        name, revision);
}

// What that URL requires now, before it is taken away. Once it was up to date, nothing older counts.
void registry_store::note_former(std::string_view url, std::uint64_t revision) {
    const auto noted = database_.execute(
        "INSERT INTO former (url, required, revision, settled) "
        "SELECT url, required, ?2, settled FROM instances "
        "WHERE url = ?1 AND update_url <> '' AND required <> '[]' "
        "ON CONFLICT DO UPDATE SET revision = excluded.revision, settled = min(settled, excluded.settled), "
        "required = (SELECT json_group_array(value) FROM (SELECT value FROM json_each(former.required) "
        "UNION SELECT value FROM json_each(excluded.required)))",
        url, revision);
    has_former_ = has_former_ || noted > 0;
}

void registry_store::write(const remove_change& c) {
    auto name = name_of(c.url, c.generation);
    if (!name) return;
    withdraw(*name, c.url, c.revision);
    // Of its own accord it goes as processes do at their end: with all that it held.
    if (c.is_given_up()) note_former(c.url, c.revision);
    if (!c.is_given_up() && has_former_) database_.execute("DELETE FROM former WHERE url = ?", c.url);
    database_.execute("DELETE FROM instances WHERE url = ?", c.url);
    if (c.is_forgotten) database_.execute("DELETE FROM health WHERE url = ?", c.url);
    add(event_of(c, std::move(*name)));
}

void registry_store::write(const offer_change& c) {
    const auto changed = database_.execute(
        "UPDATE instances SET offered = ?1, modified = ?2, "
        "revision = CASE WHEN drained_since = 0 THEN ?2 ELSE revision END "
        "WHERE url = ?3 AND generation = ?4 AND offered <> ?1",
        c.offered, c.revision, c.url, c.generation);
    if (changed > 0) add(event_of(c, name_of(c.url, 0).value_or(std::string())));
}

void registry_store::write(const drain_change& c) {
    const auto changed = database_.execute(
        "UPDATE instances SET modified = ?3, drain_reason = ?2, "
        "revision = CASE WHEN offered = 1 AND (drained_since > 0) <> (?1 > 0) THEN ?3 ELSE revision END, "
        "drained_since = CASE WHEN drained_since > 0 AND ?1 > 0 THEN drained_since ELSE ?1 END "
        "WHERE url = ?4 AND ((drained_since > 0) <> (?1 > 0) OR drain_reason <> ?2)",
        c.note.since_ms, c.note.reason, c.revision, c.url);
    if (changed > 0) add(event_of(c, name_of(c.url, 0).value_or(std::string())));
}

void registry_store::write(const guard_change& c) { add(event_of(c)); }

void registry_store::write(const configuration_change& c) { add(event_of(c)); }

void registry_store::add(const event& e) {
    database_.execute(
        "INSERT OR REPLACE INTO events (idx, at_ms, type, name, url, reason, actor, version, was) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        e.index, e.at_ms, to_string(e.type), e.name, e.url, e.reason, e.actor, e.version, e.was);
    if (++events_added_ % events_between_prunings != 0) return;
    database_.execute(
        "DELETE FROM events WHERE idx <= (SELECT idx FROM events ORDER BY idx DESC LIMIT 1 OFFSET ?)",
        timeline::max_events);
}

void registry_store::write(const settled_change& c) {
    const auto settled = database_.execute(
        "UPDATE instances SET settled = ? WHERE url = ? AND generation = ?", c.settled, c.url, c.generation);
    if (settled > 0 && has_former_) database_.execute("DELETE FROM former WHERE url = ?", c.url);
}

void registry_store::write(const restate_change& c) {
    const auto& r = *c.that;
    for (const auto& i : r.present) restate(i);
    for (const auto& a : r.absent) restate(a);
    database_.execute("DELETE FROM events WHERE idx >= ?", r.events_from);
    for (const auto& e : r.events) add(e);
    if (r.doubted_before > 0) {
        database_.execute("UPDATE instances SET settled = 0 WHERE settled < ?", r.doubted_before);
        database_.execute("UPDATE registry SET names_floor = max(names_floor, ?)", r.doubted_before);
    }
    database_.execute("UPDATE registry SET revision = max(revision, ?)", r.revision);
    was_restated_ = true;
}

// What was noted of it as a subscriber holds on, unless that was another registration.
void registry_store::restate(const kept_instance& i) {
    const auto& r = i.that;
    if (const auto name = name_of(r.url, 0); name && *name != r.name) withdraw(*name, r.url, i.revision);
    if (!name_of(r.url, i.generation)) note_former(r.url, i.revision);
    database_.execute(
        "INSERT OR REPLACE INTO instances (url, name, required, update_url, heartbeat_url, offered, "
        "generation, revision, settled, extras, modified, drained_since, drain_reason, source, owner, proof, "
        "registered_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
        "ifnull((SELECT settled FROM instances WHERE url = ?1 AND generation = ?7), 0), ?9, ?10, ?11, ?12, "
        "?13, ?14, ?15, ?16)",
        r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, i.offered, i.generation,
        i.revision, to_text(r.extras), i.modified, i.drain.since_ms, i.drain.reason, i.by.source, i.by.owner,
        proof_of(i.by), i.registered_at_ms);
    database_.execute("DELETE FROM withdrawn WHERE name = ? AND url = ?", r.name, r.url);
}

void registry_store::restate(const restatement::absence& a) {
    const auto name = name_of(a.url, 0);
    if (!name) return;
    withdraw(*name, a.url, a.revision);
    note_former(a.url, a.revision);
    database_.execute("DELETE FROM instances WHERE url = ?", a.url);
}

void registry_store::write(const health_change& c) {
    const auto keep = [this](std::string_view url, health_state s, wall_minute at, std::string_view buckets) {
        database_.execute("INSERT OR REPLACE INTO health (url, state, changed, buckets) VALUES (?, ?, ?, ?)",
                          url, static_cast<int>(s), at, sqlite::blob{buckets});
    };
    for (const auto& h : c.that->histories) keep(h.url, h.that.state, h.that.changed, h.that.buckets);
    const auto& clock = c.that->clock;
    if (clock.now == 0) return;
    keep("", health_state::unknown, clock.now, clock.buckets);
    database_.execute(
        "DELETE FROM health WHERE url IN (SELECT url FROM health WHERE url <> '' "
        "AND url NOT IN (SELECT url FROM instances) ORDER BY changed DESC LIMIT -1 OFFSET ?)",
        former_histories::max_kept);
}

void registry_store::write(const alert_change& c) {
    const auto& r = c.that;
    using enum alert_change::action;
    if (c.what == forget_alert) {
        database_.execute("DELETE FROM told WHERE alert = ?", r.alert);
    } else if (c.what == forget) {
        database_.execute("DELETE FROM told WHERE alert = ? AND subject = ?", r.alert, r.subject);
    } else {
        const auto& m = r.message;
        database_.execute(
            "INSERT OR REPLACE INTO told (alert, subject, what, service, reason, instances, since_ms, "
            "until_ms, at_ms, told_at_ms, settled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            r.alert, r.subject, to_string(m.what), m.service, m.reason, m.instances, m.since_ms, m.until_ms,
            m.at_ms, r.reported_at_ms, r.is_settled);
    }
}

void registry_store::write(const tidy_change& c) {
    if (mark_.in_doubt()) return;
    if (c.forget_names > 0) {
        database_.execute("UPDATE registry SET names_floor = max(names_floor, ?)", c.forget_names);
        database_.execute("DELETE FROM names WHERE idx <= ?", c.forget_names);
    }
    database_.execute(
        "DELETE FROM former WHERE revision <= (SELECT revision FROM former "
        "WHERE url NOT IN (SELECT url FROM instances) ORDER BY revision DESC LIMIT 1 OFFSET ?)",
        dispatcher::max_vanished);
    database_.execute(
        "DELETE FROM withdrawn WHERE revision <= (SELECT ifnull(min(settled), 9223372036854775807) FROM "
        "(SELECT settled FROM instances WHERE update_url <> '' UNION ALL SELECT settled FROM former))");
    database_.execute(
        "DELETE FROM withdrawn WHERE revision <= "
        "(SELECT revision FROM withdrawn ORDER BY revision DESC LIMIT 1 OFFSET ?)",
        max_withdrawn);
    has_withdrawn_ = database_.query("SELECT 1 FROM withdrawn LIMIT 1").next();
    has_former_ = database_.query("SELECT 1 FROM former LIMIT 1").next();
}

}  // namespace distd::registry
