// Bounds how many probes go to one host in a second, however many instances name it. A host is what the URL
// writes, in small letters; one of loopback gets ten times as many. Pure: `now` is passed in.
#pragma once

#include <distd/time.hpp>
#include <memory>
#include <string_view>

#include "role/registry/core/url_map.hpp"

namespace distd::registry {

class host_pacer {
    struct pace {
        steady_point next = steady_point::min();  // when a probe may go out
        steady_point::duration gap{};             // between two
    };

public:
    // An instance's place among all that are probed at its host. A default one is not bounded.
    class place {
    public:
        // When its probe may go out: at once (the earliest of all times), or at a time after `now`, which is
        // reserved for it. Called again at that time, it lets the probe go at once.
        [[nodiscard]] steady_point next_turn(steady_point now) noexcept;

    private:
        friend class host_pacer;
        std::shared_ptr<pace> host_;
        bool is_reserved_ = false;
    };

    // 0: any number.
    explicit host_pacer(std::size_t max_per_second) : max_per_second_(max_per_second) {}

    [[nodiscard]] place place_at(std::string_view heartbeat_url);

private:
    void forget_unused();

    std::size_t max_per_second_;
    url_map<std::weak_ptr<pace>> hosts_;
    std::size_t forget_at_ = 64;  // so many hosts
};

}  // namespace distd::registry
