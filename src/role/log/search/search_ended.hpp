// Ends a search early: its caller has gone, or it costs too much. Pure.
#pragma once

namespace distd::logs {

// Thrown between two lines, on a thread of the reading pool.
struct search_ended {
    const char* reason;  // as it stands in the answer: "time", "cost"
};

}  // namespace distd::logs
