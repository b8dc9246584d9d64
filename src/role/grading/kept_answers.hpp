// Stores the answers to requests with an idempotency key, for retries. Used within the transactions of a
// command_writer, on the writer thread.
//
// Answers are kept for `kept_ms` of running time: a clock that advances steadily while a service has the
// store open, and is stored with each answer. So changes of the wall clock expire nothing. Bounded in number
// and bytes as well: beyond that the oldest are removed, and counted if they had not expired.
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

    // Called at the begin and the end of each transaction.
    void begin() noexcept;
    void finish();

    // The first answer as `repeated`, or `key_reused`; nullopt: the key is new, or expired.
    [[nodiscard]] std::optional<outcome> find(const origin&);
    void keep(const outcome&, const origin&);

    [[nodiscard]] std::uint64_t forgotten_early() const noexcept { return early_; }  // thread-safe

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
    std::optional<state> state_;  // of this transaction; nullopt: no key yet
    std::optional<start> start_;  // when this process first saw a key
    std::atomic<std::uint64_t> early_ = 0;
};

}  // namespace distd::grading
