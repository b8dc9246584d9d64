#include "sdk/process/file_trace.hpp"

#include <sys/stat.h>

#include <filesystem>

#include "base/disk_wait.hpp"

namespace distd {

file_trace file_trace::of(const std::string& path) {
    const std::filesystem::path waited_for(path);
    const disk_wait waiting(waited_for);
    struct stat about {};
    if (::stat(path.c_str(), &about) != 0) return {};
    const auto ns = [](const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
    return {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size), ns(about.st_mtim),
            ns(about.st_ctim)};
}

}  // namespace distd
