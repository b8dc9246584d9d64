#include "sdk/log_shipping/spool_worker.hpp"

#include <limits>
#include <utility>

#include "sdk/log_shipping/line_queue.hpp"

namespace distd {
namespace {

// The backlog is bounded by its bytes instead.
constexpr blocking_pool_options any_number_of_jobs{.waiting_limit = std::numeric_limits<std::size_t>::max()};

std::uint64_t lost_of(const result<std::uint64_t>& added, const std::string& lines) {
    return added ? *added : count_lines(lines);
}

}  // namespace

spool_worker::spool_worker(disk& on, std::string path, std::uint64_t limit_bytes,
                           std::size_t backlog_limit_bytes, executor loop, time_source& time)
    : loop_(loop),
      time_(time),
      backlog_limit_(backlog_limit_bytes),
      file_(on, std::move(path), limit_bytes),
      thread_("spool", 1, loop, any_number_of_jobs) {}

void spool_worker::append(std::string lines) {
    const auto bytes = lines.size();
    if (backlog_ > 0 && backlog_ + bytes > backlog_limit_) {
        losses_ += count_lines(lines);
        return;
    }
    backlog_ += bytes;
    struct written {
        std::string lines;
        std::uint64_t lost = 0;
    };
    auto job = [this, text = std::move(lines)]() mutable -> result<written> {
        const auto lost = lost_of(file_.append(text), text);
        return written{std::move(text), lost};
    };
    thread_.run(std::move(job), turn::soon, [this, bytes](result<written> done) {
        backlog_ -= bytes;
        if (!done) return;
        losses_ += done->lost;
        room_ = std::move(done->lines);
    });
}

void spool_worker::put_back(std::string lines) {
    auto job = [this, text = std::move(lines)]() -> result<std::uint64_t> {
        return lost_of(file_.put_back(text), text);
    };
    thread_.run(std::move(job), turn::soon, [this](const result<std::uint64_t>& lost) {
        if (lost) losses_ += *lost;
    });
}

std::shared_ptr<spool_worker::copy> spool_worker::keep_copy(std::string lines) {
    auto c = std::make_shared<copy>(loop_, time_);
    auto job = [this, text = std::move(lines)] { return file_.put_in_front(text); };
    thread_.run(std::move(job), turn::soon, [c](const result<spool_file::position>& begin) {
        if (begin) c->begin = *begin;
        c->done.wake();
    });
    return c;
}

void spool_worker::done(spool_file::position end) {
    // A failure to note it means that the lines are sent once more after a restart.
    thread_.run([this, end] { return file_.done(end); }, turn::soon, [](const result<>&) {});
}

task<spool_file::piece> spool_worker::read(std::size_t max_bytes) {
    auto job = [this, max_bytes] { return file_.read(max_bytes); };
    auto found = co_await thread_.run(std::move(job));
    co_return found ? *std::move(found) : spool_file::piece();
}

task<> spool_worker::settled() {
    const auto nothing = [] { return result<>(); };
    static_cast<void>(co_await thread_.run(nothing));
}

}  // namespace distd
