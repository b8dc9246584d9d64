// The routes of one instance, /services/{id}/...: it reports in, and operators drain it. The id is the
// ServiceURL, percent-encoded.
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
    [[nodiscard]] task<http::response> drain(http::request);
    [[nodiscard]] task<http::response> end_drain(http::request);
    // Nothing: who asks may change that instance.
    [[nodiscard]] std::optional<http::response> refuse_strangers(const http::request&,
                                                                 const std::string& url) const;
    [[nodiscard]] http::response answer(const result<>&) const;
    [[nodiscard]] http::response refusal(int status, std::string sentence) const;

    registry& registry_;
};

}  // namespace distd::registry
