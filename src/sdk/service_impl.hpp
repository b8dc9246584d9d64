// The state behind `service`: what its author set before the start, and what the host lends it while it runs.
#pragma once

#include <deque>
#include <distd/service.hpp>
#include <memory>

#include "base/announcer.hpp"
#include "base/disk.hpp"
#include "base/logging/log_sink.hpp"
#include "base/task_group.hpp"
#include "http/access/access_control.hpp"
#include "http/client/client.hpp"
#include "http/server/server.hpp"
#include "sdk/certificate_state.hpp"
#include "sdk/data_dir.hpp"
#include "sdk/log_shipping/log_shipper.hpp"
#include "sdk/registration/configuration_watch.hpp"
#include "sdk/registration/provider_book.hpp"
#include "sdk/registration/registration_agent.hpp"

namespace distd {

// Lent by the host to each of its services.
struct host_resources {
    executor loop;
    time_source& time;
    disk& storage;
    const settings& config;
    std::shared_ptr<log_sink> log;
    http::client& client;  // for calls of the service's author
    http::client&
        own_client;  // what the SDK itself sends to registries and log services: no visitor's bodies
    metrics& process_metrics;
    http::resolver::lookup look_up;
    std::shared_ptr<http::access_control> admission;        // of those who call us, and ours at others
    std::shared_ptr<const http::tls_client> trust;          // in peers with https://
    std::shared_ptr<const http::tls_client> trust_outside;  // in those that are not of the system
    std::function<std::vector<certificate_state>()> certificates;
    std::function<void(certificate_source)> show_certificate;
    std::function<void()> certificate_changed;
};

struct service::impl {
    struct configuration_plan {
        std::string directory;
        configuration_handler changed;
    };
    struct task_plan {
        std::string name;
        std::function<task<>()> factory;
    };

    explicit impl(std::string service_name) : name(std::move(service_name)) {}

    // Set by the service's author.
    std::string name;
    std::string folder;  // below --data-dir
    std::vector<std::string> arguments;
    std::string default_address = "127.0.0.1:0";
    std::vector<std::string> depends_on;
    std::vector<setting> own_settings;
    std::vector<std::string> tags;
    std::string version;
    bool registers = true;
    bool waits_for_dependencies = false;
    http::router routes;
    bool is_registry = false;  // has its own POST /services
    std::vector<task_plan> background;
    std::vector<configuration_plan> configurations;
    std::vector<std::function<task<>()>> drain_steps;
    std::vector<std::function<std::string()>> health_checks;
    log_sink::record_taker line_tap;
    // For a service that is sent no patches: where else it learns of log services, and which addresses it may
    // send lines to, as whoever registers can say that it is one.
    struct shipping_plan {
        std::function<std::optional<std::string>()> pick;
        std::function<bool(const boost::asio::ip::tcp::endpoint&)> may_connect;
    };
    std::optional<shipping_plan> ships_by_itself;

    // Settings that were parsed before a host existed.
    std::unique_ptr<settings> parsed;

    // While it runs.
    void attach(host_resources r);
    void detach() noexcept;  // the host and its loop are about to go, and the service may outlive them
    [[nodiscard]] host_resources& host();
    void mount_platform_routes();
    void open(const http::server_setup& setup);
    void watch_configuration();
    void start_registering();
    void start_shipping();
    [[nodiscard]] std::string own_folder();
    void start(const std::vector<std::string>& known_registries);
    [[nodiscard]] task<> leave();  // out of the registry
    [[nodiscard]] task<> drain(steady_point deadline);
    [[nodiscard]] task<bool> end(steady_point deadline);  // false: tasks would not end
    [[nodiscard]] std::string reason_not_ready();
    [[nodiscard]] http::response take_patch(http::request q);
    void make_owner_secret();
    [[nodiscard]] http::response show_owner(const http::request& q) const;
    void providers_changed();
    [[nodiscard]] task<> review_providers();
    [[nodiscard]] task<> drain_all(bool* done);
    [[nodiscard]] task<result<http::reply>> send_to(std::string service_name, http::call c);

    distd::metrics counters;
    std::unique_ptr<host_resources> resources;
    std::unique_ptr<logger> log;
    std::unique_ptr<distd::data_dir> dir;
    std::unique_ptr<http::server> server;
    std::string url;                      // to register
    std::vector<std::string> listens_at;  // as URLs, with TLS and without, whatever it registers
    extras_ptr extras;                    // of its registration
    std::string owner_secret;             // of its registration; of this life only
    std::string owner_id;                 // that registries keep of it
    provider_book providers;
    std::vector<std::string> registries;  // asked in turn
    announcer provider_changes;           // in `providers`
    std::unique_ptr<registration_agent> registered_agent;
    std::deque<configuration_watch> configuration_watches;
    std::unique_ptr<http::pooled_client> shipping_client;  // for `ships_by_itself`
    std::unique_ptr<log_shipper> shipper;
    std::string failed_task;  // the first one; empty while none has
    bool ready = false;
    steady_point waits_until;  // for its dependencies; when it waits for them at all
    bool stopping = false;
    std::unique_ptr<task_group> registration_tasks;
    std::unique_ptr<task_group> shipping_tasks;
    std::unique_ptr<task_group> tasks;  // the service's own
};

}  // namespace distd
