// The configuration's file: what each key is, and its history. `perform` decides and writes on a writer
// thread, where the file is the one truth; the rest reads, at the start or beside the writer. Throws
// store_error.
//
// Bounded by `config_limits`: a change that would make the values too large is refused, of all else the
// oldest is forgotten.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "role/registry/config/config_retention.hpp"
#include "role/registry/config/config_tree.hpp"
#include "store/sqlite/sqlite.hpp"
#include "store/sqlite/store_mark.hpp"

namespace distd::registry {

// One wish for a change, with the conditions under which it is to be made.
struct config_change {
    enum class action : std::uint8_t { put, remove, restore };
    action what = action::put;
    std::string key;
    std::string media_type;                    // put
    std::shared_ptr<const std::string> value;  // put
    std::int64_t version = 0;                  // restore: this one
    std::optional<std::string> if_match;       // as in the header; nothing: no condition
    std::optional<std::string> if_none_match;
    std::string who;
    std::string reason;  // empty: none was given
    std::string request_id;
    std::int64_t at_ms = 0;
};

struct config_outcome {
    enum class verdict : std::uint8_t {
        done,
        unchanged,      // the key has that content already
        absent,         // nothing to remove
        stale,          // a condition does not hold
        no_version,     // nothing to restore: the version is not kept, or never was
        was_a_removal,  // nothing to restore: the version is a deletion
        too_much,       // max_bytes
    };
    verdict is = verdict::done;
    bool created = false;               // there was none, or no longer
    config_entry now;                   // the key as it is now; version 0: there never was one
    std::uint64_t forgotten_up_to = 0;  // for config_tree::forget
    std::size_t past_bytes = 0;         // done: old versions and deletions as they count now
};

// A value in the history: whole when it is short, else only what it is.
struct config_content {
    std::string media_type;
    std::size_t size = 0;
    std::optional<std::string> value;
};

struct config_history_entry {
    std::int64_t version = 0;
    std::uint64_t index = 0;
    std::int64_t at_ms = 0;
    std::string who;
    std::string reason;
    std::string request_id;
    std::string action;                    // put, delete, restore
    std::optional<std::int64_t> restored;  // the version that was restored
    std::optional<config_content> before;  // none: there was no value, or it is no longer kept
    std::optional<config_content> after;   // none: deleted
};

class config_store {
public:
    // Indexes are numbered on from the ceiling of a mark beside the file, so that none is given twice, and no
    // ETag, even if the file is lost, or an older one is put in its place. Where the mark is lost as well, a
    // new file begins with an index made of the time: no reader can mistake the new state for the one that it
    // knows, unless the clock is behind.
    config_store(std::filesystem::path file, config_limits, wall_point now, disk& = real_disk());

    [[nodiscard]] config_tree load();
    [[nodiscard]] config_outcome perform(const config_change&);
    // What was found at the start: the file is gone and its mark is there, or the mark makes no sense.
    [[nodiscard]] bool has_lost_data() const noexcept { return database_.was_new() && mark_.was_there(); }
    [[nodiscard]] bool has_lost_mark() const noexcept { return !mark_.was_readable(); }
    [[nodiscard]] std::size_t past_bytes() { return retention_.bytes(); }

    [[nodiscard]] sqlite::database& database() noexcept { return database_; }

private:
    struct content {
        std::string media_type;
        std::shared_ptr<const std::string> value;
    };
    [[nodiscard]] config_entry current(const std::string& key);
    [[nodiscard]] std::optional<content> wanted(const config_change&, config_outcome&);
    void write(const config_change&, const config_entry& before, config_outcome&);
    [[nodiscard]] std::uint64_t take_index();

    config_limits limits_;
    store_mark mark_;
    sqlite::database database_;
    config_retention retention_{database_, limits_};
    std::uint64_t given_before_ = 0;  // to other processes, at most
};

// Reads beside the writer, with a connection of its own.
class config_history {
public:
    // Values of up to so many bytes are whole in the list.
    static constexpr std::int64_t max_shown_value = 4096;

    config_history(std::filesystem::path file, config_limits, disk& = real_disk());

    [[nodiscard]] std::vector<config_history_entry> of(const std::string& key);  // the newest first
    // As it was; version 0: that one is not kept.
    [[nodiscard]] config_entry version(const std::string& key, std::int64_t number);

private:
    config_limits limits_;
    sqlite::database database_;
};

}  // namespace distd::registry
