// What an instance's health was over time: the last 24 hours in minutes, the last 30 days in hours. Pure.
//
// A bucket holds the worst state of its time. Only changes cost anything: between two of them an instance is
// what it was at the first. So one that was always well takes no more than this object; any other one takes
// 540 bytes beside it, two bits a bucket.
//
// Time is counted in minutes of the wall clock, as `health_clock` has them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <distd/time.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "wire/time_range.hpp"

namespace distd::registry {

enum class health_state : std::uint8_t { unknown, well, drained, lost };  // the larger, the worse

using wall_minute = std::uint32_t;  // since 1970
inline constexpr wall_minute minutes_in_hour = 60;

// The latest `Size` buckets of an endless row, each of two bits.
template <wall_minute Size>
class state_ring {
public:
    [[nodiscard]] health_state at(wall_minute bucket) const noexcept {
        return static_cast<health_state>(bytes_[place(bucket)] >> shift(bucket) & 3U);
    }
    void set(wall_minute bucket, health_state s) noexcept {
        auto& byte = bytes_[place(bucket)];
        const auto cleared = byte & ~(3U << shift(bucket));
        byte = static_cast<std::uint8_t>(cleared | static_cast<unsigned>(s) << shift(bucket));
    }
    // Of the buckets from `first` to `last` those that are still of the row.
    void fill(wall_minute first, wall_minute last, health_state s) noexcept {
        if (last >= Size && first <= last - Size) first = last - Size + 1;
        for (; first <= last; ++first) set(first, s);
    }
    // The first bucket behind `first` that is not `s`, which `first` is; `end` where all before it are.
    [[nodiscard]] wall_minute end_of_run(wall_minute first, wall_minute end, health_state s) const noexcept {
        const auto four_alike = static_cast<std::uint8_t>(static_cast<unsigned>(s) * 0b01010101U);
        for (auto at = first + 1; at < end;) {
            const bool are_four = at % Size % 4 == 0 && end - at >= 4;
            if (are_four && bytes_[place(at)] == four_alike)
                at += 4;
            else if (this->at(at) == s)
                ++at;
            else
                return at;
        }
        return end;
    }
    // From `from` on, which it was in already, to `to`: the state was `before`, and is `now` since.
    void go_on(wall_minute from, wall_minute to, health_state before, health_state now) noexcept {
        set(from, std::max(at(from), before));
        if (to > from) fill(from + 1, to, before);
        set(to, std::max(at(to), now));
    }

    [[nodiscard]] std::string_view bytes() const noexcept {
        return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
    }
    static constexpr std::size_t byte_count = Size / 4;
    void restore(std::string_view bytes) noexcept { std::copy_n(bytes.begin(), byte_count, bytes_.begin()); }

private:
    static constexpr std::size_t place(wall_minute bucket) noexcept { return bucket % Size / 4; }
    static constexpr unsigned shift(wall_minute bucket) noexcept { return bucket % Size % 4 * 2; }

    std::array<std::uint8_t, byte_count> bytes_{};
};

struct health_buckets {
    static constexpr wall_minute minutes_kept = 24 * minutes_in_hour;
    static constexpr wall_minute hours_kept = 30 * 24;

    state_ring<minutes_kept> minutes;
    state_ring<hours_kept> hours;

    [[nodiscard]] std::string bytes() const;
    [[nodiscard]] bool restore(std::string_view bytes) noexcept;  // false: they are none
};

class health_history {
public:
    // As it is kept in the store.
    struct kept {
        health_state state = health_state::unknown;
        wall_minute changed = 0;
        std::string buckets{};  // empty: none but the state's
    };

    health_history() = default;
    explicit health_history(const kept&);  // an unknown one where it makes no sense
    [[nodiscard]] kept to_keep() const;

    void note(health_state, wall_minute now);
    // The clock was set back to `now`: what was noted later is void.
    void rewind(wall_minute now) noexcept;

    [[nodiscard]] health_state now() const noexcept { return now_; }
    [[nodiscard]] wall_minute changed() const noexcept { return changed_; }  // the last time; 0: never
    [[nodiscard]] bool is_empty() const noexcept { return changed_ == 0; }
    // It takes buckets to say what it was before `changed`.
    [[nodiscard]] bool has_buckets() const noexcept { return past_ != nullptr; }
    // Buckets of one state that follow each other. Of those that are kept, up to the current one.
    struct run {
        health_state state;
        wall_minute end;  // the bucket behind it
    };
    // From `first` on, before `end`.
    [[nodiscard]] run minutes_from(wall_minute first, wall_minute end) const noexcept;
    [[nodiscard]] run hours_from(wall_minute first, wall_minute end) const noexcept;

    [[nodiscard]] bool is_saved() const noexcept { return is_saved_; }
    void set_saved(bool yes) noexcept { is_saved_ = yes; }

private:
    template <wall_minute Size>
    [[nodiscard]] run run_from(const state_ring<Size>* past, wall_minute changed, wall_minute first,
                               wall_minute end) const noexcept;

    std::unique_ptr<health_buckets> past_;
    wall_minute changed_ = 0;
    health_state now_ = health_state::unknown;
    bool is_saved_ = true;
};

// In which minutes the registry ran, and so knew anything. Its time goes back only where the wall clock was
// set back by more than a few minutes: less is waited for.
class health_clock {
public:
    static constexpr wall_minute max_wait = 10;

    struct kept {
        wall_minute now = 0;  // 0: there was none
        std::string buckets{};
    };
    void restore(const kept&);
    [[nodiscard]] kept to_keep() const;

    // False: time has gone back, see health_history::rewind.
    [[nodiscard]] bool advance(wall_point);
    [[nodiscard]] wall_minute now() const noexcept { return now_; }
    // In which minutes and hours the registry ran: those are well, and all others unknown.
    [[nodiscard]] const health_buckets& ran() const noexcept { return ran_; }

private:
    health_buckets ran_;
    wall_minute now_ = 0;
};

// "58w2l": the states of one history in runs, the oldest first, as many buckets as there are in the range.
[[nodiscard]] std::string run_lengths(const health_history&, const health_clock&, wire::time_range);

}  // namespace distd::registry
