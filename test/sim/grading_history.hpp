// A grade book and those who enter grades, on a bad day: answers are lost, requests are sent again under
// their keys, the disk refuses and fails, walls show any time, the service is stopped and killed in the
// middle of anything. What was answered is there, once, all the time.
#pragma once

#include "sim/world.hpp"

namespace distd::sim {

// Throws broken_promise, or what a process threw.
void run_grading_history(world&);

}  // namespace distd::sim
