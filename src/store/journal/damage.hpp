// A range of a file that cannot be read, or is not sound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace distd {

struct damage {
    std::filesystem::path file;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    std::string reason;
};

}  // namespace distd
