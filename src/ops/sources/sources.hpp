// The services that the console asks, together.
#pragma once

#include <distd/service.hpp>

#include "ops/model/page_snapshot.hpp"
#include "ops/sources/gateway_source.hpp"
#include "ops/sources/log_source.hpp"
#include "ops/sources/registry_source.hpp"

namespace distd::ops {

struct sources {
    explicit sources(service& s) : own(s), registry(s), log(s), gateway(s) {}

    // What they tell now. All are asked at the same time, so that a page waits for the slowest only.
    [[nodiscard]] task<page_snapshot> take_snapshot(time_range);

    service& own;
    registry_source registry;
    log_source log;
    gateway_source gateway;
};

}  // namespace distd::ops
