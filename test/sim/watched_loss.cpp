#include "sim/watched_loss.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdio>

#include "sim/drawn.hpp"
#include "sim/local_sockets.hpp"

namespace distd::sim {
namespace {

using namespace std::chrono_literals;

namespace json = boost::json;

constexpr std::uint16_t hook_port = 9000;
constexpr const char* hook_address = "127.0.2.2";
constexpr const char* service = "Lost";
constexpr const char* alert =
    R"({"url":"http://127.0.2.2:9000/","on":["lost","back"],"services":["Lost"],"after":"2s","again":"0s"})";

// By then a death or a return is seen, whatever the registry's settings are; and told, with the failures of
// the webhook.
constexpr auto until_seen = 25s;
constexpr auto until_told = 40s;

peer::identity identity() { return {service, "127.0.2.1", 8000, {}}; }

// Of "57w3l": bucket by bucket.
std::string unrolled(std::string_view runs) {
    std::string all;
    std::size_t count = 0;
    for (const char c : runs) {
        if (c >= '0' && c <= '9') {
            count = count * 10 + static_cast<std::size_t>(c - '0');
            continue;
        }
        all.append(count, c);
        count = 0;
    }
    return all;
}

// The minute of simulated time that ends at 2027-02-26T00:07:00Z.
std::int64_t minute_before(const std::string& until) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0;
    if (std::sscanf(until.c_str(), "%d-%d-%dT%d:%d", &year, &month, &day, &hour, &minute) != 5)
        throw broken_promise("health over time: no end: " + until);
    const std::chrono::sys_days date{std::chrono::year(year) / month / day};
    const auto wall = date + std::chrono::hours(hour) + std::chrono::minutes(minute - 1);
    const auto origin = std::chrono::sys_seconds(1'800'000'000s);  // of the walls, see process_clock
    return std::chrono::floor<std::chrono::minutes>(wall - origin).count();
}

}  // namespace

watched_loss::watched_loss(world& w, troubled_process& p, test::patch_validator& v,
                           std::function<std::string()> registry)
    : world_(w),
      process_(p),
      registry_(std::move(registry)),
      lost_(w, v, identity()),
      hook_(w.outside, hook_address, hook_port, [this](const auto& q) { hear(q); }) {
    lost_.registry = registry_;
    lost_.on_registered = [](const auto&...) {};
}

void watched_loss::begin() {
    come_back();
    turn();
}

void watched_loss::turn() {
    world_.after(span(world_.draws, 20s, 100s), [this] {
        if (!goes_on_) return;
        lost_.is_up() ? die() : come_back();
        turn();
    });
}

void watched_loss::die() {
    const auto now = world_.time.now();
    is_clear_ = lost_.is_sound() && lost_.sound_since() <= now - until_seen &&
                alert_since_ <= now - until_seen && was_quiet_since(now - until_seen);
    losses_told_ = 0;
    changed_at_ = now;
    lost_.die();
}

void watched_loss::come_back() {
    returns_told_ = 0;
    changed_at_ = world_.time.now();
    lost_.begin();
}

// The registry ran all the time, could store everything, and had nothing else to think of.
bool watched_loss::was_quiet_since(steady_point since) const {
    return process_.is_up() && process_.last_start() <= since && process_.undisturbed_since() <= since &&
           guarded_at_ < since && !world_.takes_rare_branches();
}

void watched_loss::put_alert() {
    const auto at = registry_();
    if (has_alert_ || at.empty()) return;
    ask(world_.outside, world_.time, {"PUT", at + "/config/alerts/lost", alert},
        [this](const peer_answer& a) {
            if (a.status / 100 != 2 || has_alert_) return;
            has_alert_ = true;
            alert_since_ = world_.time.now();
        });
}

// Fails now and then, never twice in a row.
void watched_loss::hear(const std::shared_ptr<heard_request>& q) {
    failed_last_ = !failed_last_ && world_.draws.one_in(4);
    world_.note("the webhook " + std::string(failed_last_ ? "refuses " : "takes ") + q->body);
    if (failed_last_) return q->answer(500);
    const bool is_loss = q->body.find(R"("what":"lost")") != q->body.npos;
    if (is_loss && !lost_.is_up()) ++losses_told_;
    if (!is_loss && lost_.is_up()) ++returns_told_;
    q->answer(200);
    const bool is_known = is_clear_ && process_.undisturbed_since() <= changed_at_ - until_seen;
    if (is_loss && !lost_.is_up() && is_known && losses_told_ > 1)
        throw broken_promise("one message for each loss: " + q->body + " came again");
}

void watched_loss::look(bool may_be_guarded) {
    if (may_be_guarded) guarded_at_ = world_.time.now();
    put_alert();
    check_messages();
    note_minutes();
    if (world_.time.now() >= next_reading_) check_health();
}

void watched_loss::check_messages() {
    const auto now = world_.time.now();
    if (!was_quiet_since(changed_at_) || now < changed_at_ + until_told) return;
    if (!lost_.is_up() && is_clear_ && losses_told_ == 0)
        throw broken_promise("one message for each loss: none came of a loss");
    if (lost_.is_up() && lost_.is_sound() && lost_.sound_since() <= now - until_told && losses_told_ > 0 &&
        returns_told_ == 0)
        throw broken_promise("one message for each loss: none came of its end");
}

std::int64_t watched_loss::minute_now() const {
    return std::chrono::floor<std::chrono::minutes>(world_.time.now().time_since_epoch()).count();
}

// Looks at the minute that has just ended.
void watched_loss::note_minutes() {
    const auto last = minute_now() - 1;
    if (noted_ == last) return;
    noted_ = last;
    const steady_point begin{std::chrono::minutes(last)};
    if (!lost_.is_up() && changed_at_ <= begin && was_quiet_since(begin)) dead_in_.insert(last);
}

void watched_loss::check_health() {
    next_reading_ = world_.time.now() + 10s;
    const auto at = registry_();
    if (at.empty() || !process_.walls_were_right()) return;
    ask(world_.outside, world_.time, {"GET", at + "/health-history"}, [this](const peer_answer& a) {
        if (a.status == 200 && process_.walls_were_right()) read_health(a);
    });
}

void watched_loss::read_health(const peer_answer& a) {
    const auto parsed = json::parse(a.body);
    const auto last = minute_before(std::string(parsed.at("Until").as_string()));
    for (const auto& one : parsed.at("Instances").as_array()) {
        const std::string who(one.at("ServiceURL").as_string());
        const auto buckets = unrolled(std::string_view(one.at("Health").as_string()));
        const auto is_well_in = [&](std::int64_t minute) {
            const auto back = static_cast<std::size_t>(last - minute);
            return back < buckets.size() && buckets[buckets.size() - 1 - back] == 'w';
        };
        if (std::ranges::any_of(gone_in_, is_well_in))
            throw broken_promise("health over time: " + who + " was well without a registry");
        if (who == url() && std::ranges::any_of(dead_in_, is_well_in))
            throw broken_promise("health over time: " + who + " was well while it was dead");
    }
}

void watched_loss::end() {
    goes_on_ = false;
    if (!lost_.is_up()) come_back();
    world_.run_for(until_told + until_seen);
    // So that it is still listed in the first whole minute.
    const auto next = std::chrono::ceil<std::chrono::minutes>(world_.time.now() + 2s) - 2s;
    world_.run_for(std::chrono::ceil<milliseconds>(next - world_.time.now()));
    die();
    world_.run_for(130s);
    process_.restart();
    world_.run_for(until_seen);
    const auto killed = minute_now();
    process_.be_gone_for(130s);
    for (auto m = killed + 1; m < minute_now(); ++m) gone_in_.insert(m);
    come_back();
    world_.run_for(until_seen + until_told);
}

}  // namespace distd::sim
