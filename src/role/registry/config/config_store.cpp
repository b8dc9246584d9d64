#include "role/registry/config/config_store.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/timestamp.hpp"
#include "http/message/etag.hpp"

namespace distd::registry {
namespace {

using verdict = config_outcome::verdict;
using action = config_change::action;

// A write of the mark for each so many changes; and so many are left out at each start.
constexpr std::uint64_t indexes_at_once = 1000;

// A function: what it uses of another file may be made later than a constant here.
const sqlite::migrations& schema() {
    static const sqlite::migrations steps{
        R"(CREATE TABLE versions (
         key TEXT NOT NULL,
         version INTEGER NOT NULL,
         idx INTEGER NOT NULL,
         at_ms INTEGER NOT NULL,
         who TEXT NOT NULL,
         request_id TEXT NOT NULL,
         action TEXT NOT NULL,
         restored INTEGER,
         media_type TEXT,
         value BLOB,                   -- null: deleted
         PRIMARY KEY (key, version)) STRICT;
       CREATE TABLE keys (
         key TEXT PRIMARY KEY,
         version INTEGER NOT NULL,     -- the latest
         idx INTEGER NOT NULL,
         is_there INTEGER NOT NULL) STRICT, WITHOUT ROWID;
       CREATE INDEX deleted_keys ON keys (idx) WHERE is_there = 0;
       CREATE TABLE config (
         idx INTEGER NOT NULL,         -- of the latest change
         forgotten INTEGER NOT NULL,   -- deletions up to this index
         bytes INTEGER NOT NULL,
         deleted INTEGER NOT NULL) STRICT)",
        config_retention::migration, "ALTER TABLE versions ADD COLUMN reason TEXT NOT NULL DEFAULT ''",
        config_retention::reasons_count};
    return steps;
}

const char* to_string(action a) noexcept {
    switch (a) {
        case action::put: return "put";
        case action::remove: return "delete";
        case action::restore: return "restore";
    }
    return "";
}

std::int64_t held_by(const config_entry& e) { return e.value ? static_cast<std::int64_t>(weight_of(e)) : 0; }

bool conditions_hold(const config_change& c, const config_entry& now) {
    const bool exists = now.value != nullptr;
    const auto tag = std::to_string(now.index);
    const auto strong = http::etag_comparison::strong;
    if (c.if_match && !(exists && http::etag_matches(*c.if_match, tag, strong))) return false;
    return !c.if_none_match || !exists || !http::etag_matches(*c.if_none_match, tag);
}

std::shared_ptr<const std::string> shared_value(const sqlite::cursor& row, int column) {
    if (row.is_null(column)) return nullptr;
    return std::make_shared<const std::string>(row.bytes(column));
}

}  // namespace

config_store::config_store(std::filesystem::path file, config_limits limits, wall_point now, disk& on)
    : limits_(limits),
      mark_(store_mark::beside(file), on),
      database_(std::move(file), schema(), sqlite::soundness::to_check, on) {
    const auto by_clock = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms(now), 1));
    if (!database_.query("SELECT idx FROM config").next())
        database_.execute("INSERT INTO config (idx, forgotten, bytes, deleted) VALUES (?1, ?1, 0, 0)",
                          std::max(by_clock, mark_.ceiling() + 1));
    auto stored = database_.query("SELECT idx FROM config");
    DISTD_ASSERT(stored.next());
    // A damaged mark has no ceiling: the clock is the best that is left.
    mark_.open(std::max(static_cast<std::uint64_t>(stored.integer(0)), has_lost_mark() ? by_clock : 0));
    mark_.clear();  // whatever is in doubt is no more than this
    given_before_ = mark_.ceiling();
}

// The ceiling is durable before any index above it is stored.
std::uint64_t config_store::take_index() {
    database_.execute("UPDATE config SET idx = max(idx, ?) + 1", given_before_);
    auto state = database_.query("SELECT idx FROM config");
    DISTD_ASSERT(state.next());
    const auto index = static_cast<std::uint64_t>(state.integer(0));
    if (index > mark_.ceiling()) mark_.raise(index + indexes_at_once);
    return index;
}

config_tree config_store::load() {
    config_tree tree;
    auto rows = database_.query(
        "SELECT k.key, k.version, k.idx, v.at_ms, v.media_type, v.value, length(CAST(v.reason AS BLOB)) "
        "FROM keys k JOIN versions v ON v.key = k.key AND v.version = k.version");
    while (rows.next())
        tree.put({std::string(rows.text(0)), static_cast<std::uint64_t>(rows.integer(1)),
                  static_cast<std::uint64_t>(rows.integer(2)), rows.integer(3), std::string(rows.text(4)),
                  shared_value(rows, 5), static_cast<std::size_t>(rows.integer(6))});
    auto state = database_.query("SELECT forgotten FROM config");
    DISTD_ASSERT(state.next());
    tree.forget(static_cast<std::uint64_t>(state.integer(0)));
    return tree;
}

config_entry config_store::current(const std::string& key) {
    config_entry e;
    e.key = key;
    auto row = database_.query(
        "SELECT k.version, k.idx, v.at_ms, v.media_type, v.value, length(CAST(v.reason AS BLOB)) "
        "FROM keys k JOIN versions v ON v.key = k.key AND v.version = k.version WHERE k.key = ?",
        key);
    if (!row.next()) return e;
    e.version = static_cast<std::uint64_t>(row.integer(0));
    e.index = static_cast<std::uint64_t>(row.integer(1));
    e.at_ms = row.integer(2);
    e.media_type = row.text(3);
    e.value = shared_value(row, 4);
    e.reason_bytes = static_cast<std::size_t>(row.integer(5));
    return e;
}

// Decides everything before anything is written.
config_outcome config_store::perform(const config_change& c) {
    const auto before = current(c.key);
    config_outcome out;
    out.now = before;
    if (!conditions_hold(c, before)) {
        out.is = verdict::stale;
        return out;
    }
    const auto next = wanted(c, out);
    if (!next) return out;
    out.now.media_type = next->media_type;
    out.now.value = next->value;
    out.now.reason_bytes = c.reason.size();
    auto state = database_.query("SELECT bytes FROM config");
    DISTD_ASSERT(state.next());
    const auto growth = held_by(out.now) - held_by(before);
    if (growth > 0 && state.integer(0) + growth > static_cast<std::int64_t>(limits_.max_bytes)) {
        out.now = before;
        out.is = verdict::too_much;
        return out;
    }
    write(c, before, out);
    return out;
}

// The content that the key is to have; nothing, and the verdict, when there is nothing to write.
std::optional<config_store::content> config_store::wanted(const config_change& c, config_outcome& out) {
    const auto& now = out.now;
    content next{c.media_type, c.value};
    if (c.what == action::remove) {
        if (!now.value) out.is = verdict::absent;
        return now.value ? std::optional(content()) : std::nullopt;
    }
    if (c.what == action::restore) {
        auto row = database_.query("SELECT media_type, value FROM versions WHERE key = ? AND version = ?",
                                   c.key, c.version);
        const bool is_kept = row.next();
        if (!is_kept || row.is_null(1)) {
            out.is = is_kept ? verdict::was_a_removal : verdict::no_version;
            return std::nullopt;
        }
        next = {std::string(row.text(0)), shared_value(row, 1)};
    }
    if (now.value && now.media_type == next.media_type && *now.value == *next.value) {
        out.is = verdict::unchanged;
        return std::nullopt;
    }
    return next;
}

void config_store::write(const config_change& c, const config_entry& before, config_outcome& out) {
    const bool was_there = before.value != nullptr;
    const bool was_deleted = before.version != 0 && !was_there;
    const bool is_there = out.now.value != nullptr;
    out.created = is_there && !was_there;
    database_.execute("UPDATE config SET bytes = bytes + ?, deleted = deleted + ?",
                      held_by(out.now) - held_by(before), (is_there ? 0 : 1) - (was_deleted ? 1 : 0));
    out.now.index = take_index();
    out.now.version = before.version + 1;
    out.now.at_ms = c.at_ms;
    const auto restored = c.what == action::restore ? std::optional(c.version) : std::nullopt;
    const auto media_type = is_there ? std::optional<std::string_view>(out.now.media_type) : std::nullopt;
    const auto value = is_there ? std::optional(sqlite::blob{*out.now.value}) : std::nullopt;
    database_.execute(
        "INSERT INTO versions (key, version, idx, at_ms, who, reason, request_id, action, restored, "
        "media_type, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        c.key, out.now.version, out.now.index, c.at_ms, c.who, c.reason, c.request_id, to_string(c.what),
        restored, media_type, value);
    database_.execute("INSERT OR REPLACE INTO keys (key, version, idx, is_there) VALUES (?, ?, ?, ?)", c.key,
                      out.now.version, out.now.index, is_there);
    // A deletion is past as soon as it is made.
    if (was_there) retention_.add(c.key, before.version);
    if (!is_there) retention_.add(c.key, out.now.version);
    out.forgotten_up_to = retention_.forget(c.key, out.now.version);
    out.past_bytes = retention_.bytes();
}

config_history::config_history(std::filesystem::path file, config_limits limits, disk& on)
    : limits_(limits), database_(std::move(file), schema(), sqlite::soundness::known, on) {}

std::vector<config_history_entry> config_history::of(const std::string& key) {
    auto row = database_.query(
        "SELECT version, idx, at_ms, who, reason, request_id, action, restored, media_type, length(value), "
        "CASE WHEN length(value) <= ?2 THEN value END "
        "FROM versions WHERE key = ?1 ORDER BY version DESC LIMIT ?3",
        key, max_shown_value, limits_.max_versions + 1);
    std::vector<config_history_entry> found;
    while (row.next()) {
        config_history_entry e{row.integer(0),
                               static_cast<std::uint64_t>(row.integer(1)),
                               row.integer(2),
                               std::string(row.text(3)),
                               std::string(row.text(4)),
                               std::string(row.text(5)),
                               std::string(row.text(6)),
                               {},
                               {},
                               {}};
        if (!row.is_null(7)) e.restored = row.integer(7);
        if (!row.is_null(9)) {
            e.after = config_content{std::string(row.text(8)), static_cast<std::size_t>(row.integer(9)), {}};
            if (!row.is_null(10)) e.after->value = row.bytes(10);
        }
        if (!found.empty()) found.back().before = e.after;
        found.push_back(std::move(e));
    }
    if (static_cast<std::int64_t>(found.size()) > limits_.max_versions) found.pop_back();
    return found;
}

config_entry config_history::version(const std::string& key, std::int64_t number) {
    config_entry e;
    auto row = database_.query(
        "SELECT idx, at_ms, media_type, value FROM versions WHERE key = ? AND version = ?", key, number);
    if (!row.next()) return e;
    e.key = key;
    e.version = static_cast<std::uint64_t>(number);
    e.index = static_cast<std::uint64_t>(row.integer(0));
    e.at_ms = row.integer(1);
    e.media_type = row.text(2);
    e.value = shared_value(row, 3);
    return e;
}

}  // namespace distd::registry
