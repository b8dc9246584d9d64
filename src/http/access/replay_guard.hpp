// Which calls of others have been taken already: each sender numbers its calls, and of each the highest
// number and those shortly below it are remembered. Pure.
//
// Bounds: what is remembered of one sender (a number further below counts as seen); senders, in all and of
// one source, since each run of a command is a sender of its own; and of these the ones that have made more
// than a few calls, which take a hundred times the memory (full: those whose last call is too old to come
// again make room, or the call is not taken).
#pragma once

#include <bitset>
#include <cstdint>
#include <distd/time.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace distd::http {

class replay_guard {
public:
    static constexpr std::size_t remembered_calls = 1 << 16;
    static constexpr std::size_t few_calls = 8;
    static constexpr std::size_t max_senders = 1 << 15;
    static constexpr std::size_t max_busy = 1024;  // senders of more than few calls

    enum class judgement : std::uint8_t { fresh, seen, full };

    // `lifetime`: for how long a call could come again at all.
    explicit replay_guard(milliseconds lifetime) : lifetime_(lifetime) {}

    // `address`: where the call came from.
    [[nodiscard]] judgement take(std::uint64_t sender, std::uint64_t number, std::string_view address,
                                 steady_point now);

private:
    struct tally {
        std::size_t senders = 0;
        std::size_t busy = 0;
    };
    using source = std::unordered_map<std::string, tally>::value_type;
    struct history {
        std::uint64_t highest = 0;
        steady_point last;
        source* of = nullptr;            // where its first call came from
        std::vector<std::uint64_t> few;  // all numbers of one that is not busy
        // Of a busy one, by the number's remainder.
        std::unique_ptr<std::bitset<remembered_calls>> seen;
    };
    [[nodiscard]] static bool is_seen(const history& h, std::uint64_t number);
    [[nodiscard]] bool become_busy(history& h, steady_point now);
    [[nodiscard]] bool make_room(steady_point now);
    static void advance(history& h, std::uint64_t number);

    milliseconds lifetime_;
    std::unordered_map<std::string, tally> sources_;
    std::unordered_map<std::uint64_t, history> senders_;
    std::size_t busy_ = 0;
    steady_point room_at_{};  // before it nothing is too old: it need not be looked through again
};

}  // namespace distd::http
