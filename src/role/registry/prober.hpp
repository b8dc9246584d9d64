// Probes instances as their health is due, and has what comes of it recorded: losses, returns, and the turns
// of the guard against mass failures.
#pragma once

#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <functional>
#include <utility>

#include "role/registry/core/directory.hpp"
#include "role/registry/outgoing_calls.hpp"

namespace distd::registry {

class prober {
public:
    using record_function = std::function<void(change)>;

    // `interval`: the usual one between two probes of an instance.
    prober(service&, outgoing_calls&, directory&, milliseconds interval, record_function);

    [[nodiscard]] task<> run();  // until cancelled
    // Something may be due earlier than it was. To be called after each change: most are of no instance that
    // is watched.
    void look() noexcept {
        const auto version = directory_.health().version();
        if (std::exchange(seen_version_, version) != version || next_probes() < due_) bell_.wake();
    }

private:
    void start_probes();
    void review_health();
    void check(health_engine::probe);
    void checked(const health_engine::probe&, steady_point sent, result<http::reply> answer);
    [[nodiscard]] steady_point next_probes() const noexcept;

    service& service_;
    outgoing_calls& calls_;
    directory& directory_;
    const milliseconds step_;
    record_function record_;
    counter& passed_;
    counter& failed_;
    alarm_clock bell_;
    std::uint64_t seen_version_ = 0;  // of health, when we were told to look
    bool guard_was_on_ = false;
    steady_point started_;                    // the last time
    steady_point due_ = steady_point::max();  // until when `run` waits
};

}  // namespace distd::registry
