// Brings subscribers up to date: sends the patches that the dispatcher wants sent, and tells it what became
// of each.
#pragma once

#include <distd/metrics.hpp>
#include <distd/service.hpp>
#include <string>

#include "role/registry/core/directory.hpp"
#include "role/registry/outgoing_calls.hpp"
#include "role/registry/watch/watch_board.hpp"

namespace distd::registry {

class patch_sender {
public:
    patch_sender(service&, outgoing_calls&, directory&);

    [[nodiscard]] task<> run();  // until cancelled
    // There may be something to send. To be called after each change.
    void look() noexcept {
        if (dispatcher_.has_waiting()) bell_.wake();
    }

    // Until that subscriber holds all it should, `deadline` at the latest.
    [[nodiscard]] task<> settled(std::string url, steady_point deadline);

private:
    void deliver(dispatcher::delivery);
    void delivered(const dispatcher::delivery&, const result<http::reply>& answer);

    service& service_;
    outgoing_calls& calls_;
    const catalog& instances_;
    dispatcher& dispatcher_;
    counter& arrived_;
    counter& refused_;
    counter& in_doubt_;
    alarm_clock bell_;
    watch_board waiting_;  // for subscribers to be settled, by URL; never runs: coroutines only wait here
};

}  // namespace distd::registry
