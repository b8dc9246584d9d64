// Keeps one service registered: registers with backoff until the registry is there, notices a registry that
// forgot us (restarted, lost its data) and registers again, once, and deregisters once on the way out.
#pragma once

#include <distd/http.hpp>
#include <distd/logger.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/client/peer_watch.hpp"
#include "http/client/resolver.hpp"
#include "wire/registration.hpp"

namespace distd::http {
class access_control;
class tls_client;
}  // namespace distd::http

namespace distd {

struct registration_agent_setup {
    registration self;
    std::vector<std::string> registries;  // base URLs, tried in order; at least one
    std::string owner_secret{};  // whose key proves to a registry that it is us again; empty: nothing does
    milliseconds heartbeat_interval{3000};  // how often a registry is expected to probe us
    // Called before each registration after the first: the instances that it pushed before may be out of
    // date.
    std::function<void()> forgotten{};
    // Called when a registry has taken us.
    std::function<void()> registered{};
    using peer_watch_function =
        std::function<task<http::peer_watch_end>(http::peer_watch_setup, std::function<void()> held)>;
    http::resolver::lookup look_up{};  // of the registries' names
    std::shared_ptr<http::access_control> credentials{};
    std::shared_ptr<const http::tls_client> trust{};  // for registries with https://
    peer_watch_function peer_watch{};  // http/client/peer_watch's when empty; tests set their own
};

class registration_agent {
public:
    registration_agent(registration_agent_setup, http::client&, executor, time_source&, const logger&);
    ~registration_agent();

    [[nodiscard]] task<> run();    // until cancelled
    void on_heartbeat() noexcept;  // a registry probed us
    // Whether a registry may call from that address: a probe from anywhere else is no sign of one.
    [[nodiscard]] bool is_registry(const std::string& address);
    // DELETE, when registered; called after `run` was cancelled.
    [[nodiscard]] task<> leave(milliseconds within);
    [[nodiscard]] bool registered() const noexcept;
    [[nodiscard]] std::string problem() const;  // empty when registered, else a sentence for people

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
