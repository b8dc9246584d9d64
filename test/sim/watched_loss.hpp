// One service that is lost for minutes and back for a while, again and again, and what is made of it: the
// messages of an alert, and the health over time. Throws broken_promise where a loss is not reported, is
// reported again, or shown as a time in which all was well.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "sim/peer.hpp"
#include "sim/troubled_process.hpp"

namespace distd::sim {

class watched_loss {
public:
    // `registry`: where it is, empty while there is none.
    watched_loss(world&, troubled_process&, test::patch_validator&, std::function<std::string()> registry);

    void begin();
    // To be called again and again, with how many of the others are not well.
    void look(bool may_be_guarded);
    // There is no trouble any more: one more loss, over a restart and a death of the registry.
    void end();

    [[nodiscard]] const std::string& url() const noexcept { return lost_.url(); }

private:
    void die();
    void come_back();
    void turn();
    void put_alert();
    void hear(const std::shared_ptr<heard_request>&);
    void check_messages();
    void check_health();
    void read_health(const peer_answer&);
    void note_minutes();
    [[nodiscard]] bool was_quiet_since(steady_point) const;
    [[nodiscard]] std::int64_t minute_now() const;

    world& world_;
    troubled_process& process_;
    std::function<std::string()> registry_;
    peer lost_;
    peer_server hook_;
    bool has_alert_ = false;
    steady_point alert_since_ = steady_point::max();
    steady_point guarded_at_;  // the last time at which a guard may have been on
    steady_point changed_at_;  // it died, or came back
    bool is_clear_ = false;    // nobody can take this loss for the one before
    bool goes_on_ = true;
    bool failed_last_ = false;  // of the messages
    int losses_told_ = 0;       // of the present loss, or the last one
    int returns_told_ = 0;
    std::set<std::int64_t> dead_in_;  // minutes in which the registry must have seen that it was dead
    std::set<std::int64_t> gone_in_;  // and in which there was no registry
    std::int64_t noted_ = 0;
    steady_point next_reading_;
};

}  // namespace distd::sim
