#include "role/registry/alert_sender.hpp"

#include <utility>

#include "base/random.hpp"
#include "role/registry/alerts/alert_text.hpp"
#include "role/registry/outgoing_calls.hpp"
#include "sdk/role_services.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds connect_deadline{3000};
constexpr milliseconds deadline{10'000};
constexpr std::size_t max_answer = 64 << 10;

// No access token of ours goes along: it is somebody else's service.
http::client_setup setup_of(service& s) {
    http::client_setup setup;
    setup.connections_per_target = 16;
    setup.waiting_per_target = 2 * max_alerts * alert_outbox::max_under_way;
    setup.idle_per_target = 2;
    setup.idle_in_all = max_alerts;
    setup.keeps_after_bodies = true;  // all messages are ours, and of the answers the status counts
    setup.may_connect = [](const auto& peer) { return may_be_sent_alerts(peer.address()); };
    setup.metrics_prefix = "distd_registry_alert_client";
    setup.trust = trust_outside_of(s);
    return setup;
}

counter& count(service& s, const char* outcome) {
    return s.metrics().count("distd_registry_alert_messages_total",
                             "Messages of alerts: sent and taken, sent in vain, and given up after that",
                             {{"outcome", outcome}});
}

alerts::attempt attempt_of(const result<http::reply>& answer) {
    const bool is_taken = answer && answer->status >= 200 && answer->status < 300;
    return {answer ? answer->status : 0, is_taken ? std::string() : failure_text(answer)};
}

}  // namespace

alert_sender::alert_sender(service& s, const directory& d, change_log& log, std::vector<alert_row> kept)
    : service_(s),
      change_log_(log),
      alerts_(d, std::move(kept)),
      client_(s, setup_of(s)),
      delivered_(count(s, "delivered")),
      failed_(count(s, "failed")),
      given_up_(count(s, "given_up")),
      bell_(s.loop(), s.time()) {
    s.metrics().level_of("distd_registry_alert_messages_pending",
                         "Messages of alerts that are still to be sent",
                         [this] { return static_cast<double>(alerts_.pending()); });
}

void alert_sender::configure(const std::string& name, std::string_view value) {
    alerts_.configure(name, value, now());
    bell_.wake();
}

void alert_sender::remove(const std::string& name) {
    alerts_.remove(name);
    bell_.wake();
}

void alert_sender::start() { alerts_.start(now()); }

std::string alert_sender::as_json() const { return alerts_.as_json(now()); }

task<> alert_sender::run() {
    for (;;) {
        for (auto& c : alerts_.review(now())) store(std::move(c));
        while (auto next = alerts_.take(service_.time().now())) send(*std::move(next));
        co_await bell_.wait_until(alerts_.next_due());
    }
}

// Where the disk does not take it, it is sent all the same: to be told twice after a restart is better
// than not to be told.
void alert_sender::store(alert_change c) {
    auto copy = c;
    change_log_.commit(std::move(copy), [this, c = std::move(c)](const change_log::outcome&) {
        alerts_.stored(c, service_.time().now());
        bell_.wake();
    });
}

bool alert_sender::test(const std::string& name, const std::string& who, test_completion on_done) {
    auto d = alerts_.take_test(name, who, now());
    if (!d) return false;
    send(*std::move(d), std::move(on_done));
    return true;
}

void alert_sender::send(alerts::delivery d, test_completion on_done) {
    const auto& how = d.how;
    http::call c(how.method, how.url);
    for (const auto& [name, value] : how.headers) c.headers.add(name, value);
    c.content_type = how.is_json ? "application/json" : "text/plain; charset=utf-8";
    c.body = filled(how.body, how.is_json, d.what.message);
    c.connect_deadline = connect_deadline;
    c.deadline = deadline;
    c.answer_limit = max_answer;
    auto sendable = http::client_request::of(*client_.core(), std::move(c));
    // The rest was judged with the alert's configuration. Without a target the call ends with bad_address.
    auto r = sendable ? *std::move(sendable) : http::client_request();
    r.keep = http::answer_reader::keep::status;
    http::client_call::start(client_.core(), std::move(r),
                             [this, d = std::move(d), on_done = std::move(on_done)](const auto& answer) {
                                 const auto how_it_went = attempt_of(answer);
                                 finish(d, how_it_went);
                                 if (on_done) on_done(how_it_went);
                             });
}

void alert_sender::finish(const alerts::delivery& d, const alerts::attempt& how) {
    std::vector<alert_change> to_store;
    const auto end = alerts_.finish(d, how, now(), random_u64(), to_store);
    for (auto& c : to_store) change_log_.record(std::move(c));
    (how.failure.empty() ? delivered_ : failed_).add();
    const auto& m = d.what.message;
    const auto& log = service_.log();
    if (how.failure.empty())
        log.info("alert_sent", {{"alert", d.alert_name},
                                {"what", to_string(m.what)},
                                {"service", m.service},
                                {"status", how.status}});
    else
        log.warn("alert_not_sent", {{"alert", d.alert_name},
                                    {"what", to_string(m.what)},
                                    {"service", m.service},
                                    {"reason", how.failure}});
    if (end == alert_outbox::end::given_up && !d.is_test) {
        given_up_.add();
        log.error("alert_given_up",
                  {{"alert", d.alert_name}, {"what", to_string(m.what)}, {"service", m.service}});
    }
    bell_.wake();
}

}  // namespace distd::registry
