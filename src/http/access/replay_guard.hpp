// Which calls of others have been taken already: each sender numbers its calls, and of each the highest
// number and those shortly below it are remembered. Pure. Bounds: what is remembered of one sender (a number
// further below counts as seen), and senders (full: those whose last call is too old to come again make room,
// or the call is not taken).
#pragma once

#include <bitset>
#include <cstdint>
#include <distd/time.hpp>
#include <memory>
#include <unordered_map>

namespace distd::http {

class replay_guard {
public:
    static constexpr std::size_t remembered_calls = 1 << 16;
    static constexpr std::size_t max_senders = 1024;

    enum class judgement : std::uint8_t { fresh, seen, full };

    // `lifetime`: for how long a call could come again at all.
    explicit replay_guard(milliseconds lifetime) : lifetime_(lifetime) {}

    [[nodiscard]] judgement take(std::uint64_t sender, std::uint64_t number, steady_point now);

private:
    struct history {
        std::uint64_t highest = 0;
        std::bitset<remembered_calls> seen;  // by the number's remainder
        steady_point last;
    };
    [[nodiscard]] bool make_room(steady_point now);
    static void advance(history& h, std::uint64_t number);

    milliseconds lifetime_;
    std::unordered_map<std::uint64_t, std::unique_ptr<history>> senders_;
};

}  // namespace distd::http
