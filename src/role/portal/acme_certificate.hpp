// The portal's certificate, where a CA issues it by ACME: its settings, the place at which the CA finds the
// answers to its challenges, and the agent that comes by it.
#pragma once

#include <distd/service.hpp>
#include <distd/settings.hpp>
#include <vector>

#include "acme/acme_agent.hpp"
#include "http/client/client.hpp"
#include "sdk/certificate_state.hpp"

namespace distd::portal {

[[nodiscard]] std::vector<setting> acme_settings();
// Throws settings_error.
void check_acme_settings(const settings&);
[[nodiscard]] bool wants_acme(const settings&);

class acme_certificate {
public:
    // Where it is wanted. Mounts its route and starts its task.
    explicit acme_certificate(service&);

private:
    void mount();
    [[nodiscard]] task<> run();
    [[nodiscard]] certificate_state state() const;

    service& service_;
    http::pooled_client client_;  // of its own: it shows a CA none of our tokens
    acme::acme_agent agent_;
};

}  // namespace distd::portal
