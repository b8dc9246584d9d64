#include "role/registry/config/config_retention.hpp"

#include <algorithm>
#include <vector>

#include "base/assert.hpp"

namespace distd::registry {
namespace {

// A file of an earlier version may hold far more than its bound: a change waits for so much at most.
constexpr std::int64_t max_at_once = 1000;

}  // namespace

// 256 as in weight_of; who made it can be as long as that.
const std::string_view config_retention::migration =
    R"(CREATE TABLE past (
         idx INTEGER PRIMARY KEY,
         key TEXT NOT NULL,
         version INTEGER NOT NULL,
         bytes INTEGER NOT NULL) STRICT;
       CREATE VIEW weighed_versions AS
         SELECT idx, key, version, 256 + length(CAST(key AS BLOB)) + length(CAST(who AS BLOB))
                + coalesce(length(CAST(media_type AS BLOB)), 0) + coalesce(length(value), 0) AS bytes
         FROM versions;
       INSERT INTO past (idx, key, version, bytes)
         SELECT w.idx, w.key, w.version, w.bytes FROM weighed_versions w
         WHERE NOT EXISTS (SELECT 1 FROM keys k
                           WHERE k.key = w.key AND k.version = w.version AND k.is_there = 1);
       ALTER TABLE config ADD COLUMN past_bytes INTEGER NOT NULL DEFAULT 0;
       UPDATE config SET past_bytes = (SELECT coalesce(sum(bytes), 0) FROM past))";

// What was counted before had no reasons, so its sums stay right.
const std::string_view config_retention::reasons_count =
    R"(DROP VIEW weighed_versions;
       CREATE VIEW weighed_versions AS
         SELECT idx, key, version, 256 + length(CAST(key AS BLOB)) + length(CAST(who AS BLOB))
                + length(CAST(reason AS BLOB)) + coalesce(length(CAST(media_type AS BLOB)), 0)
                + coalesce(length(value), 0) AS bytes
         FROM versions)";

void config_retention::add(const std::string& key, std::uint64_t version) {
    database_.execute(
        "INSERT INTO past (idx, key, version, bytes) "
        "SELECT idx, key, version, bytes FROM weighed_versions WHERE key = ? AND version = ?",
        key, version);
    database_.execute("UPDATE config SET past_bytes = past_bytes + (SELECT bytes FROM past WHERE idx = ?)",
                      database_.last_insert_id());
}

std::size_t config_retention::bytes() {
    auto row = database_.query("SELECT past_bytes FROM config");
    DISTD_ASSERT(row.next());
    return static_cast<std::size_t>(row.integer(0));
}

std::uint64_t config_retention::forget(const std::string& key, std::uint64_t latest) {
    forgotten all;
    // One more than is shown: what the oldest one shown changed.
    forget_versions_of(key, static_cast<std::int64_t>(latest) - limits_.max_versions, all);
    forget_older_deletions(all);
    forget_oldest(all);
    if (all.bytes > 0)
        database_.execute(
            "UPDATE config SET past_bytes = past_bytes - ?1, deleted = deleted - ?2, "
            "forgotten = max(forgotten, ?3)",
            all.bytes, all.deleted, all.up_to);
    return static_cast<std::uint64_t>(all.up_to);
}

void config_retention::forget_versions_of(const std::string& key, std::int64_t before, forgotten& all) {
    std::vector<old_version> old;
    for (auto row = database_.query("SELECT p.idx, p.version, p.bytes FROM versions v JOIN past p "
                                    "ON p.idx = v.idx WHERE v.key = ? AND v.version < ?",
                                    key, before);
         row.next();)
        old.push_back({row.integer(0), key, row.integer(1), row.integer(2)});
    for (const auto& one : old) drop(one, all);
}

void config_retention::forget_older_deletions(forgotten& all) {
    auto state = database_.query("SELECT deleted FROM config");
    DISTD_ASSERT(state.next());
    if (state.integer(0) - all.deleted <= limits_.max_deleted) return;
    std::vector<old_version> old;
    for (auto row = database_.query("SELECT p.idx, p.key, p.version, p.bytes FROM "
                                    "(SELECT key FROM keys WHERE is_there = 0 ORDER BY idx LIMIT ?) k "
                                    "JOIN versions v ON v.key = k.key JOIN past p ON p.idx = v.idx",
                                    limits_.max_deleted / 2 + 1);
         row.next();)
        old.push_back({row.integer(0), std::string(row.text(1)), row.integer(2), row.integer(3)});
    for (const auto& one : old) drop(one, all);
}

void config_retention::forget_oldest(forgotten& all) {
    if (!is_too_much(all)) return;
    std::vector<old_version> oldest;
    for (auto row =
             database_.query("SELECT idx, key, version, bytes FROM past ORDER BY idx LIMIT ?", max_at_once);
         row.next();)
        oldest.push_back({row.integer(0), std::string(row.text(1)), row.integer(2), row.integer(3)});
    for (const auto& one : oldest) {
        if (!is_too_much(all)) break;
        drop(one, all);
    }
}

bool config_retention::is_too_much(const forgotten& all) {
    auto state = database_.query("SELECT bytes + past_bytes FROM config");
    DISTD_ASSERT(state.next());
    return state.integer(0) - all.bytes > static_cast<std::int64_t>(limits_.max_bytes);
}

void config_retention::drop(const old_version& one, forgotten& all) {
    database_.execute("DELETE FROM versions WHERE key = ? AND version = ?", one.key, one.version);
    database_.execute("DELETE FROM past WHERE idx = ?", one.index);
    all.bytes += one.bytes;
    const auto gone = database_.execute("DELETE FROM keys WHERE key = ? AND version = ? AND is_there = 0",
                                        one.key, one.version);
    if (gone == 0) return;
    ++all.deleted;
    all.up_to = std::max(all.up_to, one.index);
}

}  // namespace distd::registry
