// A service's own folder, taken by one process at a time.
#pragma once

#include <memory>
#include <string>

#include "base/disk.hpp"

namespace distd {

class data_dir {
public:
    // Makes the folder (0700) and its parents, and locks it. Throws std::runtime_error with a sentence that
    // names the folder, and the process that holds it; also for a folder that is another user's, or that
    // others may write to, and for one that is a link.
    data_dir(disk&, std::string path);
    data_dir(const data_dir&) = delete;
    data_dir& operator=(const data_dir&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    std::unique_ptr<disk::file> lock_;
};

}  // namespace distd
