// One process' worth of services on one loop: opens their ports, starts them, stops them in order. The same
// object serves `distd`, a stranger's service and tests that run several roles in one process.
#pragma once

#include <boost/asio/io_context.hpp>
#include <distd/service.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.hpp"
#include "base/logging/log_sink.hpp"
#include "base/settings/options.hpp"
#include "http/client/lookup_pool.hpp"

namespace distd {

class host {
public:
    // `look_up` finds the addresses of host names, on threads.
    host(boost::asio::io_context& loop, time_source&, settings, std::shared_ptr<log_sink>,
         disk& = real_disk(), http::blocking_lookup look_up = http::ask_system);
    ~host();
    host(const host&) = delete;
    host& operator=(const host&) = delete;

    struct place {
        std::string label;                          // in announcements; names the service's folder, too
        host_port address;                          // port 0: any free one
        std::string advertise = {};                 // the URL to register; empty: the address it listens on
        std::optional<host_port> tls_address = {};  // where it listens with TLS, too
        std::string needs_tls = {};                 // as a listener's
    };
    // A service of this process, which the host owns. In order of start; they stop in reverse. Without a
    // service name it registers nowhere.
    service& add(const place&, const std::string& service_name, const std::vector<std::string>& depends_on);
    // One that somebody else owns.
    void add(const place&, service&);
    // What the start says of a service where a person reads it: what it is for, and the path at which one
    // begins, which is empty where it has no pages.
    struct introduction {
        std::string purpose;
        std::function<std::string()> entry_path;
    };
    void introduce(const std::string& label, introduction);
    // Kept until all tasks have ended, and destroyed before the services: what routes and tasks refer to.
    void keep(std::shared_ptr<void> state);

    // Opens every port, then starts every service. Throws what says why it cannot; nothing runs then.
    void start();
    // Where each service listens, by label, as http://HOST:PORT; with TLS, by label and "-tls", as https://.
    [[nodiscard]] std::vector<std::pair<std::string, std::string>> addresses() const;

    // The stop sequence. True when every task has ended; false: `surviving_tasks` names those that would not.
    [[nodiscard]] task<bool> stop();
    [[nodiscard]] std::vector<std::string> surviving_tasks() const;

    // Starts, announces the addresses on stdout (for people, where that is a terminal), serves until SIGTERM
    // or SIGINT, stops: the process' exit code.
    [[nodiscard]] int run();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
