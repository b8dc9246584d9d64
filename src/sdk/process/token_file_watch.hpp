// Looks at the file of the access tokens again and again, so that a token is exchanged without a restart.
#pragma once

#include <cstdint>
#include <distd/logger.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <functional>
#include <string>
#include <vector>

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
    // Whether it is the same file as before, as far as that can be seen from outside.
    struct trace {
        std::uint64_t device = 0, inode = 0, bytes = 0;
        std::int64_t modified_ns = 0, changed_ns = 0;
        friend bool operator==(const trace&, const trace&) = default;
    };
    [[nodiscard]] trace trace_of_file() const;

    std::string path_;
    taker take_;
    alarm_clock bell_;
    logger log_;
    trace seen_;
};

}  // namespace distd
