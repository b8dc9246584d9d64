// A service's own folder, taken by one process at a time.
#pragma once

#include <string>

namespace distd {

class data_dir {
public:
    // Makes the folder (0700) and its parents, and locks it. Throws std::runtime_error with a sentence that
    // names the folder, and the process that holds it.
    explicit data_dir(std::string path);
    ~data_dir();
    data_dir(const data_dir&) = delete;
    data_dir& operator=(const data_dir&) = delete;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    int lock_ = -1;
};

}  // namespace distd
