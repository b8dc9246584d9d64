// The log service as a role: its routes over the store, and its own lines, which go straight into its
// journal.
#include <memory>

#include "role/log/log_gate.hpp"
#include "role/log/log_intake.hpp"
#include "role/log/log_reader.hpp"
#include "role/log/log_store.hpp"
#include "role/log/own_lines.hpp"
#include "role/log/shipper_routes.hpp"
#include "role/log/syslog_intake.hpp"
#include "role/role.hpp"

namespace distd {
namespace logs {
namespace {

constexpr seconds sync_interval{1};
constexpr const char* offered = "GET, HEAD, POST, OPTIONS";

segment_journal::setup setup_of(service& s) {
    segment_journal::setup setup;
    setup.directory = s.data_dir() + "/journal";
    setup.sync_each_commit = s.config().text("log-sync") == "always";
    return setup;
}

// What a sender that tries out its way in has to know.
http::response with_offer(http::response r) {
    r.header("Allow", offered);
    r.header("Accept-Post", std::string(accepted_types));
    return r;
}

class log_role final : public role {
public:
    explicit log_role(service& s)
        : service_(s),
          syncs_each_commit_(s.config().text("log-sync") == "always"),
          store_(setup_of(s), s.loop(), s.time()),
          own_(s.name(), store_, s.loop(), s.time(), s.metrics()),
          gate_(s, store_),
          intake_(s, gate_),
          shippers_(s, gate_),
          syslog_(s, gate_),
          reader_(s, store_) {
        store_.on_outage([this](bool failing, const std::string& text) { on_outage(failing, text); });
        mount();
        shippers_.mount();
        service_.on_log_line([this](log_level level, std::string_view line) { own_.push(level, line); });
        service_.background("own lines", [this] { return store_own_lines(); });
        if (!syncs_each_commit_) service_.background("log sync", [this] { return sync_now_and_then(); });
        service_.on_drain([this] { return settle(); });
        service_.metrics().level_of("distd_log_queued_bytes", "Bytes of lines that wait to be written",
                                    [this] { return static_cast<double>(store_.queued_bytes()); });
    }

private:
    void mount() {
        http::route_options in;
        in.body_limit = largest_batch;
        in.plumbing = true;  // a line about a line about a line ...
        service_.post(
            "/log", [this](http::request q) { return intake_.take(q); }, in);
        service_.get("/log", [this](http::request q) { return reader_.find(q); });
        http::route_options live;
        live.waits_long = true;
        service_.get(
            "/log/tail", [this](http::request q) { return reader_.tail(q); }, live);
        service_.route(http::verb::options, "/log",
                       [](http::request) { return with_offer(http::response(204)); });
        for (const auto verb : {http::verb::put, http::verb::patch, http::verb::del})
            service_.route(verb, "/log", [](http::request) {
                return with_offer(
                    http::response::problem(405, "Lines are sent with POST and read with GET."));
            });
    }

    task<> store_own_lines() {
        const auto& r = store_.journal().recovered();
        service_.log().info(
            "log_opened",
            {{"next", store_.journal().next()}, {"torn_bytes", r.torn_bytes}, {"damaged", r.damaged.size()}});
        co_await own_.run();
    }

    // The first of the two cannot be stored while it is true: it is dropped, and counted, like every own line
    // then.
    void on_outage(bool failing, const std::string& text) {
        if (failing)
            service_.log().error("log_store_failed", {{"reason", text}});
        else
            service_.log().info("log_store_recovered");
    }

    task<> sync_now_and_then() {
        for (;;) {
            co_await sleep_for(service_.time(), sync_interval);
            static_cast<void>(co_await store_.sync());  // a failure was reported by `on_outage`
        }
    }

    task<> settle() {
        co_await own_.flush();
        if (!syncs_each_commit_) static_cast<void>(co_await store_.sync());
    }

    service& service_;
    const bool syncs_each_commit_;
    log_store store_;
    own_lines own_;
    log_gate gate_;
    log_intake intake_;
    shipper_routes shippers_;
    syslog_intake syslog_;
    log_reader reader_;
};

std::unique_ptr<role> make(service& s) { return std::make_unique<log_role>(s); }

}  // namespace
}  // namespace logs

role_description describe_log() {
    setting sync;
    sync.name = "log-sync";
    sync.kind = setting_kind::choice;
    sync.fallback = "always";
    sync.choices = {"always", "interval"};
    sync.help = "when stored lines reach the disk: before each answer, or once a second";
    sync.group = "Log service";

    setting rate;
    rate.name = "log-rate-per-source";
    rate.kind = setting_kind::integer;
    rate.fallback = "0";
    rate.most = 1'000'000'000;
    rate.help = "lines a second that one address may send over HTTP; 0: as many as it likes";
    rate.group = "Log service";

    role_description d;
    d.name = "log";
    d.service_name = "LogService";
    d.default_address = "127.0.0.1:4000";
    d.summary = "the log service: takes, keeps and finds lines";
    d.settings = logs::syslog_intake::settings();
    d.settings.push_back(std::move(sync));
    d.settings.push_back(std::move(rate));
    d.make = &logs::make;
    return d;
}

}  // namespace distd
