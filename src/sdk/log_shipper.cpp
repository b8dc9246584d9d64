#include "sdk/log_shipper.hpp"

#include <algorithm>
#include <distd/json.hpp>
#include <map>
#include <unistd.h>
#include <utility>

#include "base/log_lines.hpp"
#include "base/random.hpp"
#include "sdk/line_queue.hpp"
#include "sdk/shipped_line.hpp"
#include "sdk/spool_worker.hpp"

namespace distd {
namespace {

constexpr std::size_t batch_limit_bytes = 64 << 10;
constexpr std::size_t line_limit_bytes = 16 << 10;
constexpr std::size_t least_spool_bytes = 64 << 10;
constexpr std::size_t remembered_urls = 64;
constexpr milliseconds gathering{100};
constexpr milliseconds first_pause{100};
constexpr milliseconds longest_pause{5000};
constexpr milliseconds answer_deadline{5000};
constexpr auto between_complaints = std::chrono::minutes(1);

enum class outcome : std::uint8_t { delivered, refused, failed };

outcome judge(const result<http::reply>& answer) noexcept {
    if (!answer) return outcome::failed;
    const int status = answer->status;
    if (status >= 200 && status < 300) return outcome::delivered;
    return status == 408 || status == 429 || status >= 500 ? outcome::failed : outcome::refused;
}

// Whoever stands in for a log service that is not there says nothing about what it takes.
bool is_passing(int status) noexcept {
    return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

bool offers_batches(const http::reply& answer) {
    std::string types(answer.headers.find("Accept-Post"));
    std::ranges::transform(types, types.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return types.find("application/x-ndjson") != types.npos;
}

// Of a batch, the lines that the log service says it did not store.
std::uint64_t refused_lines(const http::reply& answer) {
    json_error ignored;
    const auto body = answer.status == 207 ? parse_json(answer.body, ignored) : std::nullopt;
    const auto* count = body && body->is_object() ? find_field(body->get_object(), "rejected") : nullptr;
    return count && count->is_int64() ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, count->get_int64())) : 0;
}

// Registered URLs may lack their scheme and may end in a slash.
std::string log_url(std::string base) {
    while (base.ends_with('/')) base.pop_back();
    if (base.find("://") == base.npos) base.insert(0, "http://");
    return base + "/log";
}

milliseconds pause_after(int failures) {
    const auto full = std::min(longest_pause, first_pause * (1 << std::min(failures, 6)));
    // Jitter: the services of a log service that comes back must not all knock at the same moment.
    return full / 2 + milliseconds(random_below(static_cast<std::uint64_t>(full.count() / 2) + 1));
}

}  // namespace

struct log_shipper::impl {
    // Lines that left the queue or were read from the spool, and are being sent.
    struct shipment {
        std::string lines;
        std::size_t settled = 0;  // bytes of `lines` that are delivered or refused
        std::string id;           // of the request under way; the same when it is repeated
        std::optional<spool_file::position> spooled_at;

        [[nodiscard]] bool empty() const noexcept { return settled == lines.size(); }
        [[nodiscard]] std::string_view rest() const noexcept { return std::string_view(lines).substr(settled); }
    };
    enum class waiting_for : std::uint8_t { nothing, line, full_batch, provider };

    impl(log_shipper_setup s, http::client& c, executor ex, time_source& t, metrics& m);

    void push(log_level, wall_point, std::string_view line);
    void make_room();
    void lost(std::uint64_t lines, counter& why);
    void tell_losses();
    void complain(const std::string& sentence);
    void wake_if(waiting_for) noexcept;
    void open_spool();

    task<> run();
    task<> load();
    task<> pause();
    task<> flush(milliseconds within);
    task<> load_now();
    void keep_rest();

    task<outcome> attempt(milliseconds within);
    task<std::optional<bool>> takes_batches(std::string url, milliseconds within);
    task<outcome> send(std::string url, std::string body, const char* type, milliseconds within);
    task<outcome> send_batch(std::string url, milliseconds within);
    task<outcome> send_line(std::string url, milliseconds within);
    void settle(std::size_t bytes, outcome);

    log_shipper_setup setup;
    http::client& client;
    executor loop;
    time_source& time;
    counter& shipped;
    counter& dropped_full;
    counter& dropped_refused;
    gauge& queued_bytes;

    line_queue queue;
    log_stamp stamp;
    shipment shipment;
    std::unique_ptr<spool_worker> spool;
    bool may_be_spooled = false;
    std::map<std::string, bool> batches_taken;  // by URL, once its service said so
    std::uint64_t untold_losses = 0;
    int failures = 0;
    steady_point quiet_until = steady_point::min();
    waiting_for waits = waiting_for::nothing;
    alarm bell;
};

log_shipper::impl::impl(log_shipper_setup s, http::client& c, executor ex, time_source& t, metrics& m)
    : setup(std::move(s)),
      client(c),
      loop(ex),
      time(t),
      shipped(m.count("distd_log_lines_shipped_total", "Log lines that a log service took.")),
      dropped_full(m.count("distd_log_lines_dropped_total", "Log lines that never reached a log service.", {{"reason", "full"}})),
      dropped_refused(m.count("distd_log_lines_dropped_total", "", {{"reason", "refused"}})),
      queued_bytes(m.level("distd_log_queue_bytes", "Log lines waiting in memory for a log service.")),
      bell(ex, t) {}

void log_shipper::impl::push(log_level level, wall_point at, std::string_view line) {
    append_shipped_line(queue.tail(), stamp.of(at), setup.service, level, line.substr(0, line_limit_bytes));
    if (queue.bytes() > setup.queue_limit_bytes) make_room();
    queued_bytes.set(static_cast<double>(queue.bytes()));
    wake_if(waiting_for::line);
    if (queue.bytes() >= batch_limit_bytes) wake_if(waiting_for::full_batch);
}

void log_shipper::impl::make_room() {
    if (spool) {
        may_be_spooled = true;
        spool->append(queue.take_all());
        return;
    }
    const auto gone = lines_over(queue.lines(), setup.queue_limit_bytes);
    lost(count_lines(gone), dropped_full);
    queue.drop(gone.size());
}

void log_shipper::impl::lost(std::uint64_t lines, counter& why) {
    if (lines == 0) return;
    why.add(lines);
    untold_losses += lines;
    complain(std::to_string(lines) + " log lines of " + setup.service + " were dropped");
}

void log_shipper::impl::tell_losses() {
    if (untold_losses == 0) return;
    const auto count = std::exchange(untold_losses, 0);
    push(log_level::warn, time.wall(), "log_lines_dropped count=" + std::to_string(count));
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

void log_shipper::impl::open_spool() {
    if (setup.spool_limit_bytes < least_spool_bytes || !setup.spool_dir) return;
    const auto dir = setup.spool_dir();
    if (dir.empty()) return;
    const auto path = dir + "/log.spool";
    spool = std::make_unique<spool_worker>(path, setup.spool_limit_bytes, 2 * setup.queue_limit_bytes, loop, time);
    may_be_spooled = ::access(path.c_str(), F_OK) == 0;
}

task<> log_shipper::impl::run() {
    if (!spool) open_spool();
    for (;;) {
        co_await load();
        const auto how = co_await attempt(answer_deadline);
        if (how == outcome::failed) co_await pause();
    }
}

// Waits until there is something to send. The spool goes first: what it holds is older than what is in memory.
task<> log_shipper::impl::load() {
    while (shipment.empty()) {
        if (!may_be_spooled && queue.empty()) {
            waits = waiting_for::line;
            co_await bell.wait();
        } else if (!may_be_spooled && queue.bytes() < batch_limit_bytes) {
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
            shipment = {std::move(piece.lines), 0, {}, piece.begin};
        }
        co_return;
    }
    shipment = {queue.take(batch_limit_bytes), 0, {}, std::nullopt};
    queued_bytes.set(static_cast<double>(queue.bytes()));
}

task<> log_shipper::impl::pause() {
    if (spool) lost(spool->take_losses(), dropped_full);
    waits = waiting_for::provider;
    const bool in_vain = co_await bell.wait_for(pause_after(failures++));
    waits = waiting_for::nothing;
    if (!in_vain) failures = 0;
}

task<> log_shipper::impl::flush(milliseconds within) {
    const auto end = time.now() + within;
    waits = waiting_for::nothing;
    for (;;) {
        if (shipment.empty()) co_await load_now();
        if (shipment.empty() && may_be_spooled) continue;
        const auto left = std::chrono::floor<milliseconds>(end - time.now());
        if (shipment.empty() || left <= milliseconds(0)) break;
        const auto how = co_await attempt(left);
        if (how == outcome::failed) break;
    }
    keep_rest();
    if (spool) co_await spool->settled();
}

// In front of the spool goes what was under way, behind it what is in memory.
void log_shipper::impl::keep_rest() {
    const auto rest = std::string(shipment.rest());
    if (!spool) {
        lost(count_lines(rest) + count_lines(queue.lines()), dropped_full);
    } else if (shipment.spooled_at) {
        spool->done(*shipment.spooled_at + shipment.settled);
    } else if (!rest.empty()) {
        spool->put_back(rest);
    }
    shipment = {};
    auto queued = queue.take_all();
    if (spool && !queued.empty()) spool->append(std::move(queued));
}

task<outcome> log_shipper::impl::attempt(milliseconds within) {
    const auto provider = setup.provider();
    if (!provider) co_return outcome::failed;
    const auto url = log_url(*provider);
    const auto batches = co_await takes_batches(url, within);
    if (!batches) co_return outcome::failed;
    if (*batches) co_return co_await send_batch(url, within);
    co_return co_await send_line(url, within);
}

// Nothing when the service does not answer.
task<std::optional<bool>> log_shipper::impl::takes_batches(std::string url, milliseconds within) {
    if (const auto known = batches_taken.find(url); known != batches_taken.end()) co_return known->second;
    http::call question("OPTIONS", url);
    question.deadline = within;
    question.safe_to_repeat = true;
    if (!setup.access_token.empty()) question.headers.set("Authorization", "Bearer " + setup.access_token);
    const auto answer = co_await client.send(std::move(question));
    if (!answer || is_passing(answer->status)) {
        complain("the log service at " + url + " does not answer; log lines of " + setup.service + " wait");
        co_return std::nullopt;
    }
    if (batches_taken.size() >= remembered_urls) batches_taken.clear();
    const bool takes = offers_batches(*answer);
    batches_taken[url] = takes;
    co_return takes;
}

task<outcome> log_shipper::impl::send(std::string url, std::string body, const char* type, milliseconds within) {
    if (shipment.id.empty()) shipment.id = random_hex(32);
    http::call c("POST", url);
    c.body = std::move(body);
    c.content_type = type;
    c.deadline = within;
    c.headers.set("X-Batch-Id", shipment.id);
    if (!setup.access_token.empty()) c.headers.set("Authorization", "Bearer " + setup.access_token);
    const auto answer = co_await client.send(std::move(c));
    const auto how = judge(answer);
    if (!answer) batches_taken.erase(url);  // who answers there next may be another one
    if (how == outcome::failed) complain("the log service at " + url + " takes no lines; those of " + setup.service + " wait");
    if (how == outcome::refused) complain("the log service at " + url + " refuses lines with status " + std::to_string(answer->status));
    if (how == outcome::delivered) lost(refused_lines(*answer), dropped_refused);
    co_return how;
}

task<outcome> log_shipper::impl::send_batch(std::string url, milliseconds within) {
    const auto how = co_await send(std::move(url), std::string(shipment.rest()), "application/x-ndjson", within);
    settle(shipment.rest().size(), how);
    co_return how;
}

task<outcome> log_shipper::impl::send_line(std::string url, milliseconds within) {
    const auto line = first_lines(shipment.rest(), 0);
    auto text = plain_text(line, setup.service);
    auto how = outcome::refused;  // a line that the disk damaged
    if (text) how = co_await send(std::move(url), std::move(*text), "text/plain", within);
    settle(line.size(), how);
    co_return how;
}

void log_shipper::impl::settle(std::size_t bytes, outcome how) {
    if (how == outcome::failed) return;
    const auto lines = count_lines(shipment.rest().substr(0, bytes));
    if (how == outcome::refused) lost(lines, dropped_refused);
    if (how == outcome::delivered) shipped.add(lines);
    failures = 0;
    shipment.settled += bytes;
    shipment.id.clear();
    if (shipment.empty() && shipment.spooled_at) spool->done(*shipment.spooled_at + shipment.lines.size());
    if (how == outcome::delivered) tell_losses();
}

log_shipper::log_shipper(log_shipper_setup setup, http::client& client, executor ex, time_source& time, metrics& m)
    : impl_(std::make_unique<impl>(std::move(setup), client, ex, time, m)) {}

log_shipper::~log_shipper() = default;

void log_shipper::push(log_level level, wall_point at, std::string_view line) { impl_->push(level, at, line); }

void log_shipper::provider_changed() noexcept { impl_->wake_if(impl::waiting_for::provider); }

task<> log_shipper::run() { return impl_->run(); }

task<> log_shipper::flush(milliseconds within) { return impl_->flush(within); }

}  // namespace distd
