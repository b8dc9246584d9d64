// Keeps a service's configuration current: reads one directory of a registry, then waits there for its next
// change, for ever. A registry that is away, foreign or at fault is left for the next one of the list, with
// growing pauses after each round; what was known stays known meanwhile.
//
// Values that one set of data gave are not taken away by another that has none: a registry that lost its data
// is no reason to lose ours. Its first value below the directory ends that.
#pragma once

#include <cstdint>
#include <distd/configuration.hpp>
#include <distd/http.hpp>
#include <distd/logger.hpp>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <string>
#include <vector>

namespace distd {

struct configuration_watch_setup {
    std::string directory;                // "" or with a slash at its end
    std::vector<std::string> registries;  // at least one
    configuration_handler changed;
};

class configuration_watch {
public:
    static constexpr seconds wait{60};  // of one blocking read
    static constexpr milliseconds first_pause{500};
    static constexpr milliseconds max_pause{30'000};
    static constexpr milliseconds foreign_pause{60'000};  // where no registry has a configuration

    configuration_watch(configuration_watch_setup, http::client&, executor, time_source&, const logger&);

    [[nodiscard]] task<> run();  // until cancelled

private:
    enum class poll_result { current, foreign, failed };

    [[nodiscard]] http::call question() const;
    [[nodiscard]] poll_result judge(const result<http::reply>&);
    [[nodiscard]] bool take(const http::reply&, std::uint64_t index);
    void apply(configuration::map values, const std::string& source);
    [[nodiscard]] milliseconds pause_after(poll_result, milliseconds took, bool is_new);
    void complain(const std::string& sentence);

    configuration_watch_setup setup_;
    http::client& client_;
    time_source& time_;
    logger log_;
    alarm_clock bell_;

    configuration known_;
    bool was_called_ = false;
    std::string source_;  // the data that `known_` is from

    std::size_t registry_ = 0;
    std::uint64_t seen_ = 0;   // index at this registry; 0: none yet
    std::size_t in_vain_ = 0;  // questions since the last good answer
    bool all_foreign_ = true;  // of those
    std::string trouble_;      // said already
};

}  // namespace distd
