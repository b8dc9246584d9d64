// Probes instances that are gone, seldom, and reports those that answer again. Beside `prober`, which has the
// instances that are registered.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <string_view>

#include "role/registry/core/gone_instances.hpp"
#include "role/registry/outgoing_calls.hpp"

namespace distd::registry {

class return_probes {
public:
    using return_function = std::function<void(const gone_instances::gone&)>;

    // `on_return` is called again after the next probe, unless the instance was forgotten by then. `timeout`:
    // of a probe, where the registration says nothing else.
    return_probes(service&, outgoing_calls&, milliseconds timeout, return_function on_return);

    void put(gone_instances::gone);
    void forget(std::string_view url) { gone_.forget(url); }
    [[nodiscard]] const gone_instances& known() const noexcept { return gone_; }

    [[nodiscard]] task<> run();  // until cancelled

private:
    static constexpr std::size_t max_under_way = 16;

    void start_probes();
    void check(const gone_instances::gone&);

    service& service_;
    outgoing_calls& calls_;
    const milliseconds timeout_;
    return_function on_return_;
    gone_instances gone_;
    alarm_clock bell_;
    std::size_t under_way_ = 0;
};

}  // namespace distd::registry
