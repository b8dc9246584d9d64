// A log and those who send it lines: a line that was answered is there once, in the order of the answers, and
// whatever is there is what somebody sent, however often its process is killed, its disk is full, sick or
// gives back nothing, and its power is cut.
#pragma once

#include "sim/world.hpp"

namespace distd::sim {

void run_log_history(world&);

}  // namespace distd::sim
