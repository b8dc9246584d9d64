// Deduplicates retries: which batches of the senders were stored, and under which line numbers. Each is
// remembered for some minutes; when memory is short the oldest are forgotten earlier. Time is the seconds in
// which the store was in use, so that neither a stop nor a jump of the wall clock makes a batch expire. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/journal/segment_format.hpp"

namespace distd {

struct batch_memory_limits {
    std::uint64_t seconds = 15 * 60;
    std::size_t bytes = 64 << 20;  // of memory
};

class batch_memory {
public:
    explicit batch_memory(batch_memory_limits limits) : limits_(limits) {}

    struct remembered {
        std::string content;  // empty: written by a version that did not store it
        std::uint64_t first = 0;
        std::uint64_t lines = 0;
        std::uint64_t at = 0;
    };
    // Null: unknown. A batch that an earlier version stored without a sender matches any sender.
    [[nodiscard]] const remembered* find(std::string_view id, std::string_view sender) const;

    // `at` never decreases. Forgets what is over the limits. A batch that is known already stays as it is.
    void add(const sender_batch&, std::uint64_t at);
    // Removes the last `count` that were added: their transaction was rolled back.
    void take_back(std::size_t count);

    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    // The last `count` that were added, the oldest first.
    struct dated_batch {
        sender_batch batch;
        std::uint64_t at = 0;
    };
    [[nodiscard]] std::vector<dated_batch> newest(std::size_t count) const;
    // The time of the oldest one.
    [[nodiscard]] std::uint64_t oldest_at() const noexcept;

private:
    using table = std::unordered_map<std::string, remembered>;

    [[nodiscard]] static std::string key_of(std::string_view id, std::string_view sender);
    [[nodiscard]] static std::size_t cost_of(const table::value_type&) noexcept;
    void forget(const std::string& key);

    const batch_memory_limits limits_;
    table known_;
    std::deque<const std::string*> order_;  // keys of `known_`
    std::size_t bytes_ = 0;
};

}  // namespace distd
