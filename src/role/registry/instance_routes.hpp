// The routes of one instance, /services/{id}/...: it reports in, and operators drain or forget it. The id is
// the ServiceURL, percent-encoded. /drain takes the URL in its body, as it was registered.
#pragma once

#include <distd/service.hpp>
#include <optional>
#include <string>

#include "role/registry/registry.hpp"

namespace distd::registry {

class instance_routes {
public:
    instance_routes(service&, registry&);

private:
    [[nodiscard]] http::response hear(http::request);
    using change_function = task<result<>> (registry::*)(registry::instance_request);
    [[nodiscard]] http::handler changing(change_function);
    [[nodiscard]] task<http::response> change(http::request, change_function);
    // Nothing, and the answer in `problem`: it is not to be made.
    [[nodiscard]] std::optional<registry::instance_request> read_change(
        const http::request&, std::optional<http::response>& problem) const;
    // Nothing: `who`, who asks, may change that instance.
    [[nodiscard]] std::optional<http::response> refuse_strangers(const http::request&, const std::string& url,
                                                                 claimant& who) const;
    [[nodiscard]] http::response answer(const result<>&) const;
    [[nodiscard]] http::response refusal(int status, std::string sentence) const;

    registry& registry_;
};

}  // namespace distd::registry
