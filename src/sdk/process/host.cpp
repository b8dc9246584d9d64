#include "sdk/process/host.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <future>
#include <stdexcept>

#include "base/disk_wait.hpp"
#include "base/guarded_loop.hpp"
#include "base/handler_scope.hpp"
#include "base/line_writer.hpp"
#include "base/terminal.hpp"
#include "http/access/access_control.hpp"
#include "http/client/client.hpp"
#include "sdk/process/exit_codes.hpp"
#include "sdk/process/host_names.hpp"
#include "sdk/process/inherited_sockets.hpp"
#include "sdk/process/listening_place.hpp"
#include "sdk/process/process_certificates.hpp"
#include "sdk/process/registered_address.hpp"
#include "sdk/process/service_addresses.hpp"
#include "sdk/process/service_opening.hpp"
#include "sdk/process/start_banner.hpp"
#include "sdk/process/stop_watch.hpp"
#include "sdk/process/systemd.hpp"
#include "sdk/process/tls_files.hpp"
#include "sdk/process/token_file.hpp"
#include "sdk/process/token_file_watch.hpp"
#include "sdk/service_impl.hpp"

namespace distd {
namespace {

using signals = boost::asio::basic_signal_set<executor>;

constexpr milliseconds pulse_interval{100};
constexpr milliseconds end_grace{2000};
constexpr milliseconds stop_slack{500};  // for what follows the last task of a stop
constexpr seconds last_words{1};

std::string cut_short_by_disk(const std::string& file) {
    return "distd: the stop was cut short, since the disk does not answer: still waiting for " + file + "\n";
}

// `own`, which reads the system's roots if those of --tls-ca-file do not stand instead of them.
std::shared_ptr<const http::tls_client> beside_system_roots(std::shared_ptr<const http::tls_client> own,
                                                            std::optional<std::string> roots) {
    if (!roots) return own;
    return std::make_shared<const http::tls_client>(std::move(roots), http::tls_client::system_roots::always);
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct host::impl {
    struct member {
        host::place where;
        std::unique_ptr<service> owned;
        service* that;
        listening_place listens = {};
        introduction known_as = {};
    };

    impl(boost::asio::io_context& l, time_source& t, settings s, std::shared_ptr<log_sink> sink, disk& d,
         http::blocking_lookup look_up)
        : loop(l),
          time(t),
          storage(d),
          began(t.now()),
          config(std::move(s)),
          log(std::move(sink)),
          admission(std::make_shared<http::access_control>(t)),
          names(l.get_executor(), std::move(look_up)),
          roots(roots_of(config)),
          trust(std::make_shared<const http::tls_client>(roots)),
          trust_outside(beside_system_roots(trust, roots)),
          client({.credentials = admission, .trust = trust}, l.get_executor(), t, process_metrics,
                 names.lookup()),
          own_client({.keeps_after_bodies = true, .credentials = admission, .trust = trust}, l.get_executor(),
                     t, process_metrics, names.lookup()),
          request_memory(std::make_shared<http::source_shares>(service_opening::bounds_of(config, false))),
          opening(config, admission, request_memory, logger(log, "distd")),
          hangups(l.get_executor()),
          tasks(l.get_executor(), t) {
        describe_process();
        watch_tokens();
        tasks.on_failure([this](const std::string& name, const std::string& what) {
            logger(log, "distd").error("task_failed", {{"task", name}, {"error", what}});
        });
    }

    void describe_process();
    void watch_tokens();
    [[nodiscard]] task<> heed_hangups();
    void adopt(member m);
    void find_places();
    void warn_of_unused_address(const member& m) const;
    void open(member& m);
    [[nodiscard]] http::own_names names_of(const member& m) const;
    void judge_exchanged_certificates() const;
    [[nodiscard]] static registered_address::place addresses_of(const member& m);
    [[nodiscard]] std::vector<std::string> registries() const;
    [[nodiscard]] task<> pulse();
    [[nodiscard]] task<> serve();
    [[nodiscard]] task<> wait_for_signal();
    void on_handler_failure(const std::string& handler, const std::string& what);
    [[noreturn]] void give_up(int exit_code, const std::string& words = {});
    void announce() const;
    [[nodiscard]] start_banner banner() const;

    // While it runs. First, so that it outlives all that joins a thread when it is destroyed.
    std::optional<stop_watch> watch;
    boost::asio::io_context& loop;
    time_source& time;
    disk& storage;
    const steady_point began;
    settings config;
    std::shared_ptr<log_sink> log;
    std::shared_ptr<http::access_control> admission;
    std::optional<token_file_watch> token_watch;
    metrics process_metrics;
    process_certificates certificates;
    std::optional<registered_address> registered;  // once the certificates are read
    http::lookup_pool names;
    const std::optional<std::string> roots;  // of --tls-ca-file, read once: both trust the same ones
    std::shared_ptr<const http::tls_client> trust;
    std::shared_ptr<const http::tls_client> trust_outside;
    http::pooled_client client;
    http::pooled_client own_client;                       // as host_resources::own_client
    std::shared_ptr<http::source_shares> request_memory;  // of all servers here
    service_opening opening;
    signals hangups;
    double loop_lag_seconds = 0;
    std::optional<signals> stop_signals;  // while they are waited for
    bool has_started = false;
    bool is_broken = false;  // by an exception that left a handler
    std::vector<member> members;
    std::vector<std::shared_ptr<void>> kept;
    host* self = nullptr;
    task_group tasks;
};

void host::impl::describe_process() {
    process_metrics.level("distd_build_info", "The version that runs", {{"version", DISTD_VERSION}}).set(1);
    process_metrics.level("process_start_time_seconds", "When the process began, in seconds since 1970")
        .set(std::chrono::duration<double>(time.wall().time_since_epoch()).count());
    process_metrics.level_of("distd_loop_lag_seconds", "By how much the loop's last timer came late",
                             [this] { return loop_lag_seconds; });
    process_metrics.level_of("distd_log_lines_lost",
                             "Log lines of this process dropped because writing was too slow",
                             [this] { return static_cast<double>(log->dropped_lines()); });
    process_metrics.level_of("distd_request_memory_bytes",
                             "Memory of connections, of requests and of answers that are not sent yet",
                             [this] { return static_cast<double>(request_memory->taken()); });
}

void host::impl::watch_tokens() {
    const auto& file = config.text("access-token-file");
    if (file.empty()) return;
    admission->use_tokens(read_token_file(file));
    token_watch.emplace(
        file, [this](std::vector<std::string> tokens) { admission->use_tokens(std::move(tokens)); },
        loop.get_executor(), time, logger(log, "distd"));
}

// A terminal that goes away ends nobody; who sends the signal on purpose wants what has changed to be read.
task<> host::impl::heed_hangups() {
    for (;;) {
        auto [ec, number] = co_await hangups.async_wait(as_result);
        if (ec) co_return;
        if (token_watch) token_watch->look();
        certificates.look();
    }
}

void host::impl::adopt(member m) {
    m.that->internals().attach({loop.get_executor(), time, storage, config, log, client, own_client,
                                process_metrics, names.lookup(), admission, trust, trust_outside,
                                [this] { return certificates.state(); },
                                [this](certificate_source one) { certificates.add(std::move(one)); },
                                [this] { certificates.look_at_those_of_roles(); }});
    members.push_back(std::move(m));
}

// By which hosts it may be called: every address of the process, and what is announced of it.
http::own_names host::impl::names_of(const member& m) const {
    std::vector<std::string> urls;
    for (const auto& one : members) {
        urls.push_back(one.where.advertise);
        urls.push_back("http://" + one.where.address.host);
        if (one.where.tls_address) urls.push_back("http://" + one.where.tls_address->host);
    }
    return own_host_names(config, urls, m.where.advertise);
}

// Before anything is open: what a source may have depends on who can come.
void host::impl::find_places() {
    std::vector<std::string> labels;
    for (const auto& m : members) labels.push_back(m.where.label);
    const auto sockets = assign_sockets(systemd::inherited_sockets(), labels);
    bool only_loopback_comes = true;
    for (auto& m : members) {
        m.listens = find_listening_place(m.where.label, m.where.address, m.where.tls_address, sockets);
        check_encryption(m.where.label, m.where.needs_tls, m.listens.tls.has_value());
        warn_of_unused_address(m);
        only_loopback_comes = only_loopback_comes && m.listens.is_for_this_machine_only();
    }
    const bool has_tls =
        std::ranges::any_of(members, [](const member& m) { return m.listens.tls.has_value(); });
    certificates.read(has_tls, config, storage, loop.get_executor(), time, logger(log, "distd"),
                      process_metrics);
    registered.emplace(trust, certificates.server(), time, logger(log, "distd"));
    opening.bound_memory(only_loopback_comes);
}

// An inherited socket comes before an address: who has given both should not look for the second in vain.
void host::impl::warn_of_unused_address(const member& m) const {
    if (!m.where.tls_address || !m.listens.tls || !m.listens.tls->inherited) return;
    const auto& given = m.listens.tls->at;
    if (to_string(*m.where.tls_address) == to_string(host_port{given.address().to_string(), given.port()}))
        return;
    logger(log, "distd")
        .warn("tls_listen_not_used",
              {{"service", m.where.label},
               {"address", to_string(*m.where.tls_address)},
               {"reason", "a socket for TLS was inherited, at " + url_of(given, "https://")}});
}

void host::impl::open(member& m) {
    auto& inside = m.that->internals();
    inside.open(opening.setup_of(m.that->name(), m.listens, names_of(m)));
    opening.open_sockets(*inside.server, m.listens, certificates.server());
    opening.warn_of_clear_tokens(m.listens, inside.routes.to_https().has_value());
    const auto& server = *inside.server;
    inside.listens_at = {url_of(server.local())};
    if (server.local_tls()) inside.listens_at.push_back(url_of(*server.local_tls(), "https://"));
    inside.url = registered->choose(addresses_of(m));
    log->introduce(m.that->name(), m.where.label, {inside.url, url_of(server.local())});
}

registered_address::place host::impl::addresses_of(const member& m) {
    const auto& server = *m.that->internals().server;
    return {m.where.label, m.where.advertise, server.local(), server.local_tls()};
}

void host::impl::judge_exchanged_certificates() const {
    for (const auto& m : members) registered->judge_again(addresses_of(m), m.that->internals().url);
}

std::vector<std::string> host::impl::registries() const {
    if (config.is_default("registry"))
        for (const auto& m : members)
            if (m.that->internals().is_registry) return {url_of(m.that->internals().server->local())};
    return config.list("registry");
}

// Ten times a second: log lines go out, the loop's lateness is measured, systemd's watchdog is fed.
task<> host::impl::pulse() {
    const auto watchdog = systemd::watchdog_interval();
    auto next_watchdog = time.now();
    alarm_clock bell(loop.get_executor(), time);
    for (;;) {
        const auto due = time.now() + pulse_interval;
        co_await bell.wait_until(due);
        const auto now = time.now();
        loop_lag_seconds = std::chrono::duration<double>(now - due).count();
        log->flush();
        if (watchdog && now >= next_watchdog) {
            systemd::notify("WATCHDOG=1");
            next_watchdog = now + *watchdog;
        }
    }
}

void host::impl::announce() const {
    std::string text;
    if (const auto screen = terminal_of(STDOUT_FILENO); screen.is_terminal) {
        text = text_of(banner(), for_lines(screen));
    } else {
        for (const auto& [label, url] : self->addresses()) text += label + " " + url + "\n";
        text += "ready\n";
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    systemd::notify("READY=1");
}

start_banner host::impl::banner() const {
    start_banner b;
    // A service of somebody else's has its own name; what we own are roles.
    const bool plays_roles = members.empty() || members.front().owned;
    b.program = plays_roles ? "distd" : members.front().that->name();
    b.version = plays_roles ? DISTD_VERSION : members.front().that->internals().version;
    b.data = config.text("data-dir");
    b.took = std::chrono::duration_cast<std::chrono::microseconds>(time.now() - began);
    for (const auto& m : members) {
        const auto& url = m.that->internals().url;
        b.services.push_back({m.where.label, url, m.known_as.purpose});
        const auto path = m.known_as.entry_path ? m.known_as.entry_path() : std::string();
        if (!path.empty()) b.open = url + path;
    }
    return b;
}

task<> host::impl::wait_for_signal() {
    if (is_broken) co_return;
    auto [ec, number] = co_await stop_signals->async_wait(as_result);
    if (!ec) logger(log, "distd").info("stopping", {{"signal", number}});
}

task<> host::impl::serve() {
    // From now on, since whoever reads "ready" may stop us at once.
    stop_signals.emplace(loop.get_executor(), SIGTERM, SIGINT);
    hangups.add(SIGHUP);
    // The loop's thread may be the one that waits: so without the log, and without this object.
    watch.emplace(config.duration("drain-timeout") + end_grace + stop_slack, [](const std::string& file) {
        write_last_words(cut_short_by_disk(file));
        ::_exit(exit_codes::disk_hangs);
    });
    self->start();
    has_started = true;
    announce();
    co_await wait_for_signal();
    stop_signals.reset();
    if (is_broken) watch->begin();
    systemd::notify("STOPPING=1");
    if (!co_await self->stop()) {
        for (const auto& name : self->surviving_tasks())
            logger(log, "distd").error("would_not_end", {{"task", name}});
        if (const auto waiting = disk_wait::oldest())
            give_up(exit_codes::disk_hangs, cut_short_by_disk(waiting->file));
        give_up(exit_codes::tasks_left);
    }
}

// Whatever the handler had begun is not finished, so this process is not to be trusted for long; but what
// others wait for is finished in order.
void host::impl::on_handler_failure(const std::string& handler, const std::string& what) {
    logger(log, "distd").error("handler_failed", {{"handler", handler}, {"error", what}});
    is_broken = true;
    boost::system::error_code ignored;
    if (stop_signals) stop_signals->cancel(ignored);
}

// Where the sink is not destroyed, nobody else bounds the wait for a reader of standard error.
void host::impl::give_up(int exit_code, const std::string& words) {
    log->flush();
    const auto written = std::async(std::launch::async, [this] { log->drain(); });
    static_cast<void>(written.wait_for(last_words));
    write_last_words(words);
    ::_exit(exit_code);
}

host::host(boost::asio::io_context& loop, time_source& time, settings s, std::shared_ptr<log_sink> log,
           disk& storage, http::blocking_lookup look_up)
    : impl_(std::make_unique<impl>(loop, time, std::move(s), std::move(log), storage, std::move(look_up))) {
    impl_->self = this;
}

host::~host() {
    impl_->kept.clear();
    for (auto m = impl_->members.rbegin(); m != impl_->members.rend(); ++m) m->that->internals().detach();
}

service& host::add(const place& where, const std::string& service_name,
                   const std::vector<std::string>& depends_on) {
    auto inside = std::make_unique<service::impl>(service_name.empty() ? where.label : service_name);
    inside->folder = where.label;
    inside->registers = !service_name.empty();
    inside->depends_on = depends_on;
    auto owned = std::make_unique<service>(std::move(inside));
    auto& added = *owned;
    impl_->adopt({where, std::move(owned), &added});
    return added;
}

void host::add(const place& where, service& s) { impl_->adopt({where, nullptr, &s}); }

void host::introduce(const std::string& label, introduction known_as) {
    for (auto& m : impl_->members)
        if (m.where.label == label) m.known_as = std::move(known_as);
}

void host::keep(std::shared_ptr<void> state) { impl_->kept.push_back(std::move(state)); }

void host::start() {
    raise_descriptor_limit();
    impl_->find_places();
    for (auto& m : impl_->members) impl_->open(m);
    const auto registries = impl_->registries();
    for (auto& m : impl_->members) m.that->internals().start(registries);
    impl_->tasks.spawn("pulse", [this] { return impl_->pulse(); });
    impl_->tasks.spawn("hangups", [this] { return impl_->heed_hangups(); });
    impl_->certificates.on_exchange([this] { impl_->judge_exchanged_certificates(); });
    if (impl_->certificates.server())
        impl_->tasks.spawn("certificates", [this] { return impl_->certificates.run(); });
    if (impl_->token_watch) impl_->tasks.spawn("access tokens", [this] { return impl_->token_watch->run(); });
}

std::vector<std::pair<std::string, std::string>> host::addresses() const {
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto& m : impl_->members) {
        const auto& inside = m.that->internals();
        result.emplace_back(m.where.label,
                            m.where.advertise.empty() ? inside.listens_at.front() : inside.url);
        const auto& tls = inside.server->local_tls();
        if (tls) result.emplace_back(m.where.label + std::string(tls_socket_end), url_of(*tls, "https://"));
    }
    return result;
}

task<bool> host::stop() {
    const auto drain_deadline = impl_->time.now() + impl_->config.duration("drain-timeout");
    bool all_ended = true;
    // In reverse order of start, so that each can still use those it was started after: first out of the
    // registry, ...
    for (auto m = impl_->members.rbegin(); m != impl_->members.rend(); ++m)
        co_await m->that->internals().leave();
    for (auto m = impl_->members.rbegin(); m != impl_->members.rend(); ++m) {
        auto& inside = m->that->internals();
        co_await inside.drain(drain_deadline);
        if (!co_await inside.end(impl_->time.now() + end_grace)) all_ended = false;
    }
    impl_->client.stop();
    impl_->own_client.stop();
    impl_->names.close();
    impl_->tasks.cancel();
    if (!co_await impl_->tasks.join_until(impl_->time.now() + end_grace)) all_ended = false;
    impl_->log->flush();
    co_return all_ended;
}

std::vector<std::string> host::surviving_tasks() const {
    std::vector<std::string> names;
    for (const auto& m : impl_->members) {
        auto& inside = m.that->internals();
        for (const auto* group :
             {inside.tasks.get(), inside.registration_tasks.get(), inside.shipping_tasks.get()})
            for (const auto& name : group->names()) names.push_back(m.where.label + "/" + name);
        if (const auto open = inside.server->connections())
            names.push_back(m.where.label + "/" + std::to_string(open) + " connections");
    }
    return names;
}

int host::run() {
    std::exception_ptr failed;  // the start, or the stop
    boost::asio::co_spawn(impl_->loop, impl_->serve(), [&](std::exception_ptr failure) {
        const handler_scope scope("the stop");
        failed = failure;
        if (failed) std::rethrow_exception(failed);
    });
    run_guarded(impl_->loop, [&](const std::string& handler, const std::string& what) {
        if (failed && !impl_->has_started) std::rethrow_exception(failed);
        impl_->on_handler_failure(handler, what);
        if (failed) impl_->give_up(exit_codes::handler_failed);
    });
    return impl_->is_broken ? exit_codes::handler_failed : exit_codes::clean;
}

}  // namespace distd
