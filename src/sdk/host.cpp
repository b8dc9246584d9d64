#include "sdk/host.hpp"

#include <netdb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "net/client.hpp"
#include "sdk/host_names.hpp"
#include "sdk/service_impl.hpp"
#include "sdk/systemd.hpp"

namespace distd {
namespace {

using tcp = boost::asio::ip::tcp;

constexpr milliseconds pulse_interval{100};
constexpr milliseconds end_grace{2000};

// Calls within the system carry the token that the system's services ask for.
class authorized_client final : public http::client {
public:
    authorized_client(http::client& inner, const std::string& token)
        : inner_(inner), authorization_(token.empty() ? "" : "Bearer " + token) {}

    task<result<http::reply>> send(http::call c) override {
        if (!authorization_.empty() && !c.headers.contains("Authorization"))
            c.headers.add("Authorization", authorization_);
        return inner_.send(std::move(c));
    }
    [[nodiscard]] const std::string& authorization() const noexcept { return authorization_; }

private:
    http::client& inner_;
    std::string authorization_;
};

std::vector<std::string> read_tokens(const std::string& file) {
    std::vector<std::string> tokens;
    if (file.empty()) return tokens;
    std::ifstream in(file);
    if (!in) throw settings_error("--access-token-file=" + file + ": the file cannot be read");
    for (std::string line; std::getline(in, line);) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
        if (!line.empty() && line.front() != '#') tokens.push_back(line);
    }
    if (tokens.empty())
        throw settings_error("--access-token-file=" + file +
                             ": the file holds no token; write one on a line");
    return tokens;
}

tcp::endpoint endpoint_of(const host_port& address) {
    const auto port = static_cast<unsigned short>(std::max(address.port, 0));
    const auto& name = address.host;
    if (name.empty() || name == "localhost") return {boost::asio::ip::address_v4::loopback(), port};
    boost::system::error_code ec;
    const auto numeric = boost::asio::ip::make_address(name, ec);
    if (!ec) return {numeric, port};
    addrinfo* found = nullptr;  // start-up: may block
    if (::getaddrinfo(name.c_str(), nullptr, nullptr, &found) != 0 || !found)
        throw std::runtime_error("--listen: " + name + " is not an address of this machine");
    tcp::endpoint result;
    std::copy_n(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen,
                reinterpret_cast<char*>(result.data()));
    ::freeaddrinfo(found);
    result.port(port);
    return result;
}

std::string own_host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

std::string url_of(const tcp::endpoint& at) {
    auto host = at.address().is_unspecified() ? own_host_name() : at.address().to_string();
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(at.port());
}

std::shared_ptr<http::source_shares> request_memory_of(const settings& config) {
    const auto all = static_cast<std::uint64_t>(config.size("max-request-memory"));
    const auto share = static_cast<unsigned>(config.integer("source-share"));
    return std::make_shared<http::source_shares>(all, http::share_of(all, share));
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
    };

    impl(boost::asio::io_context& l, time_source& t, settings s, std::shared_ptr<log_sink> sink, disk& d)
        : loop(l),
          time(t),
          storage(d),
          config(std::move(s)),
          log(std::move(sink)),
          tokens(read_tokens(config.text("access-token-file"))),
          pool({}, l.get_executor(), t, process_metrics),
          client(pool, tokens.empty() ? std::string() : tokens.front()),
          request_memory(request_memory_of(config)),
          tasks(l.get_executor(), t) {
        describe_process();
    }

    void describe_process();
    void adopt(member m);
    void open(member& m, std::multimap<std::string, int>& inherited);
    [[nodiscard]] http::server_setup server_setup_of(const service& s) const;
    [[nodiscard]] http::allowed_hosts names() const;
    [[nodiscard]] std::vector<std::string> registries() const;
    [[nodiscard]] task<> pulse();
    [[nodiscard]] task<> serve(int* exit_code);
    void announce() const;

    boost::asio::io_context& loop;
    time_source& time;
    disk& storage;
    settings config;
    std::shared_ptr<log_sink> log;
    std::vector<std::string> tokens;
    metrics process_metrics;
    http::pooled_client pool;
    authorized_client client;
    std::shared_ptr<http::source_shares> request_memory;  // of all servers here
    double loop_lag_seconds = 0;
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
                             "Memory of connections and of requests that are not answered yet",
                             [this] { return static_cast<double>(request_memory->taken()); });
}

void host::impl::adopt(member m) {
    m.that->internals().attach(
        {loop.get_executor(), time, storage, config, log, client, process_metrics, client.authorization()});
    members.push_back(std::move(m));
}

http::server_setup host::impl::server_setup_of(const service& s) const {
    http::server_setup setup;
    setup.source = s.name();
    setup.most_connections = static_cast<std::size_t>(config.integer("max-connections"));
    setup.head_deadline = config.duration("header-timeout");
    setup.body_deadline = config.duration("body-timeout");
    setup.idle_deadline = config.duration("idle-timeout");
    setup.access_tokens = tokens;
    setup.max_requests = static_cast<std::size_t>(config.integer("max-requests"));
    setup.source_share = static_cast<unsigned>(config.integer("source-share"));
    setup.memory = request_memory;
    setup.hosts = names();
    return setup;
}

http::allowed_hosts host::impl::names() const {
    std::vector<std::string> urls;
    for (const auto& m : members) {
        urls.push_back(m.where.advertise);
        urls.push_back("http://" + m.where.address.host);
    }
    return own_host_names(config, urls);
}

void host::impl::open(member& m, std::multimap<std::string, int>& inherited) {
    auto& inside = m.that->internals();
    inside.open(server_setup_of(*m.that));
    // A socket that was opened for us: by our name, or the only one for the only service.
    auto given = inherited.find(m.where.label);
    if (given == inherited.end() && members.size() == 1 && inherited.size() == 1) given = inherited.begin();
    if (given != inherited.end()) {
        inside.server->adopt(given->second);
        inherited.erase(given);
    } else {
        const auto where = endpoint_of(m.where.address);
        try {
            inside.server->listen(where);
        } catch (const boost::system::system_error& e) {
            throw std::runtime_error("cannot listen on " + where.address().to_string() + ":" +
                                     std::to_string(where.port()) + " for " + m.where.label + ": " +
                                     e.code().message());
        }
    }
    const auto local = inside.server->local();
    inside.url = m.where.advertise.empty() ? url_of(local) : m.where.advertise;
}

std::vector<std::string> host::impl::registries() const {
    if (config.is_default("registry"))
        for (const auto& m : members)
            if (m.that->internals().is_registry) return {url_of(m.that->internals().server->local())};
    return config.list("registry");
}

// Ten times a second: log lines go out, the loop's lateness is measured, systemd hears that the loop turns.
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
    for (const auto& [label, url] : self->addresses()) text += label + " " + url + "\n";
    text += "ready\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    systemd::notify("READY=1");
}

task<> host::impl::serve(int* exit_code) {
    // From now on, since whoever reads "ready" may tell us to stop at once.
    boost::asio::basic_signal_set<executor> signals(loop.get_executor(), SIGTERM, SIGINT);
    self->start();
    announce();
    auto [ec, number] = co_await signals.async_wait(as_result);
    if (!ec) logger(log, "distd").info("stopping", {{"signal", number}});
    systemd::notify("STOPPING=1");
    // The second signal ends the process at once.
    boost::asio::basic_signal_set<executor> impatient(loop.get_executor(), SIGTERM, SIGINT);
    impatient.async_wait([](const boost::system::error_code& failure, int second) {
        if (!failure) ::_exit(128 + second);
    });
    if (!co_await self->stop()) {
        for (const auto& name : self->surviving_tasks())
            std::fprintf(stderr, "distd: would not end: %s\n", name.c_str());
        log->flush();
        log->drain();
        ::_exit(3);
    }
    impatient.cancel();
    *exit_code = 0;
}

host::host(boost::asio::io_context& loop, time_source& time, settings s, std::shared_ptr<log_sink> log,
           disk& storage)
    : impl_(std::make_unique<impl>(loop, time, std::move(s), std::move(log), storage)) {
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

void host::keep(std::shared_ptr<void> state) { impl_->kept.push_back(std::move(state)); }

void host::start() {
    raise_descriptor_limit();
    auto inherited = systemd::inherited_sockets();
    for (auto& m : impl_->members) impl_->open(m, inherited);
    const auto registries = impl_->registries();
    for (auto& m : impl_->members) m.that->internals().start(registries);
    impl_->tasks.spawn("pulse", [this] { return impl_->pulse(); });
}

std::vector<std::pair<std::string, std::string>> host::addresses() const {
    std::vector<std::pair<std::string, std::string>> result;
    for (const auto& m : impl_->members) result.emplace_back(m.where.label, m.that->url());
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
    impl_->pool.stop();
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
    int exit_code = 1;
    boost::asio::co_spawn(impl_->loop, impl_->serve(&exit_code), [&](std::exception_ptr failure) {
        if (failure) std::rethrow_exception(failure);
    });
    impl_->loop.run();
    impl_->log->drain();
    return exit_code;
}

}  // namespace distd
