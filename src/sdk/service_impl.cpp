// A service while it runs: its place on the host's loop, the routes that every service has, its start and its
// end.
#include "sdk/service_impl.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/json/array.hpp>

#include "base/assert.hpp"
#include "base/random.hpp"
#include "http/client/client.hpp"
#include "http/message/client_request.hpp"
#include "http/message/registered_url.hpp"
#include "http/message/request_origin.hpp"
#include "sdk/registration/own_extras.hpp"
#include "sdk/secret_file.hpp"
#include "wire/owner_secret.hpp"
#include "wire/service_names.hpp"

namespace distd {
namespace {

constexpr int max_instances_tried = 3;

const http::shared_text& healthy_body() {
    static const http::shared_text body = std::make_shared<const std::string>(R"({"status":"ok"})");
    return body;
}

// Whether a call that failed like this may go to another instance: nothing reached the first one, or
// repeating is harmless.
bool may_try_another(const boost::system::error_code& failure, const http::call& c) {
    if (failure == errc::unreachable || failure == errc::untrusted || failure == errc::bad_address ||
        failure == errc::overloaded)
        return true;
    return failure == errc::connection_lost && (http::is_repeatable(c.method) || c.safe_to_repeat);
}

// Patches say where a service sends what it knows: a page of our own site has no more reason to send one than
// any other.
bool may_be_registry(const http::request& q) {
    return !http::is_from_page(q) && !http::is_through_gateway(q);
}

}  // namespace

host_resources& service::impl::host() {
    DISTD_ASSERT(resources != nullptr);  // the service does not run yet
    return *resources;
}

void service::impl::attach(host_resources r) {
    resources = std::make_unique<host_resources>(std::move(r));
    log = std::make_unique<logger>(resources->log, name);
    const auto report = [this](const std::string& task_name, const std::string& what) {
        log->error("task_failed", {{"task", task_name}, {"error", what}});
    };
    for (auto* group : {&registration_tasks, &shipping_tasks, &tasks}) {
        *group = std::make_unique<task_group>(resources->loop, resources->time);
        (*group)->on_failure(report);
    }
    tasks->on_failure([this, report](const std::string& task_name, const std::string& what) {
        report(task_name, what);
        if (failed_task.empty()) failed_task = task_name;
    });
}

void service::impl::detach() noexcept {
    tasks.reset();
    shipping_tasks.reset();
    registration_tasks.reset();
    shipper.reset();
    shipping_client.reset();
    configuration_watches.clear();
    registered_agent.reset();
    server.reset();
    resources.reset();
}

std::string service::impl::reason_not_ready() {
    if (stopping) return "the service is stopping";
    if (!ready) return "the service is starting";
    // Only a start waits: what is lost later is said where it is missed, and must not take this service down,
    // too.
    if (waits_until != steady_point() && waits_until > resources->time.now())
        for (const auto& needed : depends_on)
            if (!providers.has(needed)) return "no instance of " + needed + " is known yet";
    waits_until = {};
    if (!failed_task.empty()) return "the task " + failed_task + " has failed; see the log";
    for (const auto& check : health_checks)
        if (auto reason = check(); !reason.empty()) return reason;
    return {};
}

void service::impl::mount_platform_routes() {
    const http::route_options internal{.internal = true};
    const http::route_options patches{.body_limit = 4 << 20, .internal = true};
    const http::route_options open_internal{.internal = true, .open = true};
    const http::handler heartbeat = [this](http::request q) {
        if (registered_agent && registered_agent->is_registry(q.remote_address()))
            registered_agent->on_heartbeat();
        if (auto reason = reason_not_ready(); !reason.empty())
            return http::response::problem(503, "Not ready: " + reason + ".");
        return http::response::json_text(200, healthy_body());
    };
    const http::handler scrape = [this](http::request) {
        return http::response::text(200,
                                    resources->process_metrics.prometheus_text() + counters.prometheus_text())
            .content_type("text/plain; version=0.0.4; charset=utf-8");
    };
    routes.add({http::verb::get, "/heartbeat", heartbeat, open_internal});
    routes.add({http::verb::get, "/metrics", scrape, internal});
    if (is_registry) return;
    const http::handler owner = [this](http::request q) { return show_owner(q); };
    routes.add({http::verb::get, std::string(wire::owner_path) + "{id}", owner, open_internal});
    const http::handler update = [this](http::request q) { return take_patch(q); };
    routes.add({http::verb::post, "/services", update, patches});
}

// Whoever may read this service's own data may act as its owner, too.
void service::impl::make_owner_secret() {
    owner_secret = random_hex(64);
    owner_id = wire::owner_id_of(wire::owner_key_of(owner_secret));
    if (dir) keep_secret(resources->storage, dir->path(), "owner", owner_secret, *log);
}

// A registry asks before it believes that a key is this service's.
http::response service::impl::show_owner(const http::request& q) const {
    const bool is_ours = !owner_id.empty() && q.param("id") == owner_id;
    return is_ours ? http::response(200) : http::response::problem(404, "That is not the owner's id.");
}

http::response service::impl::take_patch(http::request q) {
    if (!may_be_registry(q)) {
        log->warn("patch_refused", {{"origin", q.header("Origin")}, {"via", q.header("Via")}});
        return http::response::problem(
            403, "Patches come from a registry: neither from a web page nor by a gateway.");
    }
    json_error error;
    const auto change = parse_patch(q.body(), error);
    if (!change) return http::response::problem(400, "That is not a patch: " + error.text + ".");
    const auto passed_over = providers.passed_over();
    const auto has_changed = providers.apply(*change);
    if (providers.passed_over() > passed_over)
        log->warn("providers_passed_over",
                  {{"count", providers.passed_over() - passed_over}, {"in_all", providers.passed_over()}});
    if (has_changed) {
        for (const auto& e : change->added) log->info("provider_added", {{"name", e.name}, {"url", e.url}});
        for (const auto& e : change->removed)
            log->info("provider_removed", {{"name", e.name}, {"url", e.url}});
        providers_changed();
    }
    return http::response(200);
}

void service::impl::providers_changed() {
    provider_changes.announce();
    if (shipper) shipper->provider_changed();
}

// After a registry lost its data, other services need a while to register again and to be pushed to us.
task<> service::impl::review_providers() {
    co_await sleep_for(resources->time, 2 * resources->config.duration("heartbeat-interval"));
    if (providers.drop_doubted()) providers_changed();
}

void service::impl::open(const http::server_setup& setup) {
    extras = own_extras(resources->config, tags, version);
    mount_platform_routes();
    server = std::make_unique<http::server>(setup, resources->loop, resources->time, routes, resources->log,
                                            counters);
}

// Lines go to a log service that the registry named, unless this is the log service or the registry itself.
void service::impl::start_shipping() {
    auto& r = *resources;
    if (line_tap) return r.log->tap(name, line_tap, url);
    const bool depends = std::ranges::find(depends_on, wire::log_service) != depends_on.end();
    if (!depends && !ships_by_itself) return;
    log_shipper_setup setup;
    setup.service = name;
    setup.instance = url;
    setup.provider = [this] { return providers.pick(wire::log_service, random_u64()); };
    setup.storage = &r.storage;
    setup.spool_dir = [this] { return own_folder(); };
    setup.spool_limit_bytes = r.config.size("spool-limit");
    // Under another name than ours: our own lines are what cannot be shipped.
    setup.complain = [this](std::string_view sentence) {
        logger(resources->log, "distd").warn("log_shipping", {{"service", name}, {"reason", sentence}});
    };
    http::client* client = &r.own_client;
    if (ships_by_itself) {
        setup.provider = ships_by_itself->pick;
        setup.only_records = true;
        http::client_setup calls;
        calls.keeps_after_bodies = true;
        calls.may_connect = ships_by_itself->may_connect;
        calls.credentials = r.admission;
        calls.trust = r.trust;
        calls.metrics_prefix = "distd_log_client";
        shipping_client =
            std::make_unique<http::pooled_client>(std::move(calls), r.loop, r.time, counters, r.look_up);
        client = shipping_client.get();
    }
    shipper = std::make_unique<log_shipper>(std::move(setup), *client, r.loop, r.time, counters);
    r.log->tap(
        name, [this](log_level, std::string_view record) { shipper->push(record); }, url);
    shipping_tasks->spawn("log shipper", [this] { return shipper->run(); });
}

// For what can be done without, as where lines wait for a log service. Empty when another instance has it.
std::string service::impl::own_folder() {
    try {
        if (!dir)
            dir = std::make_unique<distd::data_dir>(resources->storage,
                                                    resources->config.text("data-dir") + "/" + folder);
        return dir->path();
    } catch (const std::exception& e) {
        log->debug("no_data_folder", {{"error", e.what()}});
        return {};
    }
}

void service::impl::start_registering() {
    if (!registers || registries.empty()) return;
    auto& r = *resources;
    registration_agent_setup setup;
    setup.self = {name, url, depends_on, url + "/services", url + "/heartbeat", extras};
    setup.registries = registries;
    make_owner_secret();
    setup.owner_secret = owner_secret;
    setup.heartbeat_interval = r.config.duration("heartbeat-interval");
    setup.look_up = r.look_up;
    setup.credentials = r.admission;
    setup.trust = r.trust;
    setup.forgotten = [this] { providers.doubt_all(); };
    setup.registered = [this] {
        // An answer that is on its way when a stop cancels the agent is still delivered.
        if (stopping) return;
        registration_tasks->spawn("provider review", [this] { return review_providers(); });
    };
    registered_agent =
        std::make_unique<registration_agent>(std::move(setup), r.own_client, r.loop, r.time, *log);
    registration_tasks->spawn("registration", [this] { return registered_agent->run(); });
}

void service::impl::start(const std::vector<std::string>& known_registries) {
    registries = known_registries;
    server->start();
    start_shipping();
    start_registering();
    watch_configuration();
    for (auto& plan : background) tasks->spawn(plan.name, plan.factory);
    auto& r = *resources;
    const auto patience = r.config.duration("wait-for-dependencies");
    if (patience.count() > 0) waits_until = r.time.now() + patience;
    if (waits_for_dependencies) waits_until = steady_point::max();
    ready = true;
}

void service::impl::watch_configuration() {
    for (auto& plan : configurations) {
        if (registries.empty()) break;
        configuration_watch_setup setup{plan.directory, registries, plan.changed};
        auto& watch = configuration_watches.emplace_back(std::move(setup), resources->own_client,
                                                         resources->loop, resources->time, *log);
        tasks->spawn("configuration", [&watch] { return watch.run(); });
    }
}

task<> service::impl::leave() {
    stopping = true;
    if (!registered_agent) co_return;
    registration_tasks->cancel();
    if (co_await registration_tasks->join_until(resources->time.now() + seconds(1)))
        co_await registered_agent->leave(seconds(1));
}

task<> service::impl::drain_all(bool* done) {
    for (auto& step : drain_steps) co_await step();
    *done = true;
}

task<> service::impl::drain(steady_point deadline) {
    server->drain();
    bool settled = false;
    task_group steps(resources->loop, resources->time);
    steps.on_failure([this](const std::string& step, const std::string& what) {
        log->error("drain_failed", {{"step", step}, {"error", what}});
    });
    steps.spawn("drain", [this, &settled] { return drain_all(&settled); });
    if (!co_await steps.join_until(deadline)) {
        log->warn("drain_cut_short", {{"service", name}});
        steps.cancel();
        while (!co_await steps.join_until(steady_point::max())) {}
    }
    if (!co_await server->join_until(deadline))
        log->warn("requests_cut_short", {{"connections", server->connections()}});
}

task<bool> service::impl::end(steady_point deadline) {
    tasks->cancel();
    server->stop();
    const bool tasks_ended = co_await tasks->join_until(deadline);
    const bool connections_ended = co_await server->join_until(deadline);
    const bool registration_ended = co_await registration_tasks->join_until(deadline);
    shipping_tasks->cancel();
    const bool shipping_ended = co_await shipping_tasks->join_until(deadline);
    if (shipper && shipping_ended) co_await shipper->flush(seconds(1));
    if (shipping_client) shipping_client->stop();
    resources->log->tap(name, nullptr);
    co_return tasks_ended&& connections_ended&& registration_ended&& shipping_ended;
}

task<result<http::reply>> service::impl::send_to(std::string service_name, http::call c) {
    const auto deadline = resources->time.now() + c.deadline;
    const auto path = c.url;
    std::vector<std::string> tried;
    for (int attempt = 1;; ++attempt) {
        auto candidates = providers.list(service_name);
        if (tried.size() < candidates.size())
            std::erase_if(candidates, [&](const auto& u) {
                return std::find(tried.begin(), tried.end(), u) != tried.end();
            });
        if (candidates.empty()) co_return errc::no_provider;
        const auto& provider = candidates[random_below(candidates.size())];
        tried.push_back(provider);
        auto one = c;
        one.url = http::base_url_of(provider).append(path);
        one.deadline = std::chrono::duration_cast<milliseconds>(deadline - resources->time.now());
        if (one.deadline.count() <= 0) co_return errc::timed_out;
        auto answer = co_await resources->client.send(std::move(one));
        if (answer || attempt == max_instances_tried || !may_try_another(answer.error(), c)) co_return answer;
        if (tried.size() >= providers.list(service_name).size()) co_return answer;
    }
}

}  // namespace distd
