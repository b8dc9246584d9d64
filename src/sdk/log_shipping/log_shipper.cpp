#include "sdk/log_shipping/log_shipper.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "base/backoff.hpp"
#include "base/logging/shipped_record.hpp"
#include "base/random.hpp"
#include "http/message/registered_url.hpp"
#include "sdk/log_shipping/line_queue.hpp"
#include "sdk/log_shipping/log_answer.hpp"
#include "sdk/log_shipping/plain_text.hpp"
#include "sdk/log_shipping/spool_worker.hpp"

namespace distd {
namespace {

constexpr std::size_t batch_limit_bytes = 64 << 10;
constexpr std::size_t min_spool_bytes = 64 << 10;
constexpr std::size_t disk_backlog_bytes = 2 << 20;  // lines that a slow disk has not taken yet
constexpr std::size_t remembered_urls = 64;
constexpr milliseconds gathering{100};
constexpr unsigned failures_before_spooling = 3;  // a second or so: a start, or a restart of the log service
constexpr milliseconds first_pause{100};
constexpr milliseconds max_pause{5000};
constexpr milliseconds answer_deadline{5000};
constexpr auto between_complaints = std::chrono::minutes(1);

}  // namespace

struct log_shipper::impl {
    // Lines that left the queue or were read from the spool, and are being sent.
    struct shipment {
        std::string lines;
        std::size_t settled = 0;  // bytes of `lines` that are delivered or refused
        std::string id;           // of the request under way; the same when it is repeated
        std::optional<spool_file::position> spooled_at;

        [[nodiscard]] bool empty() const noexcept { return settled == lines.size(); }
        [[nodiscard]] std::string_view rest() const noexcept {
            return std::string_view(lines).substr(settled);
        }
    };
    enum class waiting_for : std::uint8_t { nothing, line, full_batch, provider };

    impl(log_shipper_setup s, http::client& c, executor ex, time_source& t, metrics& m);

    void push(std::string_view record);
    void queue_changed();
    [[nodiscard]] bool is_awaited() const noexcept { return !setup.only_records || had_provider_before; }
    void make_room();
    void lost(std::uint64_t lines, counter& why);
    void report_losses();
    void complain(const std::string& sentence);
    void wake_if(waiting_for) noexcept;
    void find_spool();
    [[nodiscard]] spool_worker* spool_on_disk();

    task<> run();
    task<> load();
    task<> pause();
    task<> keep_what_waits();
    void mark_kept();
    task<> flush(milliseconds within);
    task<> load_now();
    void keep_rest();

    task<delivery> attempt(steady_point until);
    task<std::optional<bool>> takes_batches(std::string url, steady_point until);
    task<log_verdict> send(std::string url, std::string body, const char* type, steady_point until);
    task<delivery> send_batch(std::string url, steady_point until);
    task<delivery> send_line(std::string url, steady_point until);
    void settle(std::size_t bytes, log_verdict);
    [[nodiscard]] http::call call(const char* method, std::string url, steady_point until) const;

    log_shipper_setup setup;
    http::client& client;
    executor loop;
    time_source& time;
    counter& shipped;
    counter& dropped_full;
    counter& dropped_refused;
    gauge& queued_bytes;

    line_queue queue;
    bool had_provider_before = false;
    shipment outgoing;
    std::string spool_path;               // empty: none is kept
    std::unique_ptr<spool_worker> spool;  // with its thread: only once there is something in it
    bool may_be_spooled = false;
    std::shared_ptr<spool_worker::copy> copy_under_way;  // of `outgoing`
    std::map<std::string, bool> batches_taken;           // by URL, once its service said so
    std::uint64_t unreported_losses = 0;
    unsigned failures = 0;
    steady_point quiet_until = steady_point::min();
    waiting_for waits = waiting_for::nothing;
    alarm_clock bell;
};

log_shipper::impl::impl(log_shipper_setup s, http::client& c, executor ex, time_source& t, metrics& m)
    : setup(std::move(s)),
      client(c),
      loop(ex),
      time(t),
      shipped(m.count("distd_log_lines_shipped_total", "Log lines that a log service took.")),
      dropped_full(m.count("distd_log_lines_dropped_total", "Log lines that never reached a log service.",
                           {{"reason", "full"}})),
      dropped_refused(m.count("distd_log_lines_dropped_total", "", {{"reason", "refused"}})),
      queued_bytes(m.level("distd_log_queue_bytes", "Log lines waiting in memory for a log service.")),
      bell(ex, t) {}

void log_shipper::impl::push(std::string_view record) {
    (queue.tail() += record) += '\n';
    queue_changed();
}

void log_shipper::impl::queue_changed() {
    if (queue.bytes() > setup.queue_limit_bytes) make_room();
    queued_bytes.set(static_cast<double>(queue.bytes()));
    wake_if(waiting_for::line);
    if (queue.bytes() >= batch_limit_bytes) wake_if(waiting_for::full_batch);
}

void log_shipper::impl::make_room() {
    // Nobody misses them, and a piece at a time costs less than a line at a time.
    if (!is_awaited()) return queue.drop(lines_over(queue.lines(), setup.queue_limit_bytes / 8 * 7).size());
    if (auto* d = spool_on_disk()) {
        may_be_spooled = true;
        return d->append(queue.take_all(d->take_room()));
    }
    const auto gone = lines_over(queue.lines(), setup.queue_limit_bytes);
    lost(count_lines(gone), dropped_full);
    queue.drop(gone.size());
}

void log_shipper::impl::lost(std::uint64_t lines, counter& why) {
    if (lines == 0 || !is_awaited()) return;
    why.add(lines);
    unreported_losses += lines;
    complain(std::to_string(lines) + " log lines of " + setup.service + " were dropped");
}

void log_shipper::impl::report_losses() {
    const bool would_cost_lines = queue.bytes() > setup.queue_limit_bytes / 2;
    if (unreported_losses == 0 || would_cost_lines) return;
    const auto count = std::exchange(unreported_losses, 0);
    log_stamp stamp;
    append_shipped_record(
        queue.tail(), stamp, shipped_origin(setup.service, setup.instance),
        {time.wall(), log_level::warn, setup.service, "log_lines_dropped", {{"count", count}}});
    queue.tail() += '\n';
    queue_changed();
}

void log_shipper::impl::complain(const std::string& sentence) {
    if (!setup.complain || time.now() < quiet_until) return;
    quiet_until = time.now() + between_complaints;
    setup.complain(sentence);
}

// Only what is waited for: a wake that meets nobody would cut the next wait short.
void log_shipper::impl::wake_if(waiting_for what) noexcept {
    if (waits == what) bell.wake();
}

void log_shipper::impl::find_spool() {
    if (setup.spool_limit_bytes < min_spool_bytes || !setup.spool_dir) return;
    const auto dir = setup.spool_dir();
    if (dir.empty()) return;
    spool_path = dir + "/log.spool";
    may_be_spooled = setup.storage->exists(spool_path);
    had_provider_before = may_be_spooled;  // in an earlier life
    if (may_be_spooled) (void)spool_on_disk();
}

spool_worker* log_shipper::impl::spool_on_disk() {
    if (!is_awaited()) return nullptr;
    if (!spool && !spool_path.empty()) {
        spool = std::make_unique<spool_worker>(*setup.storage, spool_path, setup.spool_limit_bytes,
                                               disk_backlog_bytes, loop, time);
    }
    return spool.get();
}

task<> log_shipper::impl::run() {
    find_spool();
    for (;;) {
        co_await load();
        const auto how = co_await attempt(time.now() + answer_deadline);
        if (how == delivery::failed) co_await pause();
    }
}

// Waits until there is something to send. The spool goes first: what it holds is older than what is in
// memory.
task<> log_shipper::impl::load() {
    while (outgoing.empty()) {
        if (!may_be_spooled && queue.empty()) {
            waits = waiting_for::line;
            co_await bell.wait();
        }
        if (!may_be_spooled && queue.bytes() < batch_limit_bytes) {
            waits = waiting_for::full_batch;
            (void)co_await bell.wait_for(gathering);
        }
        waits = waiting_for::nothing;
        co_await load_now();
    }
}

task<> log_shipper::impl::load_now() {
    if (may_be_spooled) {
        may_be_spooled = false;  // lines that go there during the read set it again
        auto piece = co_await spool->read(batch_limit_bytes);
        lost(spool->take_losses(), dropped_full);
        if (!piece.lines.empty()) {
            may_be_spooled = true;
            outgoing = {std::move(piece.lines), 0, {}, piece.begin};
        }
        co_return;
    }
    outgoing = {queue.take(batch_limit_bytes), 0, {}, std::nullopt};
    queued_bytes.set(static_cast<double>(queue.bytes()));
}

task<> log_shipper::impl::pause() {
    waits = waiting_for::provider;
    if (failures >= failures_before_spooling) co_await keep_what_waits();
    if (spool) lost(spool->take_losses(), dropped_full);
    const bool in_vain = co_await bell.wait_for(backoff(++failures, first_pause, max_pause, random_u64()));
    waits = waiting_for::nothing;
    if (!in_vain) failures = 0;
}

// While the log service is away a kill of this process takes no more than what came since the last attempt.
// What the disk does not take waits in memory, as before.
task<> log_shipper::impl::keep_what_waits() {
    auto* d = spool_on_disk();
    if (!d) co_return;
    if (!outgoing.empty() && !outgoing.spooled_at) {
        copy_under_way = d->keep_copy(std::string(outgoing.rest()));
        co_await copy_under_way->done.wait();
        mark_kept();
    }
    if (!outgoing.spooled_at || queue.empty()) co_return;
    may_be_spooled = true;
    d->append(queue.take_all());
    queued_bytes.set(0);
}

void log_shipper::impl::mark_kept() {
    const auto copy = std::exchange(copy_under_way, nullptr);
    if (!copy || !copy->begin) return;
    outgoing.lines.erase(0, std::exchange(outgoing.settled, 0));
    outgoing.spooled_at = copy->begin;
    may_be_spooled = true;
}

task<> log_shipper::impl::flush(milliseconds within) {
    const auto until = time.now() + within;
    waits = waiting_for::nothing;
    may_be_spooled = spool != nullptr;  // `run` may have been cancelled while it read
    if (copy_under_way) co_await spool->settled();
    mark_kept();
    while (time.now() < until) {
        while (outgoing.empty() && (may_be_spooled || !queue.empty())) co_await load_now();
        if (outgoing.empty()) break;
        const auto how = co_await attempt(until);
        if (how == delivery::failed) break;
    }
    keep_rest();
    if (!spool) co_return;
    co_await spool->settled();
    lost(spool->take_losses(), dropped_full);
}

// In front of the spool goes what was under way, behind it what is in memory.
void log_shipper::impl::keep_rest() {
    const auto under_way = std::exchange(outgoing, {});
    auto queued = queue.take_all();
    const auto rest = under_way.rest();
    const bool is_spooled = under_way.spooled_at.has_value();
    if (is_spooled) spool->done(*under_way.spooled_at + under_way.settled);
    if ((is_spooled || rest.empty()) && queued.empty()) return;
    auto* d = spool_on_disk();
    if (!d) return lost(count_lines(rest) + count_lines(queued), dropped_full);
    if (!is_spooled && !rest.empty()) d->put_back(std::string(rest));
    if (!queued.empty()) d->append(std::move(queued));
}

task<delivery> log_shipper::impl::attempt(steady_point until) {
    const auto provider = setup.provider();
    if (!provider) co_return delivery::failed;
    const auto url = http::base_url_of(*provider) + "/log";
    const auto batches = co_await takes_batches(url, until);
    if (!batches || (setup.only_records && !*batches)) co_return delivery::failed;
    had_provider_before = true;
    if (*batches) co_return co_await send_batch(url, until);
    co_return co_await send_line(url, until);
}

http::call log_shipper::impl::call(const char* method, std::string url, steady_point until) const {
    http::call c(method, std::move(url));
    c.deadline = std::max(milliseconds(1), std::chrono::floor<milliseconds>(until - time.now()));
    return c;
}

// Nothing when the service does not answer.
task<std::optional<bool>> log_shipper::impl::takes_batches(std::string url, steady_point until) {
    if (const auto known = batches_taken.find(url); known != batches_taken.end()) co_return known->second;
    auto question = call("OPTIONS", url, until);
    question.safe_to_repeat = true;
    const auto answer = co_await client.send(std::move(question));
    if (!answer || is_passing_trouble(*answer)) {
        complain("the log service at " + url + " does not answer; log lines of " + setup.service + " wait");
        co_return std::nullopt;
    }
    if (batches_taken.size() >= remembered_urls) batches_taken.clear();
    const bool takes = offers_batches(*answer);
    batches_taken[url] = takes;
    co_return takes;
}

task<log_verdict> log_shipper::impl::send(std::string url, std::string body, const char* type,
                                          steady_point until) {
    if (outgoing.id.empty()) outgoing.id = random_hex(32);
    auto c = call("POST", url, until);
    c.body = std::move(body);
    c.content_type = type;
    c.headers.set("X-Batch-Id", outgoing.id);
    const auto answer = co_await client.send(std::move(c));
    const auto v = judge_log_answer(answer);
    // Whoever was sent this batch, and did not take it, may have used its id.
    if (answer && answer->status == 409) outgoing.id.clear();
    // Who answers there, or will, may be another one; a log service in trouble is not asked again.
    const bool is_in_trouble = answer && (is_passing_trouble(*answer) || answer->status >= 500);
    if (v.how == delivery::failed && !is_in_trouble) batches_taken.erase(url);
    if (v.how == delivery::failed)
        complain("the log service at " + url + " takes no lines; those of " + setup.service + " wait");
    if (v.how == delivery::refused)
        complain("the log service at " + url + " refuses lines with status " +
                 std::to_string(answer->status));
    co_return v;
}

task<delivery> log_shipper::impl::send_batch(std::string url, steady_point until) {
    auto v = co_await send(url, std::string(outgoing.rest()), "application/x-ndjson", until);
    // Its id was used by another: at once with a new one. In a pause another log service could learn that,
    // too.
    if (outgoing.id.empty())
        v = co_await send(std::move(url), std::string(outgoing.rest()), "application/x-ndjson", until);
    settle(outgoing.rest().size(), v);
    co_return v.how;
}

task<delivery> log_shipper::impl::send_line(std::string url, steady_point until) {
    const auto line = first_lines(outgoing.rest(), 0);
    auto text = plain_text(line, setup.service);
    log_verdict v{delivery::refused};  // a line that the disk damaged
    if (text) v = co_await send(std::move(url), std::move(*text), "text/plain", until);
    settle(line.size(), v);
    co_return v.how;
}

void log_shipper::impl::settle(std::size_t bytes, log_verdict v) {
    if (v.how == delivery::failed) return;
    const auto lines = count_lines(outgoing.rest().substr(0, bytes));
    const auto refused = v.how == delivery::refused ? lines : std::min(v.refused_of_batch, lines);
    shipped.add(lines - refused);
    lost(refused, dropped_refused);
    failures = 0;
    outgoing.settled += bytes;
    outgoing.id.clear();
    if (outgoing.empty() && outgoing.spooled_at) spool->done(*outgoing.spooled_at + outgoing.lines.size());
    if (v.how == delivery::delivered) report_losses();
}

log_shipper::log_shipper(log_shipper_setup setup, http::client& client, executor ex, time_source& time,
                         metrics& m)
    : impl_(std::make_unique<impl>(std::move(setup), client, ex, time, m)) {}

log_shipper::~log_shipper() = default;

void log_shipper::push(std::string_view record) { impl_->push(record); }

void log_shipper::provider_changed() noexcept { impl_->wake_if(impl::waiting_for::provider); }

task<> log_shipper::run() { return impl_->run(); }

task<> log_shipper::flush(milliseconds within) { return impl_->flush(within); }

}  // namespace distd
