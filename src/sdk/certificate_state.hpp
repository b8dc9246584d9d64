// What a process shows of itself by TLS, for those who look after it.
#pragma once

#include <distd/time.hpp>
#include <string>
#include <vector>

namespace distd {

struct certificate_state {
    std::string file;
    std::vector<std::string> names;
    wall_point until;
    int days_left = 0;    // negative: it is over
    std::string invalid;  // why clients refuse it for its time; empty: they do not
    std::string problem;  // with what is in the file now, where that is not what is shown; empty: none
};

}  // namespace distd
