// Sends what the alerts decide, and has it stored before and after. Calls over connections of its own, a few
// for each alert, each with a deadline: a webhook that hangs takes nothing from probes and patches, and ends
// with the service. What was not sent by then is sent after the next start.
#pragma once

#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <functional>
#include <string>
#include <vector>

#include "http/client/client_call.hpp"
#include "role/registry/alerts/alerts.hpp"
#include "role/registry/change_log.hpp"
#include "role/registry/outgoing_client.hpp"

namespace distd::registry {

class alert_sender {
public:
    alert_sender(service&, const directory&, change_log&, std::vector<alert_row> kept);

    // The configuration, before `start` what is there already.
    void configure(const std::string& name, std::string_view value);
    void remove(const std::string& name);
    void start();
    // To be called after each change of the directory.
    void look() noexcept {
        if (alerts_.any()) bell_.wake();
    }

    using test_completion = std::function<void(const alerts::attempt&)>;
    // False, and nothing is called: there is nothing to send, or a test is under way.
    [[nodiscard]] bool test(const std::string& name, const std::string& who, test_completion on_done);

    [[nodiscard]] const alerts& state() const noexcept { return alerts_; }
    [[nodiscard]] std::string as_json() const;
    [[nodiscard]] task<> run();                             // until cancelled
    [[nodiscard]] task<> calls() { return client_.run(); }  // likewise: ends those under way

private:
    [[nodiscard]] moment now() const { return {service_.time().now(), service_.time().wall()}; }
    void store(alert_change);
    void send(alerts::delivery, test_completion on_done = {});
    void finish(const alerts::delivery&, const alerts::attempt&);

    service& service_;
    change_log& change_log_;
    alerts alerts_;
    outgoing_client client_;
    counter& delivered_;
    counter& failed_;
    counter& given_up_;
    alarm_clock bell_;
};

}  // namespace distd::registry
