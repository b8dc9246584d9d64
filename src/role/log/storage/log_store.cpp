#include "role/log/storage/log_store.hpp"

namespace distd::logs {
namespace {

// Two: one costly search leaves the other for tails and quick looks.
constexpr std::size_t reader_threads = 2;

// On a full disk small batches still find room while large ones do not: an outage is over when nothing has
// failed for so long.
constexpr seconds calm_after_failure{10};

// On a full disk the reserve makes room for what a start needs.
std::filesystem::path parts_directory(const log_store::setup& s) {
    auto parts = s.directory / "parts";
    try {
        make_directories(s.storage, s.directory / "journal");
        make_directories(s.storage, parts);
    } catch (const store_error& e) {
        if (e.code() != errc::storage_full) throw;
        part_set::release_reserve(s.storage, parts);
        make_directories(s.storage, s.directory / "journal");
        make_directories(s.storage, parts);
    }
    return parts;
}

segment_journal::setup journal_setup(const log_store::setup& s, const part_set& parts) {
    segment_journal::setup j{.directory = s.directory / "journal", .storage = s.storage};
    j.segment_bytes = s.segment_bytes;
    j.doublewrite = s.directory / "commits.pad";
    j.doublewrite_bytes = s.segment_bytes / 2;
    j.sync_each_commit = s.sync_each_commit;
    j.kept_elsewhere = parts.last();
    j.deletes_what_is_kept = parts.is_last_named();
    return j;
}

}  // namespace

log_store::log_store(const setup& s, executor loop, time_source& time)
    : time_(time),
      parts_(parts_directory(s), s.storage),
      journal_(journal_setup(s, parts_)),
      compactor_(journal_, parts_, s.upkeep),
      clock_(s.upkeep.keep.age_ns),
      writer_("log-writer", journal_, loop),
      readers_("log-reader", reader_threads, loop),
      upkeep_(compactor_, loop) {
    writer_.on_trouble([this](errc code, const std::string& text) {
        if (on_failure_) on_failure_();
        set_failing(true, text);
        if (code == errc::storage_full) run_maintenance();  // sealed lines take an eighth of the room
    });
    writer_.on_commit([this] { on_commit(); });
    run_maintenance();
}

void log_store::on_commit() {
    commits_.announce();
    if (journal_.has_closed_segments()) run_maintenance();
}

void log_store::set_failing(bool failing, const std::string& text) {
    const auto now = time_.now();
    if (failing) failed_at_ = now;
    if (failing == failing_ || (!failing && now - failed_at_ < calm_after_failure)) return;
    failing_ = failing;
    if (on_outage_) on_outage_(failing, text);
}

task<result<>> log_store::sync() {
    auto job = [this]() -> result<> {
        journal_.sync();
        return {};
    };
    co_return co_await writer_.submit(std::move(job));
}

task<result<>> log_store::end_segment() {
    auto job = [this]() -> result<> {
        journal_.end_segment();
        return {};
    };
    co_return co_await writer_.submit(std::move(job));
}

void log_store::run_maintenance() {
    using std::chrono::nanoseconds;
    const auto wall = std::chrono::duration_cast<nanoseconds>(time_.wall().time_since_epoch()).count();
    upkeep_.call(clock_.read_ns(wall, time_.now()));
}

}  // namespace distd::logs
