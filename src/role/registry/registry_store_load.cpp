#include "base/assert.hpp"
#include "role/registry/registry_store.hpp"

namespace distd::registry {
namespace {

// Most registrations require nothing and have no extras: these are not worth a parser.
std::vector<std::string> to_names(std::string_view text) {
    if (text == "[]") return {};
    json_error error;
    auto names = from_json<std::vector<std::string>>(text, error);
    if (!names)
        throw store_error(errc::storage_failed, "a list of required services is damaged: " + error.text);
    return std::move(*names);
}

extras_ptr to_extras(std::string_view text) {
    if (text.empty()) return nullptr;
    json_error error;
    const auto object = parse_json(text, error);
    auto extras = object ? read_extras(std::move(*object), error) : nullptr;
    if (!error.text.empty())
        throw store_error(errc::storage_failed, "what an instance registered is damaged: " + error.text);
    return extras;
}

}  // namespace

kept_state registry_store::load() {
    kept_state s;
    auto mark = database_.query("SELECT id, revision, names_floor FROM registry");
    DISTD_ASSERT(mark.next());
    s.id = mark.text(0);
    s.revision = static_cast<std::uint64_t>(mark.integer(1));
    s.names_floor = static_cast<std::uint64_t>(mark.integer(2));
    s.ceiling = mark_.ceiling();
    s.in_doubt = mark_.in_doubt();
    load_instances(s);
    load_history(s);
    load_health(s.health);
    load_alerts(s);
    return s;
}

void registry_store::load_instances(kept_state& s) {
    auto rows = database_.query(
        "SELECT url, name, required, update_url, heartbeat_url, offered, generation, revision, settled, "
        "extras, modified, drained_since, drain_reason, source, owner, proof, registered_at FROM instances");
    while (rows.next()) {
        kept_instance& i = s.instances.emplace_back();
        i.that = {std::string(rows.text(1)), std::string(rows.text(0)), to_names(rows.text(2)),
                  std::string(rows.text(3)), std::string(rows.text(4)), to_extras(rows.text(9))};
        i.offered = rows.integer(5) != 0;
        i.generation = static_cast<std::uint64_t>(rows.integer(6));
        i.revision = static_cast<std::uint64_t>(rows.integer(7));
        i.settled = static_cast<std::uint64_t>(rows.integer(8));
        i.modified = static_cast<std::uint64_t>(rows.integer(10));
        i.drain = {rows.integer(11), std::string(rows.text(12))};
        const auto proof = rows.integer(15);
        i.by = {std::string(rows.text(13)), std::string(rows.text(14)), (proof & 1) != 0, (proof & 2) != 0};
        i.registered_at_ms = rows.integer(16);
    }
    auto gone = database_.query("SELECT name, url, revision FROM withdrawn");
    while (gone.next())
        s.withdrawn.push_back({{std::string(gone.text(0)), std::string(gone.text(1))},
                               static_cast<std::uint64_t>(gone.integer(2))});
    auto former = database_.query("SELECT url, required FROM former ORDER BY revision");
    while (former.next()) s.former.push_back({std::string(former.text(0)), to_names(former.text(1))});
}

void registry_store::load_history(kept_state& s) {
    auto names = database_.query("SELECT name, idx FROM names");
    while (names.next())
        s.names.push_back({std::string(names.text(0)), static_cast<std::uint64_t>(names.integer(1))});
    auto events = database_.query(
        "SELECT idx, at_ms, type, name, url, reason, actor, version, was FROM "
        "(SELECT * FROM events ORDER BY idx DESC LIMIT ?) ORDER BY idx",
        timeline::max_events);
    while (events.next()) {
        const auto type = to_event_type(events.text(2));
        if (!type) continue;  // of a later version of ours
        s.events.push_back({static_cast<std::uint64_t>(events.integer(0)), events.integer(1), *type,
                            std::string(events.text(3)), std::string(events.text(4)),
                            std::string(events.text(5)), std::string(events.text(6)),
                            static_cast<std::uint64_t>(events.integer(7)),
                            static_cast<std::uint64_t>(events.integer(8))});
    }
}

void registry_store::load_health(kept_health& h) {
    auto rows = database_.query("SELECT url, state, changed, buckets FROM health ORDER BY changed");
    while (rows.next()) {
        const auto changed = static_cast<wall_minute>(rows.integer(2));
        std::string buckets(rows.bytes(3));
        if (rows.text(0).empty())
            h.clock = {changed, std::move(buckets)};
        else
            h.histories.push_back(
                {std::string(rows.text(0)),
                 {static_cast<health_state>(rows.integer(1)), changed, std::move(buckets)}});
    }
}

void registry_store::load_alerts(kept_state& s) {
    auto rows = database_.query(
        "SELECT alert, subject, what, service, reason, instances, since_ms, until_ms, at_ms, told_at_ms, "
        "settled FROM told ORDER BY at_ms");
    while (rows.next()) {
        const auto what = to_alert_kind(rows.text(2));
        if (!what) continue;  // of a later version of ours
        alert_row& r = s.alert_rows.emplace_back();
        r.alert = rows.text(0);
        r.subject = rows.text(1);
        r.message.what = *what;
        r.message.service = rows.text(3);
        r.message.reason = rows.text(4);
        r.message.instances = rows.text(5);
        r.message.since_ms = rows.integer(6);
        r.message.until_ms = rows.integer(7);
        r.message.at_ms = rows.integer(8);
        r.reported_at_ms = rows.integer(9);
        r.is_settled = rows.integer(10) != 0;
    }
}

}  // namespace distd::registry
