#include "role/registry/registry_store.hpp"

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
         revision INTEGER NOT NULL) STRICT)"};

std::string to_text(const std::vector<std::string>& names) {
    std::string out = "[";
    for (const auto& name : names) {
        if (out.size() > 1) out += ',';
        append_json_string(out, name);
    }
    return out + "]";
}

std::vector<std::string> to_names(std::string_view text) {
    json_error error;
    auto names = from_json<std::vector<std::string>>(text, error);
    if (!names)
        throw store_error(errc::storage_failed, "a list of required services is damaged: " + error.text);
    return std::move(*names);
}

}  // namespace

registry_store::registry_store(std::filesystem::path file) : database_(std::move(file), schema) {
    if (!database_.query("SELECT id FROM registry").next())
        database_.execute("INSERT INTO registry (id, revision) VALUES (?, 0)", random_hex(16));
}

kept_state registry_store::load() {
    kept_state s;
    auto mark = database_.query("SELECT id, revision FROM registry");
    DISTD_ASSERT(mark.next());
    s.id = mark.text(0);
    s.revision = static_cast<std::uint64_t>(mark.integer(1));
    auto rows = database_.query(
        "SELECT url, name, required, update_url, heartbeat_url, offered, generation, revision, settled FROM "
        "instances");
    while (rows.next()) {
        kept_instance& i = s.instances.emplace_back();
        i.that = {std::string(rows.text(1)), std::string(rows.text(0)), to_names(rows.text(2)),
                  std::string(rows.text(3)), std::string(rows.text(4))};
        i.offered = rows.integer(5) != 0;
        i.generation = static_cast<std::uint64_t>(rows.integer(6));
        i.revision = static_cast<std::uint64_t>(rows.integer(7));
        i.settled = static_cast<std::uint64_t>(rows.integer(8));
    }
    auto gone = database_.query("SELECT name, url, revision FROM withdrawn");
    while (gone.next())
        s.withdrawn.push_back({{std::string(gone.text(0)), std::string(gone.text(1))},
                               static_cast<std::uint64_t>(gone.integer(2))});
    return s;
}

void registry_store::apply(const change& c) {
    std::visit([this](const auto& one) { write(one); }, c);
}

void registry_store::write(const put_change& c) {
    const auto& r = c.that;
    database_.execute(
        "INSERT OR REPLACE INTO withdrawn (name, url, revision) "
        "SELECT name, url, ?1 FROM instances WHERE url = ?2 AND name <> ?3",
        c.revision, r.url, r.name);
    database_.execute("DELETE FROM withdrawn WHERE name = ? AND url = ?", r.name, r.url);
    database_.execute(
        "INSERT INTO instances (url, name, required, update_url, heartbeat_url, offered, generation, "
        "revision, settled) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?6, 0) "
        "ON CONFLICT (url) DO UPDATE SET "
        "revision = CASE WHEN name = excluded.name AND offered = 1 THEN revision ELSE excluded.revision END, "
        "name = excluded.name, required = excluded.required, update_url = excluded.update_url, "
        "heartbeat_url = excluded.heartbeat_url, offered = 1, generation = excluded.generation, settled = 0",
        r.url, r.name, to_text(r.required_services), r.update_url, r.heartbeat_url, c.revision);
    keep_revision(c.revision);
}

void registry_store::write(const remove_change& c) {
    database_.execute(
        "INSERT OR REPLACE INTO withdrawn (name, url, revision) "
        "SELECT name, url, ?1 FROM instances WHERE url = ?2 AND (?3 = 0 OR generation = ?3)",
        c.revision, c.url, c.generation);
    database_.execute("DELETE FROM instances WHERE url = ?1 AND (?2 = 0 OR generation = ?2)", c.url,
                      c.generation);
    keep_revision(c.revision);
}

void registry_store::write(const offer_change& c) {
    database_.execute(
        "UPDATE instances SET offered = ?, revision = ? WHERE url = ? AND generation = ? AND offered <> ?",
        c.offered, c.revision, c.url, c.generation, c.offered);
    keep_revision(c.revision);
}

void registry_store::write(const settled_change& c) {
    database_.execute("UPDATE instances SET settled = ? WHERE url = ? AND generation = ?", c.settled, c.url,
                      c.generation);
}

void registry_store::keep_revision(std::uint64_t revision) {
    database_.execute("UPDATE registry SET revision = max(revision, ?)", revision);
}

void registry_store::write(const tidy_change&) {
    database_.execute(
        "DELETE FROM withdrawn WHERE revision <= "
        "(SELECT ifnull(min(settled), 9223372036854775807) FROM instances WHERE update_url <> '')");
    database_.execute(
        "DELETE FROM withdrawn WHERE revision <= "
        "(SELECT revision FROM withdrawn ORDER BY revision DESC LIMIT 1 OFFSET ?)",
        most_withdrawn);
}

}  // namespace distd::registry
