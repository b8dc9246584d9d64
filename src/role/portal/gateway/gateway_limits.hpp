// Rate limit per client: token buckets. Pure. The number of clients is bounded; beyond that, those with a
// full bucket are forgotten, or else new clients share one bucket.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace distd::portal {

class rate_limit {
public:
    static constexpr std::size_t max_clients = 16'384;

    // 0 requests a second: no limit.
    rate_limit(double per_second, double burst) : per_second_(per_second), burst_(burst) {}

    [[nodiscard]] bool is_on() const noexcept { return per_second_ > 0; }
    // nullopt: allowed. Otherwise the time to wait.
    [[nodiscard]] std::optional<seconds> take(std::string_view client, steady_point now);
    [[nodiscard]] std::size_t clients() const noexcept { return buckets_.size(); }

private:
    struct bucket {
        double tokens = 0;
        steady_point filled;
    };
    struct view_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view v) const noexcept { return std::hash<std::string_view>{}(v); }
    };

    [[nodiscard]] bucket& bucket_of(std::string_view client, steady_point now);
    void forget_full(steady_point now);

    double per_second_;
    double burst_;
    std::unordered_map<std::string, bucket, view_hash, std::equal_to<>> buckets_;
    steady_point next_clearing_{};
};

}  // namespace distd::portal
