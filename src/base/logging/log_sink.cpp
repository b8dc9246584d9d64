// The one file that knows Boost.Log. A record of Boost.Log is a batch of lines here: per line its machinery
// would cost ten times as much as the line itself. Each log_sink has a sink of its own in Boost.Log's core,
// and an attribute that brings its batches to it and to no other.
#include "base/logging/log_sink.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/log/attributes/constant.hpp>
#include <boost/log/attributes/value_extraction.hpp>
#include <boost/log/core.hpp>
#include <boost/log/sinks/async_frontend.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/smart_ptr/make_shared.hpp>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <queue>
#include <thread>
#include <utility>
#include <vector>

#include "base/line_writer.hpp"
#include "base/logging/json_lines.hpp"
#include "base/logging/log_batches.hpp"
#include "base/logging/shipped_record.hpp"
#include "base/logging/text_lines.hpp"
#include "base/signals_blocked.hpp"

namespace distd {
namespace {

namespace logging = boost::log;

// Once so many batches wait, the next ones go full: single lines must not take the places of whole batches.
constexpr std::size_t busy_batches = log_sink::queue_batches / 4;
// Somebody who watches the start, or looks why it failed, sees these at once.
constexpr std::uint64_t eager_lines = 64;
// A reader that does not read may hold up the end of the process no longer than this.
constexpr seconds last_write_patience{1};

const logging::attribute_name batch_name("distd_batch");

// There is no other place for it. Not waited for.
void say_lost(std::uint64_t lines) noexcept {
    if (lines == 0) return;
    std::array<char, 128> text{};
    std::snprintf(text.data(), text.size(),
                  "distd: %llu log lines were not written: standard error was not read\n",
                  static_cast<unsigned long long>(lines));
    line_writer output(STDOUT_FILENO);
    output.give_up_at(steady_point());
    static_cast<void>(output.write(text.data()));
}

// A batch travels as a plain pointer and belongs to whoever ends its way: the writer or the full queue.
std::unique_ptr<log_batch> take_batch(const logging::record_view& r) {
    return std::unique_ptr<log_batch>(*r.attribute_values()[batch_name].extract<log_batch*>());
}

// Like Boost.Log's bounded_fifo_queue, but for two things. A full queue drops and counts, where theirs waits
// or drops without a trace. And it wakes the writer once nothing is locked any more, where theirs makes a
// writer on the same core run into two locks, and three switches between threads out of one.
class batch_queue {
protected:
    batch_queue() = default;
    template <class Arguments>
    explicit batch_queue(const Arguments&) {}

    void enqueue(const logging::record_view& r) {
        if (try_enqueue(r)) return;
        auto b = take_batch(r);
        auto& book = *b->book;
        const auto lines = b->lines;
        book.settled(std::move(b), lines, 0);
    }
    bool try_enqueue(const logging::record_view& r) {
        {
            std::lock_guard lock(mutex_);
            if (waiting_.size() == log_sink::queue_batches) return false;
            waiting_.push(r);
        }
        changed_.notify_one();
        return true;
    }
    bool try_dequeue_ready(logging::record_view& r) { return try_dequeue(r); }
    bool try_dequeue(logging::record_view& r) {
        std::lock_guard lock(mutex_);
        return take_first(r);
    }
    bool dequeue_ready(logging::record_view& r) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return interrupted_ || !waiting_.empty(); });
        return !std::exchange(interrupted_, false) && take_first(r);
    }
    void interrupt_dequeue() {
        std::lock_guard lock(mutex_);
        interrupted_ = true;
        changed_.notify_one();
    }

private:
    bool take_first(logging::record_view& r) {
        if (waiting_.empty()) return false;
        r.swap(waiting_.front());
        waiting_.pop();
        return true;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::queue<logging::record_view> waiting_;
    bool interrupted_ = false;
};

class descriptor_backend : public logging::sinks::basic_sink_backend<logging::sinks::synchronized_feeding> {
public:
    explicit descriptor_backend(int descriptor) : writer(descriptor) {}
    void consume(const logging::record_view& r) {
        auto b = take_batch(r);
        const auto lost = writer.write(b->text);
        auto& book = *b->book;
        book.settled(std::move(b), 0, lost);
    }

    line_writer writer;
};

using async_sink = logging::sinks::asynchronous_sink<descriptor_backend, batch_queue>;

}  // namespace

struct log_sink::impl {
    struct tap {
        std::string source;
        shipped_origin origin;
        record_taker take;
    };

    explicit impl(const setup& s);
    ~impl();

    // In the form of this process; a terminal may be spared it.
    template <class Record>
    void append_line(const Record& r, bool at_once);

    // Takes note of the line that was appended to what is gathered, which began at `begin`.
    void took_line(std::size_t begin, bool at_once);
    void hand_over();
    void hand_over_unless_busy();
    template <class Record>
    void pass_to_tap(const Record& r);

    const log_format format;
    const int descriptor;
    log_account book;
    boost::shared_ptr<descriptor_backend> backend;
    boost::shared_ptr<async_sink> sink;
    std::thread thread;

    log_stamp stamp;
    terminal_lines reader;
    std::unique_ptr<log_batch> gathered = book.empty_batch();
    std::uint64_t lines = 0;
    std::uint64_t reported_drops = 0;
    std::string shipped;
    std::vector<tap> taps;
};

log_sink::impl::impl(const setup& s)
    : format(s.format),
      descriptor(s.descriptor),
      backend(boost::make_shared<descriptor_backend>(s.descriptor)),
      sink(boost::make_shared<async_sink>(backend, false)),
      reader({s.screen, s.time_offset, s.min}) {
    sink->set_filter([this](const logging::attribute_value_set& values) {
        const auto b = values[batch_name].extract<log_batch*>();
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
    const auto lost_before = book.lost();
    backend->writer.give_up_at(std::chrono::steady_clock::now() + last_write_patience);
    book.wait_until_settled();
    logging::core::get()->remove_sink(sink);
    sink->stop();
    thread.join();
    if (descriptor >= 0) say_lost(book.lost() - lost_before);
}

void log_sink::impl::took_line(std::size_t begin, bool at_once) {
    if (gathered->text.size() > log_batch_bytes && begin > 0) {
        const std::string line = gathered->text.substr(begin);
        gathered->text.resize(begin);
        hand_over();
        gathered->text += line;
    }
    ++gathered->lines;
    if (++lines <= eager_lines || at_once) hand_over_unless_busy();
}

void log_sink::impl::hand_over_unless_busy() {
    if (book.under_way() < busy_batches) hand_over();
}

void log_sink::impl::hand_over() {
    if (gathered->text.empty()) return;
    auto b = std::exchange(gathered, book.empty_batch());
    logging::attribute_set attributes;
    attributes.insert(batch_name, logging::attributes::make_constant(b.get()));
    auto core = logging::core::get();
    if (auto r = core->open_record(attributes)) {
        book.handed_over();
        (void)b.release();
        core->push_record(std::move(r));
    }
}

template <class Record>
void log_sink::impl::append_line(const Record& r, bool at_once) {
    auto& text = gathered->text;
    const auto begin = text.size();
    switch (format) {
        case log_format::json: append_json_line(text, stamp, r); break;
        case log_format::text: append_text_line(text, stamp, r); break;
        case log_format::terminal:
            reader.append(text, r);
            if (text.size() == begin) return;
            break;
    }
    took_line(begin, at_once);
}

template <class Record>
void log_sink::impl::pass_to_tap(const Record& r) {
    const auto at = std::ranges::find(taps, r.source, &tap::source);
    if (at == taps.end()) return;
    shipped.clear();
    append_shipped_record(shipped, stamp, at->origin, r);
    at->take(r.level, shipped);
}

log_sink::log_sink(setup s, time_source& time) : setup_(s), time_(time), impl_(std::make_unique<impl>(s)) {}

log_sink::~log_sink() = default;

void log_sink::write(const log_record& r) {
    if (wants(r.level)) impl_->append_line(r, r.level >= log_level::warn);
    if (r.level >= log_level::info) impl_->pass_to_tap(r);
}

void log_sink::access(const access_record& r) {
    if (setup_.access_lines && wants(log_level::info)) impl_->append_line(r, false);
    if (!r.internal) impl_->pass_to_tap(r);
}

void log_sink::tell(const state_change& c) {
    if (!has_reader()) return;
    const auto begin = impl_->gathered->text.size();
    impl_->reader.append(impl_->gathered->text, c);
    if (impl_->gathered->text.size() > begin) impl_->took_line(begin, true);
}

void log_sink::introduce(const std::string& source, const std::string& role,
                         const std::vector<std::string>& urls) {
    if (has_reader()) impl_->reader.introduce(source, role, urls);
}

void log_sink::flush() {
    const auto overflowed = impl_->book.overflowed();
    if (overflowed > impl_->reported_drops && impl_->book.under_way() < busy_batches) {
        const auto count = overflowed - std::exchange(impl_->reported_drops, overflowed);
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

void log_sink::tap(const std::string& source, record_taker take, std::string_view instance) {
    std::erase_if(impl_->taps, [&](const auto& known) { return known.source == source; });
    if (take) impl_->taps.push_back({source, {source, instance}, std::move(take)});
}

}  // namespace distd
