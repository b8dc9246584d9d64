// A service: its name, its dependencies, its routes. The SDK adds command-line flags, listening, registration
// and patches from the registry, heartbeat and metrics endpoints, log shipping, drain and graceful
// shutdown.
//
//     distd::service book("BookService", argc, argv);
//     book.depends_on("LogService").get("/books", list_books);
//     return book.run();
//
// A `service` outlives everything that runs in it. Its members may be used on the event loop's thread only.
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
    // Keeps the arguments; they are parsed by `run`, or by the first call of `config`.
    service(std::string name, int argc, char** argv);
    ~service();
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    // Declarations, to be made before `run`.
    service& listens_on(std::string address);  // default of --listen; otherwise 127.0.0.1 and a free port
    service& depends_on(
        std::string service_name);  // the registry pushes its instances; `pick`, `send_to` use them
    service& option(setting row);   // adds a setting of the service's own
    // Optional fields of the registration, in addition to the settings --instance-tags, --instance-zone and
    // --instance-weight; a registry of the base protocol ignores them. A tag has 1 to 256 bytes, a version up
    // to 256; otherwise `run` returns exit code 2.
    service& tagged(std::string tag);  // `gateway` exposes it through the portal
    service& version(std::string text);
    service& unregistered();  // does not register
    // Is not ready at its start (heartbeat 503) until every service it depends on has an instance. The
    // setting
    // --wait-for-dependencies does the same, with a timeout.
    service& waits_for_dependencies();

    // Subscribes to the registry's configuration below /config/DIRECTORY/. `changed` is called on the event
    // loop with the first state received (it may be empty) and after each change; intermediate states may be
    // skipped, the latest never. Until the first call, or for good where no registry of the list stores
    // configuration, the service's own defaults apply. While registries are unreachable, and when one comes
    // back without its data, the last values stay in use; keys deleted in a registry are deleted here, too.
    // `changed` must not throw: an exception ends the subscription, and the heartbeat reports it.
    service& configured_by(std::string directory, configuration_handler changed);

    // Routes. A path may contain parameters, "/books/{isbn}", and end in one that matches the rest,
    // "/files/{path...}". GET routes answer HEAD, too; OPTIONS, 404 and 405 are answered automatically. A
    // handler returns a `response`, a coroutine that finds one (`task<response>`), or `http::deferred`.
    service& get(std::string path, http::handler h, http::route_options o = {});
    service& post(std::string path, http::handler h, http::route_options o = {});
    service& put(std::string path, http::handler h, http::route_options o = {});
    service& patch(std::string path, http::handler h, http::route_options o = {});
    service& del(std::string path, http::handler h, http::route_options o = {});
    service& route(http::verb, std::string path, http::handler h, http::route_options o = {});

    // A coroutine that runs in the background once the service listens, and is cancelled at the stop. The
    // factory is kept alive as long as the coroutine runs.
    service& background(std::string name, std::function<task<>()> factory);
    // Awaited at the stop, when no new connections are accepted and nothing is cancelled yet: finish work
    // that clients wait for. Limited by --drain-timeout.
    service& on_drain(std::function<task<>()> step);
    // Called for GET /heartbeat: an empty string means healthy, any other is the reason of a 503.
    service& health(std::function<std::string()> reason);

    // Receives every log line (info and above) and access line instead of shipping them to the log service:
    // each the JSON object that would be shipped, without a newline. Called on the event loop.
    service& on_log_line(std::function<void(log_level, std::string_view record)> take);

    // While it runs (and, in a role's constructor, before).
    [[nodiscard]] const std::string& name() const noexcept;
    [[nodiscard]] const settings& config();
    [[nodiscard]] const logger& log() const;
    [[nodiscard]] distd::metrics& metrics() noexcept;
    [[nodiscard]] time_source& time() const noexcept;
    [[nodiscard]] http::client& http() const;
    [[nodiscard]] executor loop() const noexcept;
    [[nodiscard]] std::string url() const;       // as registered; the port is known once the service listens
    [[nodiscard]] std::string data_dir() const;  // its directory below --data-dir: created, locked, mode 0700
    void spawn(std::string name, std::function<task<>()> factory);  // cancelled at the stop
    [[nodiscard]] bool stopping() const noexcept;

    // URLs of the instances of a dependency, as pushed by the registry; exactly as they were registered.
    [[nodiscard]] std::vector<std::string> providers(std::string_view service_name) const;
    // A random one of them, or nullopt.
    [[nodiscard]] std::optional<std::string> pick(std::string_view service_name) const;
    // Sends `c`, whose url is a path ("/students"), to an instance of the dependency. When that instance is
    // unreachable, or the call is safe to repeat, another one is tried within the deadline. Fails with
    // no_provider when no instance is known.
    [[nodiscard]] task<result<http::reply>> send_to(std::string service_name, http::call c);
    // True once an instance is known, false after `span`.
    [[nodiscard]] task<bool> wait_for(std::string service_name, milliseconds span);

    // Listens, registers and serves until SIGTERM or SIGINT, then drains. Returns the exit code: 0 clean
    // stop, 1 cannot start, 2 bad settings, 3 stopped with tasks that did not end.
    [[nodiscard]] int run();

    struct impl;
    explicit service(std::unique_ptr<impl>);  // used by the host for roles
    [[nodiscard]] impl& internals() noexcept { return *impl_; }

private:
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
