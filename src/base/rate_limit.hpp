// Rate limit per client: token buckets that fill evenly. Pure. The number of clients is bounded; beyond that,
// those with a full bucket are forgotten, or else new clients share one bucket: who has to wait still does.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string_view>

#include "base/text_map.hpp"

namespace distd {

class rate_limit {
public:
    static constexpr std::size_t max_clients = 16'384;

    // 0 a second: no limit.
    rate_limit(double per_second, double burst) : per_second_(per_second), burst_(burst) {}

    [[nodiscard]] bool is_on() const noexcept { return per_second_ > 0; }

    // Takes one token. Zero: it was there. Otherwise the time to wait for it, and nothing is taken.
    [[nodiscard]] seconds take(std::string_view client, steady_point now);

    // For what is counted only once it has been read: the time until there is a token, and the tokens that
    // were used then. They may overdraw the bucket; the next request waits for it.
    [[nodiscard]] seconds wait(std::string_view client, steady_point now);
    void charge(std::string_view client, std::uint64_t tokens, steady_point now);

    [[nodiscard]] std::size_t clients() const noexcept { return buckets_.size(); }

private:
    struct bucket {
        double tokens = 0;
        steady_point filled;
    };

    [[nodiscard]] double tokens_at(const bucket&, steady_point now) const noexcept;
    [[nodiscard]] seconds wait_of(const bucket&) const noexcept;
    [[nodiscard]] bucket& filled(std::string_view client, steady_point now);
    [[nodiscard]] bucket& bucket_of(std::string_view client, steady_point now);
    void forget_full(steady_point now);

    double per_second_;
    double burst_;
    text_map<bucket> buckets_;
    steady_point next_clearing_{};
};

}  // namespace distd
