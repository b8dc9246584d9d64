// What the gateway passed on to one service or instance in the last six hours, in slots of ten seconds:
// requests, failures, retries, the most in flight at a time, and percentiles of how long they took. Pure: the
// time is an argument.
//
// A slot that has ended keeps three percentiles instead of its histogram. Where several slots are summed up,
// each stands for half of its requests at its p50, 45 % at its p95 and the rest at its p99: exact where they
// are alike, and rather too slow than too fast where they are not.
#pragma once

#include <array>
#include <cstdint>
#include <distd/time.hpp>
#include <memory>
#include <optional>

namespace distd::portal {

struct traffic_percentiles {
    std::uint64_t p50_us = 0;
    std::uint64_t p95_us = 0;
    std::uint64_t p99_us = 0;
};

struct traffic_sum {
    std::uint64_t requests = 0;
    std::uint64_t failures = 0;
    std::uint64_t retries = 0;  // of a service: tries after the first one
    std::uint64_t max_in_flight = 0;
    std::optional<traffic_percentiles> percentiles;  // missing without a request
};

class traffic_series {
public:
    static constexpr seconds slot_span{10};
    static constexpr std::int64_t slots_kept = 6 * 3600 / 10;

    [[nodiscard]] static std::int64_t slot_of(steady_point t) noexcept {
        return std::chrono::floor<seconds>(t.time_since_epoch()) / slot_span;
    }

    // A request has ended. Times never go backwards.
    struct request {
        steady_point::duration took{};
        bool has_failed = false;
        int retries = 0;
        std::size_t in_flight = 0;  // with it
    };
    void add(steady_point now, const request&);
    // Of the slots from `first` to the one before `end`.
    [[nodiscard]] traffic_sum sum(std::int64_t first, std::int64_t end) const;

private:
    // Eight buckets for each doubling of the microseconds: values are within 7 % of what they were.
    static constexpr std::size_t bucket_count = 256;
    struct histogram {
        std::array<std::uint64_t, bucket_count> counts{};
    };
    struct slot {
        std::uint32_t requests = 0;
        std::uint32_t failures = 0;
        std::uint16_t max_in_flight = 0;  // these two stay at their largest value
        std::uint16_t retries = 0;
        std::uint8_t p50 = 0;  // buckets
        std::uint8_t p95 = 0;
        std::uint8_t p99 = 0;
    };
    // Ten minutes. Allocated when there is traffic: most services have none at night.
    static constexpr std::int64_t slots_of_block = 60;
    static constexpr std::size_t blocks = slots_kept / slots_of_block + 1;
    struct block {
        std::int64_t number = 0;
        std::array<slot, slots_of_block> slots{};
    };

    [[nodiscard]] static std::size_t bucket_of(std::uint64_t us) noexcept;
    [[nodiscard]] static std::uint64_t value_of(std::size_t bucket) noexcept;
    [[nodiscard]] static std::size_t bucket_at(const histogram&, std::uint64_t total, std::uint64_t percent);
    [[nodiscard]] slot& slot_at(std::int64_t number);
    [[nodiscard]] const block* find_block(std::int64_t number) const noexcept;
    void end_slot();

    std::array<std::unique_ptr<block>, blocks> blocks_;  // a ring
    std::unique_ptr<histogram> current_;                 // of the slot that has not ended
    std::int64_t current_slot_ = -1;
};

}  // namespace distd::portal
