// Counts its owner in a gauge for as long as it lives.
#pragma once

#include <distd/metrics.hpp>

namespace distd {

class gauge_hold {
public:
    explicit gauge_hold(gauge& g) noexcept : gauge_(g) { gauge_.add(1); }
    ~gauge_hold() { gauge_.add(-1); }
    gauge_hold(const gauge_hold&) = delete;
    gauge_hold& operator=(const gauge_hold&) = delete;

private:
    gauge& gauge_;
};

}  // namespace distd
