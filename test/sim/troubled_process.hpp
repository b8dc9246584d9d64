// A process of the system on a bad day: its disk is full, sick or slow, its wall shows any time, it is
// stopped and killed in the middle of anything, its power is cut, and each time it starts again by itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/world.hpp"

namespace distd::sim {

class troubled_process {
public:
    // What happens while there is trouble, so often in relation to the others. A history leaves out half of
    // the kinds and dwells on others: what hides one mistake behind another one is missing in some.
    struct event {
        std::string kind;
        std::uint64_t weight;
        std::function<void()> happens;
    };

    troubled_process(world&, std::string name, std::string roles, std::vector<std::string> flags);

    void begin();
    void add(std::vector<event>);  // beside its own
    // Events, for so long; `check` is called after each.
    void trouble(milliseconds how_long, const std::function<void()>& check = {});
    // All faults end, and it runs.
    void heal();
    // In order, and started again; there is no trouble.
    void restart();
    // Killed, and started again so much later.
    void be_gone_for(milliseconds);

    [[nodiscard]] bool is_up() const { return world_.is_up(name_); }
    [[nodiscard]] steady_point last_start() const noexcept { return last_start_; }
    // Since when its disk has taken everything.
    [[nodiscard]] steady_point sound_since() const noexcept { return sound_since_; }

    // Since when neither its disk nor its own death can have kept it from storing what it has done. Ends in
    // order do not count.
    [[nodiscard]] steady_point undisturbed_since() const noexcept {
        return std::max(sound_since_, disturbed_at_);
    }
    [[nodiscard]] bool walls_were_right() const noexcept { return walls_were_right_; }

    // It has read whatever it wanted to read since its last start.
    [[nodiscard]] bool could_read_all() const noexcept { return could_read_all_; }

    [[nodiscard]] bool could_always_read() const noexcept { return could_always_read_; }

    std::function<void()> before_start;  // it was gone

private:
    void begin_after(milliseconds);
    void draw_weights();
    [[nodiscard]] page_disk& disk() { return world_.disk_of(name_); }
    [[nodiscard]] bool disk_is_well();
    void mend(const std::function<void(page_disk&)>&);
    [[nodiscard]] milliseconds soon();

    void stop();
    void kill();
    void kill_in_the_middle();
    void kill_while_writing();
    void cut_power();
    void fill_disk();
    void sicken_disk();
    void slow_disk();
    void turn_walls();

    world& world_;
    std::string name_;
    std::string roles_;
    std::vector<std::string> flags_;
    std::vector<event> events_;
    bool is_drawn_ = false;
    bool could_read_all_ = true;
    bool could_always_read_ = true;
    bool walls_were_right_ = true;
    steady_point last_start_;
    steady_point disturbed_at_;
    steady_point sound_since_;
};

}  // namespace distd::sim
