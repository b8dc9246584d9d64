#include "role/grading/kept_answers.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace distd::grading {
namespace {

constexpr std::int64_t row_bytes = 100;  // size of an answer, without its texts
constexpr std::int64_t forgotten_more =
    16;  // in addition to two per stored answer, so that a surplus shrinks

std::int64_t bytes_of(const outcome& o, const origin& from) {
    return row_bytes + static_cast<std::int64_t>(from.idempotency_key.size() + from.fingerprint.size() +
                                                 o.body.size() + o.location.size());
}

}  // namespace

void kept_answers::begin() noexcept { state_.reset(); }

// Other processes may write between two transactions, so it is read in each.
kept_answers::state& kept_answers::now(const origin& from) {
    if (!state_) {
        auto row = db_.query("SELECT clock_ms, answers, bytes FROM answer_book");
        DISTD_ASSERT(row.next());
        state_ = {row.integer(0), row.integer(1), row.integer(2)};
        if (!start_) start_ = {state_->clock_ms, from.steady_ms};
    }
    const auto ours = start_->clock_ms + (from.steady_ms - start_->steady_ms);
    state_->clock_ms = std::max(state_->clock_ms, ours);
    return *state_;
}

bool kept_answers::is_over(std::int64_t at_ms) const { return at_ms < state_->clock_ms - limits_.kept_ms; }

std::optional<outcome> kept_answers::find(const origin& from) {
    if (from.idempotency_key.empty()) return std::nullopt;
    static_cast<void>(now(from));
    std::int64_t id = 0;
    std::int64_t bytes = 0;
    {
        auto row = db_.query(
            "SELECT id, at_ms, bytes, fingerprint, status, body, location, version FROM answers WHERE key = "
            "?",
            from.idempotency_key);
        if (!row.next()) return std::nullopt;
        if (!is_over(row.integer(1))) {
            outcome o;
            o.is = row.text(3) == from.fingerprint ? command_status::repeated : command_status::key_reused;
            if (o.is == command_status::key_reused) return o;
            o.status = static_cast<int>(row.integer(4));
            o.body = row.text(5);
            o.location = row.text(6);
            o.current_version = row.integer(7);
            return o;
        }
        id = row.integer(0);
        bytes = row.integer(2);
    }
    forget(id, bytes);
    return std::nullopt;
}

void kept_answers::keep(const outcome& o, const origin& from) {
    if (from.idempotency_key.empty()) return;
    auto& s = now(from);
    const auto bytes = bytes_of(o, from);
    db_.execute(
        "INSERT INTO answers (key, at_ms, bytes, fingerprint, status, body, location, version) VALUES (?, ?, "
        "?, ?, ?, ?, ?, ?)",
        from.idempotency_key, s.clock_ms, bytes, from.fingerprint, o.status, o.body, o.location,
        o.current_version);
    ++s.kept_now;
    ++s.answers;
    s.bytes += bytes;
}

void kept_answers::forget(std::int64_t id, std::int64_t bytes) {
    db_.execute("DELETE FROM answers WHERE id = ?", id);
    --state_->answers;
    state_->bytes -= bytes;
}

void kept_answers::finish() {
    if (!state_ || state_->kept_now == 0) return;
    auto& s = *state_;
    std::int64_t last = 0;
    for (auto row = db_.query("SELECT id, at_ms, bytes FROM answers ORDER BY id LIMIT ?",
                              forgotten_more + 2 * s.kept_now);
         row.next(); last = row.integer(0)) {
        const bool is_too_much = s.answers > limits_.max_answers || s.bytes > limits_.max_bytes;
        const bool is_early = !is_over(row.integer(1));
        if (is_early && !is_too_much) break;
        if (is_early) ++early_;
        --s.answers;
        s.bytes -= row.integer(2);
    }
    if (last != 0) db_.execute("DELETE FROM answers WHERE id <= ?", last);
    db_.execute("UPDATE answer_book SET clock_ms = ?, answers = ?, bytes = ?", s.clock_ms, s.answers,
                s.bytes);
}

}  // namespace distd::grading
