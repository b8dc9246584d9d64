#include "role/log/log_store.hpp"

#include "base/assert.hpp"

namespace distd::logs {
namespace {

// Two: one long search leaves the other for tails and quick looks.
constexpr std::size_t reader_threads = 2;

segment_journal::setup with_directory(segment_journal::setup s) {
    namespace fs = std::filesystem;
    std::error_code ec;
    if (fs::create_directories(s.directory, ec)) fs::permissions(s.directory, fs::perms::owner_all, ec);
    if (ec) throw file_error(s.directory, "make", ec.value());
    return s;
}

}  // namespace

log_store::log_store(segment_journal::setup s, executor loop, time_source& time)
    : journal_(with_directory(std::move(s))),
      writer_("log-writer", journal_, loop, time),
      readers_("log-reader", reader_threads, loop, time) {
    writer_.on_trouble([this](errc, const std::string& text) { set_failing(true, text); });
}

log_store::~log_store() { DISTD_ASSERT(bells_.empty()); }

task<result<segment_journal::placed>> log_store::append(std::string lines, std::uint64_t count,
                                                        std::string id) {
    const auto bytes = lines.size();
    auto job = [this, kept = std::move(lines), count,
                id = std::move(id)]() -> result<segment_journal::placed> {
        return journal_.append(kept, count, id);
    };
    auto placed = co_await writer_.submit(std::move(job), bytes);
    if (placed && !placed->repeated) {
        set_failing(false, {});
        for (auto* bell : bells_) bell->wake();
    }
    co_return placed;
}

void log_store::set_failing(bool failing, const std::string& text) {
    if (failing == failing_) return;
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

task<result<found_lines>> log_store::step(std::shared_ptr<search> s) {
    auto job = [s = std::move(s)]() -> result<found_lines> { return s->step(); };
    co_return co_await readers_.run(std::move(job));
}

log_store::listener::listener(log_store& store, executor loop, time_source& time)
    : bell(loop, time), store_(store) {
    store_.bells_.insert(&bell);
}

log_store::listener::~listener() { store_.bells_.erase(&bell); }

}  // namespace distd::logs
