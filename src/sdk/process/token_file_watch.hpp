// Looks at the file of the access tokens again and again, so that a token is exchanged without a restart.
#pragma once

#include <distd/logger.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <string>
#include <vector>

#include "sdk/process/file_trace.hpp"

namespace distd {

class token_file_watch {
public:
    static constexpr seconds interval{5};
    using taker = std::function<void(std::vector<std::string>)>;

    token_file_watch(std::string path, taker take, executor, time_source&, logger);

    [[nodiscard]] task<> run();
    // Reads the file if it has changed. One that cannot be used changes nothing, and is said once.
    void look();

private:
    std::string path_;
    taker take_;
    alarm_clock bell_;
    logger log_;
    file_trace seen_;
};

}  // namespace distd
