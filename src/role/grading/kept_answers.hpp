// The answers to requests that carried an idempotency key, for their repetitions. Lives inside the
// transactions of a command_writer, on the thread that writes.
//
// Kept for `kept_ms` of a time of their own: it goes on while a service has the store open, as fast as a
// clock that never jumps, and is written down with each answer. So whatever the wall clock does forgets
// nothing. Bounded in number and bytes as well: over that the oldest go, and are counted when their time was
// not over.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "role/grading/core/commands.hpp"
#include "store/sqlite/sqlite.hpp"

namespace distd::grading {

struct answer_limits {
    std::int64_t kept_ms = 24LL * 60 * 60 * 1000;
    std::int64_t max_answers = 1'000'000;
    std::int64_t max_bytes = 256LL << 20;
};

class kept_answers {
public:
    kept_answers(sqlite::database& db, answer_limits limits) : db_(db), limits_(limits) {}

    // Around the commands of one transaction.
    void begin() noexcept;
    void finish();

    // The first answer as `repeated`, or `key_reused`; nothing: the key is new, or forgotten.
    [[nodiscard]] std::optional<outcome> find(const origin&);
    void keep(const outcome&, const origin&);

    [[nodiscard]] std::uint64_t forgotten_early() const noexcept { return early_; }  // on any thread

private:
    struct state {
        std::int64_t clock_ms = 0;
        std::int64_t answers = 0;
        std::int64_t bytes = 0;
        std::int64_t kept_now = 0;  // by this transaction
    };
    struct start {
        std::int64_t clock_ms = 0;
        std::int64_t steady_ms = 0;
    };
    [[nodiscard]] state& now(const origin&);
    [[nodiscard]] bool is_over(std::int64_t at_ms) const;
    void forget(std::int64_t id, std::int64_t bytes);

    sqlite::database& db_;
    answer_limits limits_;
    std::optional<state> state_;  // of this transaction; nothing: it had no key yet
    std::optional<start> start_;  // when this process first saw a key
    std::atomic<std::uint64_t> early_ = 0;
};

}  // namespace distd::grading
