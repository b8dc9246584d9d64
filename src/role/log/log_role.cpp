// The log service as a role: its routes over the store, and its own lines, which go straight into its
// journal.
#include <algorithm>
#include <memory>

#include "base/settings/setting_group.hpp"
#include "role/log/intake/intake_control.hpp"
#include "role/log/intake/log_intake.hpp"
#include "role/log/intake/self_log.hpp"
#include "role/log/intake/shipper_routes.hpp"
#include "role/log/intake/syslog_intake.hpp"
#include "role/log/search/log_counts.hpp"
#include "role/log/search/log_reader.hpp"
#include "role/log/storage/log_store.hpp"
#include "role/log/storage/logs_cat.hpp"
#include "role/role.hpp"
#include "sdk/role_services.hpp"
#include "wire/service_names.hpp"

namespace distd {
namespace logs {
namespace {

constexpr seconds sync_interval{1};
constexpr seconds reopen_interval{1};
constexpr seconds max_without_upkeep{60};
constexpr const char* offered = "GET, HEAD, POST, OPTIONS";

constexpr std::uint64_t max_segment_bytes = 8 << 20;  // what is not sealed yet is read line by line

retention retention_of(const settings& config) {
    retention keep;
    keep.bytes = config.size("log-retain-size");
    keep.age_ns = std::chrono::nanoseconds(config.duration("log-retain-age")).count();
    return keep;
}

log_store::setup setup_of(service& s) {
    const auto& config = s.config();
    const auto keep = retention_of(config);
    auto segment_bytes = max_segment_bytes;
    if (keep.bytes > 0) segment_bytes = std::min(segment_bytes, keep.bytes / 16);
    return {.directory = s.data_dir(),
            .sync_each_commit = config.text("log-sync") == "always",
            .upkeep = limits_for(keep),
            .segment_bytes = segment_bytes,
            .storage = disk_of(s)};
}

// The headers of an answer to OPTIONS and to unknown methods.
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
          self_log_(s, store_),
          control_(s, store_),
          intake_(s, control_),
          shippers_(s, control_),
          syslog_(s, control_),
          queries_(s, store_),
          reader_(s, store_, queries_),
          counts_(s, store_, queries_, reader_),
          failures_(s.metrics().count("distd_store_failures_total",
                                      "Reads and writes of a store that its disk refused or failed",
                                      {{"store", "log"}})),
          sealed_(s.metrics().count("distd_log_sealed_segments_total", "Segments sealed into parts")),
          dropped_lines_(
              s.metrics().count("distd_log_dropped_lines_total", "Lines that were over the limits")),
          dropped_bytes_(
              s.metrics().count("distd_log_dropped_bytes_total", "Bytes on disk that were over the limits")) {
        store_.on_upkeep([this](const upkeep_report& r) { on_upkeep(r); });
        store_.on_outage([this](bool failing, const std::string& text) { on_outage(failing, text); });
        mount();
        shippers_.mount();
        service_.on_log_line([this](log_level, std::string_view record) { self_log_.push(record); });
        service_.background("own lines", [this] { return store_self_log(); });
        if (!syncs_each_commit_) service_.background("log sync", [this] { return sync_every_second(); });
        service_.background("log reopen", [this] { return reopen_after_failure(); });
        service_.background("log upkeep", [this] { return run_upkeep(); });
        service_.on_drain([this] { return settle(); });
        service_.health([this] { return store_.journal().why_closed(); });
        store_.on_failure([this] { failures_.add(); });
        service_.metrics().level_of(
            "distd_store_closed", "1 while a store takes nothing as the outcome of a commit is unknown",
            [this] { return store_.journal().why_closed().empty() ? 0.0 : 1.0; }, {{"store", "log"}});
        service_.metrics().level_of("distd_log_queued_bytes", "Bytes of lines that wait to be written",
                                    [this] { return static_cast<double>(store_.queued_bytes()); });
        service_.metrics().level_of("distd_log_stored_bytes", "Bytes on disk: parts and journal",
                                    [this] { return static_cast<double>(store_.compaction().bytes()); });
        service_.metrics().level_of("distd_log_first_line", "Number of the first line that is kept",
                                    [this] { return static_cast<double>(store_.compaction().first_line()); });
    }

private:
    void mount() {
        http::route_options in;
        in.body_limit = max_batch;
        in.internal = true;  // a line about a line about a line ...
        service_.post(
            "/log", [this](http::request q) { return intake_.take(q); }, in);
        http::route_options counting;
        counting.waits_long = true;  // ends when the peer leaves
        counting.polled = true;
        service_.get(
            "/log", [this](http::request q) { return reader_.find(q); }, counting);
        service_.get(
            "/log/context", [this](http::request q) { return reader_.context(q); }, counting);
        service_.get(
            "/log/stats", [this](http::request q) { return counts_.stats(q); }, counting);
        service_.get(
            "/log/fields", [this](http::request q) { return counts_.fields(q); }, counting);
        http::route_options live;
        live.waits_long = true;
        live.polled = true;
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

    task<> store_self_log() {
        const auto& r = store_.journal().recovered();
        service_.log().info("log_opened", {{"next", store_.journal().next()},
                                           {"torn_bytes", r.torn_bytes},
                                           {"replayed_bytes", r.replayed_bytes},
                                           {"damaged", r.damaged.size()}});
        co_await self_log_.run();
    }

    void on_upkeep(const upkeep_report& r) {
        sealed_.add(r.sealed);
        dropped_lines_.add(r.dropped_lines);
        dropped_bytes_.add(r.dropped_bytes);
        for (const auto& d : r.damaged) reader_.report(d);
        if (r.dropped_files > 0)
            service_.log().info("log_dropped", {{"lines", r.dropped_lines},
                                                {"bytes", r.dropped_bytes},
                                                {"first", store_.compaction().first_line()}});
        if (!r.failure.empty() && r.failure != upkeep_failure_)
            service_.log().error("log_upkeep_failed", {{"reason", r.failure}});
        upkeep_failure_ = r.failure;
    }

    // The first of the two cannot be stored while it is true: it is dropped, and counted, like every own line
    // then.
    void on_outage(bool failing, const std::string& text) {
        if (failing)
            service_.log().error("log_store_failed", {{"reason", text}});
        else
            service_.log().info("log_store_recovered");
    }

    task<> sync_every_second() {
        for (;;) {
            co_await sleep_for(service_.time(), sync_interval);
            static_cast<void>(co_await store_.sync());  // a failure was reported by `on_outage`
        }
    }

    // Each batch tries to open a journal that a failure has closed; so does this when none arrives.
    task<> reopen_after_failure() {
        for (;;) {
            co_await sleep_for(service_.time(), reopen_interval);
            if (!store_.journal().why_closed().empty()) static_cast<void>(co_await store_.sync());
        }
    }

    // Each hour's lines are sealed, however few, and what is too old goes also when nothing arrives.
    task<> run_upkeep() {
        const auto longest = std::chrono::ceil<milliseconds>(max_segment(retention_of(service_.config())));
        const auto interval = std::min<milliseconds>(longest, max_without_upkeep);
        auto ended = service_.time().now();
        for (;;) {
            co_await sleep_for(service_.time(), interval);
            if (service_.time().now() - ended >= longest) {
                ended = service_.time().now();
                static_cast<void>(co_await store_.end_segment());  // a failure was reported by `on_outage`
            }
            store_.run_maintenance();
        }
    }

    task<> settle() {
        co_await self_log_.flush();
        if (!syncs_each_commit_) static_cast<void>(co_await store_.sync());
    }

    service& service_;
    const bool syncs_each_commit_;
    log_store store_;
    self_log self_log_;
    intake_control control_;
    log_intake intake_;
    shipper_routes shippers_;
    syslog_intake syslog_;
    query_reader queries_;
    log_reader reader_;
    log_counts counts_;
    counter& failures_;
    counter& sealed_;
    counter& dropped_lines_;
    counter& dropped_bytes_;
    std::string upkeep_failure_;  // the last one that was logged
};

std::vector<setting> rows() {
    using enum setting_kind;
    auto all = syslog_intake::settings();
    const std::vector<setting> own{
        {.name = "log-sync",
         .kind = choice,
         .fallback = "always",
         .help = "when stored lines reach the disk: before each answer, or once a second",
         .choices = {"always", "interval"}},
        {.name = "log-rate-per-source",
         .kind = integer,
         .fallback = "0",
         .help = "lines a second that one address may send over HTTP; 0: as many as it likes",
         .max = 1'000'000'000},
        {.name = "log-retain-size",
         .kind = size,
         .fallback = "10GiB",
         .help = "disk that lines may take; over it the oldest go",
         .min = 64 << 20},
        {.name = "log-retain-age",
         .kind = duration,
         .fallback = "0s",
         .help = "lines that arrived longer ago than this go; 0s keeps them"},
    };
    all.insert(all.end(), own.begin(), own.end());
    return in_group("Log service", std::move(all));
}

std::unique_ptr<role> make(service& s) { return std::make_unique<log_role>(s); }

}  // namespace
}  // namespace logs

role_description describe_log() {
    role_description d;
    d.name = "log";
    d.service_name = std::string(wire::log_service);
    d.default_address = "127.0.0.1:4000";
    d.summary = "lines in, lines found";
    d.settings = logs::rows();
    d.commands = {
        {"logs", "cat FILE...", "prints files of the log service as JSON lines", &logs::run_logs_command}};
    d.make = &logs::make;
    return d;
}

}  // namespace distd
