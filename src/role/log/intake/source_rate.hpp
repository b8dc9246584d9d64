// How many lines each source (see source_name.hpp) may send: a bucket for each that fills evenly and holds
// one second's worth. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <distd/time.hpp>
#include <string>
#include <unordered_map>

namespace distd::logs {

class source_rate {
public:
    static constexpr std::size_t max_sources = 16'384;  // the ones that have been quiet are forgotten

    explicit source_rate(std::uint64_t lines_per_second)
        : per_second_(static_cast<double>(lines_per_second)) {}

    // How long the source has to wait, zero: not at all. What it sends then is taken as a whole, and
    // `charge`d when it was counted: a batch may overdraw the bucket, and the next one waits for it.
    [[nodiscard]] std::chrono::seconds wait_of(const std::string& address, steady_point now);
    void charge(const std::string& address, std::uint64_t lines, steady_point now);

private:
    struct bucket {
        double lines = 0;  // that it may still send
        steady_point filled;
    };
    [[nodiscard]] bucket& filled(const std::string& address, steady_point now);
    void forget_the_quiet(steady_point now);

    const double per_second_;  // 0: no limit
    std::unordered_map<std::string, bucket> buckets_;
};

}  // namespace distd::logs
