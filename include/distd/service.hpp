// A service of the system: a name, what it requires, its routes. It gets for free: flags, listening,
// registration and patches from the registry, heartbeat and metrics endpoints, remote logging, drain and a
// clean stop.
//
//     distd::service book("BookService", argc, argv);
//     book.depends_on("LogService").get("/books", list_books);
//     return book.run();
//
// A `service` outlives everything that runs in it. All of its members are used on the loop's thread only.
#pragma once

#include <distd/configuration.hpp>
#include <distd/http.hpp>
#include <distd/json.hpp>
#include <distd/logger.hpp>
#include <distd/metrics.hpp>
#include <distd/settings.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace distd {

class service {
public:
    // Remembers the arguments; they are judged by `run`, or by the first call of `config`.
    service(std::string name, int argc, char** argv);
    ~service();
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    // What it is. To be said before `run`.
    service& listens_on(std::string address);  // the default of --listen; else 127.0.0.1 and any free port
    service& depends_on(
        std::string service_name);  // its instances are pushed to us and found by `pick` and `call`
    service& option(setting row);   // a setting of its own
    // Told to the registry, beside the settings --instance-tags, --instance-zone and --instance-weight of
    // whoever starts it; a registry of the base protocol passes over all of them. A tag has 1 to 256 bytes, a
    // version up to 256: others end `run` with exit code 2.
    service& tagged(std::string tag);  // `gateway`: the portal passes requests on to it
    service& version(std::string text);
    service& unregistered();  // takes no part in the registry
    // At its start not ready (heartbeat 503) before every service it depends on has an instance. The setting
    // --wait-for-dependencies asks for the same, with an end.
    service& waits_for_dependencies();

    // Its configuration comes live from the registry: what /config/DIRECTORY/ holds there. `changed` is
    // called on the loop, with the first state that a registry tells (be it empty) and then with each other
    // one; states that follow each other quickly may be skipped, the last never. Until the first call, and
    // for good where no registry of the list keeps a configuration, the service's own defaults hold. While
    // the registries are away, and when one comes back without its data, the last values stay in use; what is
    // deleted in a registry is deleted here, too. `changed` does not throw: that ends it, and is told by the
    // heartbeat.
    service& configured_by(std::string directory, configuration_handler changed);

    // Routes. A path may hold parameters: "/books/{isbn}", and end in one that takes the rest:
    // "/files/{path...}". HEAD follows GET; OPTIONS, 404 and 405 are answered from the table. A handler that
    // returns `response` answers at once; one that returns `task<response>` may wait.
    service& get(std::string path, http::quick_handler h, http::route_options o = {});
    service& get(std::string path, http::handler h, http::route_options o = {});
    service& post(std::string path, http::quick_handler h, http::route_options o = {});
    service& post(std::string path, http::handler h, http::route_options o = {});
    service& put(std::string path, http::handler h, http::route_options o = {});
    service& patch(std::string path, http::handler h, http::route_options o = {});
    service& del(std::string path, http::handler h, http::route_options o = {});
    service& route(http::verb, std::string path, http::quick_handler h, http::route_options o = {});
    service& route(http::verb, std::string path, http::handler h, http::route_options o = {});

    // A coroutine that runs beside the routes once the service listens, and is cancelled when it stops. The
    // factory is kept as long as the coroutine runs.
    service& background(std::string name, std::function<task<>()> factory);
    // Awaited at the stop, after the last new connection was taken and before anything is cancelled: settle
    // what clients are owed. Bounded by --drain-timeout.
    service& on_drain(std::function<task<>()> step);
    // Asked by GET /heartbeat: empty when it can serve, else the reason why not (503).
    service& health(std::function<std::string()> reason);

    // Told each line that this service logs at info and above, and of its requests, on the loop; instead of
    // the log service.
    service& on_log_line(std::function<void(log_level, std::string_view line)> take);

    // While it runs (and, in a role's constructor, before).
    [[nodiscard]] const std::string& name() const noexcept;
    [[nodiscard]] const settings& config();
    [[nodiscard]] const logger& log() const;
    [[nodiscard]] distd::metrics& metrics() noexcept;
    [[nodiscard]] time_source& time() const noexcept;
    [[nodiscard]] http::client& http() const;
    [[nodiscard]] executor loop() const noexcept;
    [[nodiscard]] std::string url() const;       // as registered; the port is known once it listens
    [[nodiscard]] std::string data_dir() const;  // its own folder in --data-dir: made, locked, mode 0700
    void spawn(std::string name, std::function<task<>()> factory);  // a child that is cancelled at the stop
    [[nodiscard]] bool stopping() const noexcept;

    // Instances of a service it depends on, as pushed by the registry; URLs exactly as they were registered.
    [[nodiscard]] std::vector<std::string> providers(std::string_view service_name) const;
    // One of them at random, or nothing.
    [[nodiscard]] std::optional<std::string> pick(std::string_view service_name) const;
    // Sends `c`, whose url is a path ("/students"), to an instance of the service. When nobody answered at
    // that instance, or it is safe to repeat, another one is tried within the deadline. no_provider when none
    // is known.
    [[nodiscard]] task<result<http::reply>> send_to(std::string service_name, http::call c);
    // True once an instance is known, false when `span` has passed.
    [[nodiscard]] task<bool> wait_for(std::string service_name, milliseconds span);

    // Listens, registers and serves until SIGTERM or SIGINT, then drains. The process' exit code: 0 a clean
    // stop, 1 cannot start, 2 bad settings, 3 stopped with tasks that would not end.
    [[nodiscard]] int run();

    struct impl;
    explicit service(std::unique_ptr<impl>);  // used by the host for roles
    [[nodiscard]] impl& internals() noexcept { return *impl_; }

private:
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
