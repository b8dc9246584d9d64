// Counts of lines by level, service and span of time, and what a reader asks to be counted. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "role/log/search/query.hpp"
#include "role/log/storage/block_reader.hpp"

namespace distd::logs {

struct tally_keys {
    bool level = false;
    bool service = false;
    std::int64_t bucket_ns = 0;  // 0: time does not count
};

inline constexpr std::size_t max_groups = 10'000;

class tally {
public:
    explicit tally(tally_keys k) : keys_(k) {}

    struct group {
        std::int64_t bucket = 0;  // its start
        std::string level;        // escaped, as in the journal
        std::string service;
        auto operator<=>(const group&) const = default;
    };

    void add(std::int64_t time_ns, std::string_view level, std::string_view service, std::uint64_t count = 1);
    // All lines of a block by its head alone; false: the head is not enough.
    [[nodiscard]] bool add_whole(const block_head&);
    void add_rows(block_reader&, const std::vector<std::uint32_t>& rows);  // throws damaged_bytes
    void add(const tally&);

    [[nodiscard]] const std::map<group, std::uint64_t>& groups() const noexcept { return groups_; }
    [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
    // There were more groups: those that came last are in the total only.
    [[nodiscard]] bool overflowed() const noexcept { return overflowed_; }

private:
    void add_to(group, std::uint64_t count);
    [[nodiscard]] std::int64_t bucket_of(std::int64_t time_ns) const noexcept;

    tally_keys keys_;
    std::map<group, std::uint64_t> groups_;
    std::uint64_t total_ = 0;
    bool overflowed_ = false;
};

struct stats_query {
    log_filter filter;
    tally_keys keys;
};
struct read_stats_query {
    std::optional<stats_query> value;
    std::string error;
};
// by=level,service  bucket=5m  and what GET /log filters by.
[[nodiscard]] read_stats_query parse_stats_query(
    const std::map<std::string, std::string, std::less<>>& parameters);

}  // namespace distd::logs
