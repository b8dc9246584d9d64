#include "sdk/log_shipping/spool_worker.hpp"

#include <boost/asio/post.hpp>
#include <memory>
#include <utility>

#include "base/signals_blocked.hpp"
#include "base/worker_steps.hpp"
#include "sdk/log_shipping/line_queue.hpp"

namespace distd {
namespace {

// Made through a function: the thread starts inside the constructor, with signals blocked.
std::size_t one_thread([[maybe_unused]] const signals_blocked& while_it_starts) noexcept { return 1; }

}  // namespace

// Travels to the thread and back, and ends on the loop, where its alarm belongs.
struct spool_worker::reading {
    reading(executor loop, time_source& time) : arrived(loop, time) {}

    alarm_clock arrived;
    spool_file::piece piece;
};

spool_worker::spool_worker(disk& on, std::string path, std::uint64_t limit_bytes,
                           std::size_t backlog_limit_bytes, executor loop, time_source& time)
    : loop_(loop),
      time_(time),
      backlog_limit_(backlog_limit_bytes),
      file_(on, std::move(path), limit_bytes),
      is_threaded_(!current_worker_steps()),
      thread_(one_thread(signals_blocked())) {}

spool_worker::~spool_worker() { thread_.join(); }

// In its turn; at once in a simulation, which has no threads.
template <class Work>
void spool_worker::on_thread(Work work) {
    if (!is_threaded_) return work();
    boost::asio::post(thread_, std::move(work));
}

void spool_worker::append(std::string lines) {
    if (backlog_ > 0 && backlog_ + lines.size() > backlog_limit_) {
        losses_ += count_lines(lines);
        return;
    }
    backlog_ += lines.size();
    on_thread([this, text = std::move(lines)]() mutable {
        lost_unless(file_.append(text), text);
        backlog_ -= text.size();
        const std::lock_guard lock(mutex_);
        room_ = std::move(text);
    });
}

std::string spool_worker::take_room() {
    const std::lock_guard lock(mutex_);
    return std::exchange(room_, {});
}

void spool_worker::put_back(std::string lines) {
    on_thread([this, text = std::move(lines)] { lost_unless(file_.put_back(text), text); });
}

std::shared_ptr<spool_worker::copy> spool_worker::keep_copy(std::string lines) {
    auto c = std::make_shared<copy>(loop_, time_);
    on_thread([this, text = std::move(lines), asked = c]() mutable {
        auto begin = file_.put_in_front(text);
        auto deliver = [answer = std::move(asked), at = begin ? std::optional(*begin) : std::nullopt] {
            answer->begin = at;
            answer->done.wake();
        };
        boost::asio::post(loop_, std::move(deliver));
    });
    return c;
}

void spool_worker::done(spool_file::position end) {
    // A failure to note it means that the lines are sent once more after a restart.
    on_thread([this, end] { (void)file_.done(end); });
}

task<spool_file::piece> spool_worker::read(std::size_t max_bytes) {
    auto r = std::make_shared<reading>(loop_, time_);
    on_thread([this, max_bytes, asked = r]() mutable {
        if (auto found = file_.read(max_bytes)) asked->piece = std::move(*found);
        auto deliver = [answer = std::move(asked)] { answer->arrived.wake(); };
        boost::asio::post(loop_, std::move(deliver));
    });
    co_await r->arrived.wait();
    co_return std::move(r->piece);
}

task<> spool_worker::settled() {
    auto r = std::make_shared<reading>(loop_, time_);
    on_thread([this, asked = r]() mutable {
        auto deliver = [answer = std::move(asked)] { answer->arrived.wake(); };
        boost::asio::post(loop_, std::move(deliver));
    });
    co_await r->arrived.wait();
}

void spool_worker::lost_unless(const result<std::uint64_t>& added, const std::string& lines) noexcept {
    losses_ += added ? *added : count_lines(lines);
}

}  // namespace distd
