// The calls that a registry makes to those who registered: to where it may, all over the same kept
// connections, each target looked up once.
#pragma once

#include <distd/service.hpp>
#include <memory>
#include <string>

#include "http/client/slim_caller.hpp"
#include "role/registry/call_targets.hpp"

namespace distd::registry {

class outgoing_calls {
public:
    outgoing_calls(service&, const call_targets& allowed);

    // Whom a URL leads to. `beside` lies beside whom the URL belongs to: what is looked up for the first call
    // is found there by all later ones.
    [[nodiscard]] std::shared_ptr<const http::call_target> target(std::shared_ptr<const void>& beside,
                                                                  const std::string& url);
    // `told` is called once, never before this returns.
    void send(http::slim_request, http::status_completion told);
    [[nodiscard]] task<> run() { return caller_.run(); }  // until cancelled

private:
    http::slim_caller caller_;
};

}  // namespace distd::registry
