// Which versions of the configuration stay that no key has any more: old ones, and deletions. Bounded for
// each key, in deleted keys, and together with the values in bytes; over that the oldest change of all goes
// first. Used on the writer thread, inside of its transactions; throws store_error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "store/sqlite/sqlite.hpp"

namespace distd::registry {

struct config_limits {
    std::size_t max_bytes = 64 << 20;  // as weight_of counts them: values, old versions and deletions
    std::int64_t max_versions = 100;
    std::int64_t max_deleted = 20'000;  // one more, and the older half is forgotten
};

class config_retention {
public:
    // Makes the tables for it, from those of the configuration's first schema.
    static const std::string_view migration;
    // The same with the reasons of changes, once versions have them.
    static const std::string_view reasons_count;

    config_retention(sqlite::database& db, const config_limits& limits) : database_(db), limits_(limits) {}

    // That version is not what its key is, from now on.
    void add(const std::string& key, std::uint64_t version);
    // Forgets what is too much, after a change that made this the latest version of its key. Returns up to
    // which index deletions were forgotten; 0: none was.
    [[nodiscard]] std::uint64_t forget(const std::string& key, std::uint64_t latest);
    [[nodiscard]] std::size_t bytes();

private:
    struct old_version {
        std::int64_t index = 0;
        std::string key;
        std::int64_t version = 0;
        std::int64_t bytes = 0;
    };
    struct forgotten {
        std::int64_t bytes = 0;
        std::int64_t deleted = 0;
        std::int64_t up_to = 0;
    };
    void forget_versions_of(const std::string& key, std::int64_t before, forgotten&);
    void forget_older_deletions(forgotten&);
    void forget_oldest(forgotten&);
    [[nodiscard]] bool is_too_much(const forgotten&);
    void drop(const old_version&, forgotten&);

    sqlite::database& database_;
    const config_limits& limits_;
};

}  // namespace distd::registry
