// How a search ends before it has come to its end: nobody waits for it any more, or it costs too much. Pure.
#pragma once

namespace distd::logs {

// Thrown between two lines, on a thread of the reading pool.
struct search_ended {
    const char* reason;  // as an answer tells it: "time", "cost"
};

}  // namespace distd::logs
