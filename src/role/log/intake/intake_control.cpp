#include "role/log/intake/intake_control.hpp"

#include <array>

#include "base/source_name.hpp"
#include "http/access/authorization.hpp"

namespace distd::logs {
namespace {

// A larger batch is read on another thread: the loop is held up for at most a tenth of a millisecond.
constexpr std::size_t read_at_once_bytes = 64 << 10;

// With more than this waiting for the disk, senders wait, too, rather than being refused.
constexpr std::size_t max_waiting_bytes = 16 << 20;
constexpr milliseconds look_again{100};

// Of the largest batches three are read at once.
constexpr std::size_t room_bytes = 3 * batch_budget(max_batch);

constexpr const char* known_encodings = "gzip, deflate, identity";

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> names) {
    for (const auto name : names)
        if (same_field_name(text, name)) return true;
    return false;
}

}  // namespace

intake_counters::intake_counters(metrics& m, const std::string& api)
    : name(api),
      stored(m.count("distd_log_records_total", "Log records stored", {{"way", api}})),
      refused(
          m.count("distd_log_refused_records_total", "Log records refused, and answered so", {{"way", api}})),
      repeated(m.count("distd_log_repeated_batches_total", "Batches that came again under their id",
                       {{"way", api}})),
      contradicting(m.count("distd_log_contradicting_batches_total",
                            "Batches refused: another one had come under their id", {{"way", api}})) {}

intake_control::intake_control(service& s, log_store& store)
    : service_(s),
      store_(store),
      has_tokens_(!s.config().text("access-token-file").empty()),
      rate_(static_cast<double>(s.config().integer("log-rate-per-source")),
            static_cast<double>(s.config().integer("log-rate-per-source"))),
      too_fast_(s.metrics().count("distd_log_too_fast_total", "Requests refused for their source's rate")),
      room_(room_bytes, s.loop(), s.time()) {
    s.metrics().level_of("distd_log_lines_in_memory_bytes",
                         "Room taken for lines that are being made or stored",
                         [this] { return static_cast<double>(room_.taken()); });
}

std::optional<http::response> intake_control::refuse(const http::request& q) {
    const auto encoding = q.header("Content-Encoding");
    if (!encoding.empty() && !is_one_of(encoding, {"identity", "gzip", "x-gzip", "deflate"})) {
        auto r = http::response::problem(415, "Bodies are taken as they are or with Content-Encoding: gzip.");
        r.header("Accept-Encoding", known_encodings);
        return r;
    }
    if (!rate_.is_on()) return std::nullopt;
    const auto wait = rate_.wait(source_name(q.remote_address()).text(), service_.time().now());
    if (wait == seconds(0)) return std::nullopt;
    too_fast_.add();
    auto r = http::response::problem(
        429, "This address may send " + std::to_string(service_.config().integer("log-rate-per-source")) +
                 " lines a second.");
    r.header("Retry-After", std::to_string(wait.count()));
    return r;
}

task<memory_budget::reservation> intake_control::room_for(const http::request& q) {
    constexpr std::size_t best_packed = 1032;  // what a byte of deflate may become
    const auto sent = q.body().size();
    const auto opened = is_packed(q) ? std::min(max_batch, best_packed * sent) : sent;
    co_return co_await room_.reserve(batch_budget(opened));
}

task<memory_budget::reservation> intake_control::room_for(std::size_t line_bytes) {
    co_return co_await room_.reserve(line_bytes);
}

const std::string& intake_counters::origin_of(const std::string& address, std::string_view authorization) {
    auto key = authorization.empty() ? std::string() : http::key_id_in(authorization);
    if (last_origin_.empty() || address != last_address_ || key != last_key_) {
        last_origin_ = origin_member(address, name, key);
        last_address_ = address;
        last_key_ = std::move(key);
    }
    return last_origin_;
}

// Where there are no tokens nobody has judged the field.
const std::string& intake_control::origin_of(const http::request& q, intake_counters& counters) const {
    return counters.origin_of(q.remote_address(),
                              has_tokens_ ? q.header("Authorization") : std::string_view());
}

bool intake_control::is_packed(const http::request& q) {
    const auto encoding = q.header("Content-Encoding");
    return !encoding.empty() && !is_one_of(encoding, {"identity"});
}

bool intake_control::is_quickly_read(const http::request& q) {
    return q.body().size() <= read_at_once_bytes && !is_packed(q);
}

void intake_control::count(const http::request& q, intake_counters& counters, const batch& b) {
    counters.refused.add(b.malformed.empty() ? b.refused : 1);
    if (!rate_.is_on()) return;
    rate_.charge(source_name(q.remote_address()).text(), b.accepted + b.refused, service_.time().now());
}

bool intake_control::takes_at_once(const http::request& q) const {
    return is_quickly_read(q) && !store_is_behind();
}

bool intake_control::store_is_behind() const { return store_.queued_bytes() > max_waiting_bytes; }

task<> intake_control::until_store_has_room() {
    if (!store_is_behind()) co_return;
    announcer::listener commits(store_.commits(), service_.loop(), service_.time());
    // A failed commit makes room as well, and rings no bell.
    while (store_is_behind()) static_cast<void>(co_await commits.bell.wait_for(look_again));
}

std::int64_t intake_control::now_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(service_.time().wall().time_since_epoch())
        .count();
}

}  // namespace distd::logs
