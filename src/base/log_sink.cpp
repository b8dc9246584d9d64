// The one file that knows Boost.Log. A record of Boost.Log is a batch of lines here: per line its machinery
// would cost ten times as much as the line itself. Each log_sink has a sink of its own in Boost.Log's core,
// and an attribute that brings its batches to it and to no other.
#include "base/log_sink.hpp"

#include <algorithm>
#include <atomic>
#include <boost/log/attributes/constant.hpp>
#include <boost/log/attributes/value_extraction.hpp>
#include <boost/log/core.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/bounded_fifo_queue.hpp>
#include <boost/smart_ptr/make_shared.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/line_writer.hpp"
#include "base/signals_blocked.hpp"

namespace distd {
namespace {

namespace logging = boost::log;

constexpr std::size_t batch_limit_bytes = 32 * 1024;
// Once so many batches wait, the next ones go full: single lines must not take the places of whole batches.
constexpr std::size_t busy_batches = log_sink::queue_batches / 4;
// Somebody who watches the start, or looks why it failed, sees these at once.
constexpr std::uint64_t eager_lines = 64;
// A reader that does not read may hold up the end of the process no longer than this.
constexpr seconds farewell{1};

// What becomes of the batches; shared with the writing thread.
class account {
public:
    void handed_over() {
        std::lock_guard lock(mutex_);
        ++under_way_;
    }
    void settled(std::uint64_t overflowed, std::uint64_t lost) {
        std::lock_guard lock(mutex_);
        --under_way_;
        overflowed_ += overflowed;
        lost_ += lost;
        changed_.notify_all();
    }
    [[nodiscard]] std::size_t under_way() const {
        std::lock_guard lock(mutex_);
        return under_way_;
    }
    void wait_until_settled() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return under_way_ == 0; });
    }
    [[nodiscard]] std::uint64_t overflowed() const noexcept { return overflowed_; }
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t under_way_ = 0;
    std::atomic<std::uint64_t> overflowed_ = 0;  // lines that met a full queue
    std::atomic<std::uint64_t> lost_ = 0;        // lines that the descriptor did not take
};

struct batch {
    std::string text;
    std::uint64_t lines;
    account* book;
};

const logging::attribute_name batch_name("distd_batch");

// A batch travels as a plain pointer and belongs to whoever ends its way: the writer or the full queue.
std::unique_ptr<batch> take_batch(const logging::record_view& r) {
    return std::unique_ptr<batch>(*r.attribute_values()[batch_name].extract<batch*>());
}

// Boost.Log's own answers to a full queue wait, or drop without a trace.
class drop_and_count {
protected:
    template <class Lock>
    static bool on_overflow(const logging::record_view& r, Lock&) {
        const auto b = take_batch(r);
        b->book->settled(b->lines, 0);
        return false;
    }
    static void on_queue_space_available() noexcept {}
    static void interrupt() noexcept {}
};

class descriptor_backend : public logging::sinks::basic_sink_backend<logging::sinks::synchronized_feeding> {
public:
    explicit descriptor_backend(int descriptor) : writer(descriptor) {}
    void consume(const logging::record_view& r) {
        const auto b = take_batch(r);
        b->book->settled(0, writer.write(b->text));
    }

    line_writer writer;
};

using queue = logging::sinks::bounded_fifo_queue<log_sink::queue_batches, drop_and_count>;
using async_sink = logging::sinks::asynchronous_sink<descriptor_backend, queue>;

}  // namespace

struct log_sink::impl {
    using taker = std::function<void(log_level, std::string_view)>;

    explicit impl(int descriptor);
    ~impl();

    // Takes note of the line that was appended to `gathered`, which began at `begin`.
    void took_line(std::size_t begin, bool at_once);
    void hand_over();
    void hand_over_unless_busy();
    [[nodiscard]] const taker* tap_of(std::string_view source) const noexcept;
    template <class Record>
    void tell(const taker& take, log_level level, const Record& r);

    account book;
    boost::shared_ptr<descriptor_backend> backend;
    boost::shared_ptr<async_sink> sink;
    std::thread thread;

    log_stamp stamp;
    std::string gathered;
    std::uint64_t gathered_lines = 0;
    std::uint64_t lines = 0;
    std::uint64_t drops_told = 0;
    std::string shipped;
    std::vector<std::pair<std::string, taker>> taps;
};

log_sink::impl::impl(int descriptor)
    : backend(boost::make_shared<descriptor_backend>(descriptor)),
      sink(boost::make_shared<async_sink>(backend, false)) {
    sink->set_filter([this](const logging::attribute_value_set& values) {
        const auto b = values[batch_name].extract<batch*>();
        return b && (*b)->book == &book;
    });
    logging::core::get()->add_sink(sink);
    const signals_blocked inherited;
    // Not the thread that Boost.Log would start: ours never takes a signal, and `drain` never writes on the
    // loop.
    thread = std::thread([this] { sink->run(); });
}

log_sink::impl::~impl() {
    hand_over();
    backend->writer.give_up_at(std::chrono::steady_clock::now() + farewell);
    book.wait_until_settled();
    logging::core::get()->remove_sink(sink);
    sink->stop();
    thread.join();
}

void log_sink::impl::took_line(std::size_t begin, bool at_once) {
    if (gathered.size() > batch_limit_bytes && begin > 0) {
        std::string line = gathered.substr(begin);
        gathered.resize(begin);
        hand_over();
        gathered += line;
    }
    ++gathered_lines;
    if (++lines <= eager_lines || at_once) hand_over_unless_busy();
}

void log_sink::impl::hand_over_unless_busy() {
    if (book.under_way() < busy_batches) hand_over();
}

void log_sink::impl::hand_over() {
    if (gathered.empty()) return;
    auto b = std::make_unique<batch>(std::move(gathered), std::exchange(gathered_lines, 0), &book);
    gathered = {};
    gathered.reserve(batch_limit_bytes + batch_limit_bytes / 8);
    logging::attribute_set attributes;
    attributes.insert(batch_name, logging::attributes::make_constant(b.get()));
    auto core = logging::core::get();
    if (auto r = core->open_record(attributes)) {
        book.handed_over();
        (void)b.release();
        core->push_record(std::move(r));
    }
}

const log_sink::impl::taker* log_sink::impl::tap_of(std::string_view source) const noexcept {
    const auto at = std::ranges::find(taps, source, &std::pair<std::string, taker>::first);
    return at == taps.end() ? nullptr : &at->second;
}

template <class Record>
void log_sink::impl::tell(const taker& take, log_level level, const Record& r) {
    shipped.clear();
    append_shipped_text(shipped, r);
    take(level, shipped);
}

log_sink::log_sink(setup s, time_source& time)
    : setup_(s), time_(time), impl_(std::make_unique<impl>(s.descriptor)) {}

log_sink::~log_sink() = default;

void log_sink::write(const log_record& r) {
    if (wants(r.level)) {
        const auto begin = impl_->gathered.size();
        append_log_line(impl_->gathered, setup_.format, impl_->stamp, r);
        impl_->took_line(begin, r.level >= log_level::warn);
    }
    if (r.level < log_level::info) return;
    if (const auto* take = impl_->tap_of(r.source)) impl_->tell(*take, r.level, r);
}

void log_sink::access(const access_record& r) {
    if (setup_.access_lines && wants(log_level::info)) {
        const auto begin = impl_->gathered.size();
        append_access_line(impl_->gathered, setup_.format, impl_->stamp, r);
        impl_->took_line(begin, false);
    }
    if (r.plumbing) return;
    if (const auto* take = impl_->tap_of(r.source)) impl_->tell(*take, log_level::info, r);
}

void log_sink::flush() {
    const auto overflowed = impl_->book.overflowed();
    if (overflowed > impl_->drops_told && impl_->book.under_way() < busy_batches) {
        const auto count = overflowed - std::exchange(impl_->drops_told, overflowed);
        write({now(), log_level::warn, "distd", "log_lines_dropped", {{"count", count}}});
    }
    impl_->hand_over_unless_busy();
}

void log_sink::drain() {
    impl_->book.wait_until_settled();
    flush();
    impl_->book.wait_until_settled();
}

std::uint64_t log_sink::dropped_lines() const noexcept {
    return impl_->book.overflowed() + impl_->book.lost();
}

void log_sink::tap(const std::string& source, std::function<void(log_level, std::string_view line)> take) {
    std::erase_if(impl_->taps, [&](const auto& known) { return known.first == source; });
    if (take) impl_->taps.emplace_back(source, std::move(take));
}

}  // namespace distd
