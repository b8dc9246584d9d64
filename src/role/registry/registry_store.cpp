#include "role/registry/registry_store.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "base/random.hpp"

namespace distd::registry {
namespace {

const sqlite::migrations schema{
    R"(CREATE TABLE instances (
         url TEXT PRIMARY KEY,
         name TEXT NOT NULL,
         required TEXT NOT NULL,       -- a JSON list of names
         update_url TEXT NOT NULL,
         heartbeat_url TEXT NOT NULL,
         offered INTEGER NOT NULL,
         generation INTEGER NOT NULL,
         revision INTEGER NOT NULL,
         settled INTEGER NOT NULL) STRICT, WITHOUT ROWID;
       CREATE TABLE withdrawn (
         name TEXT NOT NULL,
         url TEXT NOT NULL,
         revision INTEGER NOT NULL,
         PRIMARY KEY (name, url)) STRICT, WITHOUT ROWID;
       CREATE INDEX withdrawn_by_revision ON withdrawn (revision);
       CREATE TABLE registry (
         id TEXT NOT NULL,
         revision INTEGER NOT NULL) STRICT)",
    R"(ALTER TABLE instances ADD COLUMN extras TEXT NOT NULL DEFAULT '';  -- a JSON object; empty: none
       ALTER TABLE instances ADD COLUMN modified INTEGER NOT NULL DEFAULT 0;
       ALTER TABLE instances ADD COLUMN drained_since INTEGER NOT NULL DEFAULT 0;  -- 0: it is not drained
       ALTER TABLE instances ADD COLUMN drain_reason TEXT NOT NULL DEFAULT '';
       UPDATE instances SET modified = max(revision, generation))"};

std::string to_text(const std::vector<std::string>& names) {
    std::string out = "[";
    for (const auto& name : names) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name);
    }
    return out + "]";
}

// Most registrations require nothing and have no extras: these are not worth a parser.
std::vector<std::string> to_names(std::string_view text) {
    if (text == "[]") return {};
    json_error error;
    auto names = from_json<std::vector<std::string>>(text, error);
    if (!names)
        throw store_error(errc::storage_failed, "a list of required services is damaged: " + error.text);
    return std::move(*names);
}

std::string to_text(const extras_ptr& e) { return e ? "{" + to_members(e) + "}" : std::string(); }

extras_ptr to_extras(std::string_view text) {
    if (text.empty()) return nullptr;
    json_error error;
    const auto object = parse_json(text, error);
    auto extras = object ? read_extras(*object, error) : nullptr;
    if (!error.text.empty())
        throw store_error(errc::storage_failed, "what an instance registered is damaged: " + error.text);
    return extras;
}

}  // namespace

registry_store::registry_store(std::filesystem::path file) : database_(std::move(file), schema) {
    if (!database_.query("SELECT id FROM registry").next())
        database_.execute("INSERT INTO registry (id, revision) VALUES (?, 0)", random_hex(16));
    has_withdrawn_ = database_.query("SELECT 1 FROM withdrawn LIMIT 1").next();
}

kept_state registry_store::load() {
    kept_state s;
    auto mark = database_.query("SELECT id, revision FROM registry");
    DISTD_ASSERT(mark.next());
    s.id = mark.text(0);
    s.revision = static_cast<std::uint64_t>(mark.integer(1));
    auto rows = database_.query(
        "SELECT url, name, required, update_url, heartbeat_url, offered, generation, revision, settled, "
        "extras, modified, drained_since, drain_reason FROM instances");
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
    }
    auto gone = database_.query("SELECT name, url, revision FROM withdrawn");
    while (gone.next())
        s.withdrawn.push_back({{std::string(gone.text(0)), std::string(gone.text(1))},
                               static_cast<std::uint64_t>(gone.integer(2))});
    return s;
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
    if (!is_known(r)) {
        database_.execute(
            "INSERT INTO instances (url, name, required, update_url, heartbeat_url, offered, generation, "
            "revision, settled, extras, modified) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6, 0, ?7, ?6)",
            r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, c.revision,
            to_text(r.extras));
    } else {
        replace(c);
    }
    if (has_withdrawn_) database_.execute("DELETE FROM withdrawn WHERE name = ? AND url = ?", r.name, r.url);
}

bool registry_store::is_known(const registration& r) {
    return database_.query("SELECT 1 FROM instances WHERE url = ?", r.url).next();
}

// What subscribers and readers see of it stays as old as it is, where there is no change. A drain holds on.
void registry_store::replace(const put_change& c) {
    const auto& r = c.that;
    const auto renamed = database_.execute(
        "INSERT OR REPLACE INTO withdrawn (name, url, revision) "
        "SELECT name, url, ?1 FROM instances WHERE url = ?2 AND name <> ?3",
        c.revision, r.url, r.name);
    if (renamed > 0) has_withdrawn_ = true;
    database_.execute(
        "UPDATE instances SET "
        "revision = CASE WHEN name = ?2 AND (offered = 1 OR drained_since > 0) THEN revision ELSE ?6 END, "
        "modified = CASE WHEN offered = 1 AND name = ?2 AND required = ?3 AND update_url = ?4 AND "
        "heartbeat_url = ?5 AND extras = ?7 THEN modified ELSE ?6 END, "
        "name = ?2, required = ?3, update_url = ?4, heartbeat_url = ?5, offered = 1, generation = ?6, "
        "settled = 0, extras = ?7 WHERE url = ?1",
        r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, c.revision,
        to_text(r.extras));
}

void registry_store::write(const remove_change& c) {
    const auto gone = database_.execute(
        "INSERT OR REPLACE INTO withdrawn (name, url, revision) "
        "SELECT name, url, ?1 FROM instances WHERE url = ?2 AND (?3 = 0 OR generation = ?3)",
        c.revision, c.url, c.generation);
    if (gone == 0) return;
    has_withdrawn_ = true;
    database_.execute("DELETE FROM instances WHERE url = ?", c.url);
}

void registry_store::write(const offer_change& c) {
    database_.execute(
        "UPDATE instances SET offered = ?1, modified = ?2, "
        "revision = CASE WHEN drained_since = 0 THEN ?2 ELSE revision END "
        "WHERE url = ?3 AND generation = ?4 AND offered <> ?1",
        c.offered, c.revision, c.url, c.generation);
}

void registry_store::write(const drain_change& c) {
    database_.execute(
        "UPDATE instances SET modified = ?3, drain_reason = ?2, "
        "revision = CASE WHEN offered = 1 AND (drained_since > 0) <> (?1 > 0) THEN ?3 ELSE revision END, "
        "drained_since = CASE WHEN drained_since > 0 AND ?1 > 0 THEN drained_since ELSE ?1 END "
        "WHERE url = ?4 AND ((drained_since > 0) <> (?1 > 0) OR drain_reason <> ?2)",
        c.note.since_ms, c.note.reason, c.revision, c.url);
}

void registry_store::write(const settled_change& c) {
    database_.execute("UPDATE instances SET settled = ? WHERE url = ? AND generation = ?", c.settled, c.url,
                      c.generation);
}

void registry_store::write(const tidy_change&) {
    database_.execute(
        "DELETE FROM withdrawn WHERE revision <= "
        "(SELECT ifnull(min(settled), 9223372036854775807) FROM instances WHERE update_url <> '')");
    database_.execute(
        "DELETE FROM withdrawn WHERE revision <= "
        "(SELECT revision FROM withdrawn ORDER BY revision DESC LIMIT 1 OFFSET ?)",
        most_withdrawn);
    has_withdrawn_ = database_.query("SELECT 1 FROM withdrawn LIMIT 1").next();
}

}  // namespace distd::registry
