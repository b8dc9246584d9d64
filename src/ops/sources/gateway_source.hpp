// The gateways, all portals together: what passed them, and their routes.
#pragma once

#include <array>
#include <distd/service.hpp>
#include <optional>
#include <string>
#include <vector>

#include "ops/answers/gateway_answers.hpp"
#include "ops/model/facts.hpp"
#include "ops/model/time_range.hpp"
#include "ops/sources/shared_source.hpp"

namespace distd::ops {

class gateway_source {
public:
    explicit gateway_source(service&);

    // They keep six hours: what is asked for more gets those.
    [[nodiscard]] task<source_view<traffic_history>> history(time_range r,
                                                             std::optional<steady_point> asked = {}) {
        return while_present(histories_[r == time_range::hour ? 0 : 1], presence_, asked);
    }
    [[nodiscard]] task<source_view<gateway_state>> state(std::optional<steady_point> asked = {}) {
        return while_present(state_, presence_, asked);
    }
    void refresh(time_range r) { histories_[r == time_range::hour ? 0 : 1].refresh(); }
    [[nodiscard]] std::vector<std::string> addresses() const;

private:
    [[nodiscard]] send_function sender();
    [[nodiscard]] task<fetched<bool>> look_for_them();

    service& service_;
    shared_source<bool> presence_;
    std::array<shared_source<traffic_history>, 2> histories_;
    shared_source<gateway_state> state_;
};

}  // namespace distd::ops
