#include "sim/replay.hpp"

#include <cerrno>
#include <cstdio>

namespace distd::sim {

std::string print_replay_line(std::uint64_t seed, const std::string& test_case) {
    auto line = "DISTD_SIM_SEED=" + std::to_string(seed) + " " + program_invocation_name + " \"";
    for (const char c : test_case) {
        if (c == ',') line += '\\';  // for Catch a comma is between two names
        line += c;
    }
    line += '"';
    std::fflush(stdout);  // or it is printed into the middle of a line of Catch's
    std::fprintf(stderr, "%s\n", line.c_str());
    return line;
}

void print_count(std::uint64_t histories, const std::string& of_what, std::uint64_t last_seed) {
    std::fprintf(stderr, "sim: %llu histories, \"%s\", up to seed %llu\n",
                 static_cast<unsigned long long>(histories), of_what.c_str(),
                 static_cast<unsigned long long>(last_seed));
}

}  // namespace distd::sim
