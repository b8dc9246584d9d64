// What a verb that follows something says, and how long it waits, while that is away. One life of it each.
#pragma once

#include <string>
#include <string_view>

#include "client/system/context.hpp"

namespace distd::ops::client {

class reconnection {
public:
    // `whom`: "the registry".
    reconnection(context& c, std::string whom) : c_(c), whom_(std::move(whom)) {}

    // It answers. Says so, if it had been lost: "the registry is back".
    void found(std::string_view detail = {});
    // It does not. Says so the first time: "lost the registry at ...; waiting for it". Returns when it is to
    // be tried again.
    [[nodiscard]] task<> lost(std::string detail);

private:
    context& c_;
    std::string whom_;
    unsigned failures_ = 0;  // since it was there
};

}  // namespace distd::ops::client
