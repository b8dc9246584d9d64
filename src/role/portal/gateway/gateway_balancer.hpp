// Chooses the instance that a request goes to, and learns from what became of it. Pure: time and randomness
// come in. Invariants: never more than half of the instances are ejected; while one is left that could be
// tried, `pick` finds it.
//
// An ejection is the circuit breaker of an instance: 3 connections in a row that failed, or 5 answers in a
// row of 502, 503 or 504, open it for 10 s, each time longer, 120 s at most. Then it gets a small share that
// grows for 10 s; one more failure opens it again.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::portal {

struct instance_facts {
    std::string url;
    int weight = 1;  // 0: not to be picked
    std::string zone;
    std::string version;

    friend bool operator==(const instance_facts&, const instance_facts&) = default;
};

// What became of a try.
enum class try_outcome : std::uint8_t {
    good,               // an answer, of whatever status but those below
    unavailable,        // 502, 503 or 504
    connection_failed,  // refused, broken, or silent for too long
};

namespace balancing {
inline constexpr int failures_to_eject = 3;
inline constexpr int unavailable_to_eject = 5;
inline constexpr seconds ejection_step{10};
inline constexpr seconds max_ejection{120};
inline constexpr seconds slow_start{10};
inline constexpr double min_share = 0.1;  // of its weight, when a slow start begins
inline constexpr std::size_t max_in_flight = 256;
inline constexpr std::size_t max_waiting_jobs = 64;  // for one of those
inline constexpr std::size_t max_streams = 1024;     // of events, and tunnels: beside those
// Of the median of the others' weights: instances say theirs by themselves, and none may outvote the others.
inline constexpr int max_times_the_others = 10;
}  // namespace balancing

struct balanced_instance {
    explicit balanced_instance(instance_facts f) : facts(std::move(f)) {}

    instance_facts facts;
    std::size_t in_flight = 0;
    std::size_t streams = 0;  // beside those
    int failures = 0;         // in a row
    int unavailable = 0;      // in a row
    int ejections = 0;        // until it has been well for long
    std::optional<steady_point> ejected_until;
    std::optional<steady_point> warm_since;  // the beginning of a slow start
    std::uint64_t requests = 0;
    std::uint64_t failed = 0;
    std::uint64_t ejected = 0;

    [[nodiscard]] bool is_ejected(steady_point now) const noexcept {
        return ejected_until && *ejected_until > now;
    }
};

using instance_ptr = std::shared_ptr<balanced_instance>;

struct pick_wish {
    std::string_view sticky;                               // hashed; empty: whoever is least busy
    const std::map<std::string, int>* versions = nullptr;  // shares of a canary, by version
    const std::vector<instance_ptr>* tried = nullptr;      // not these again, while there are others
};

class balancer {
public:
    explicit balancer(std::string own_zone = {}) : own_zone_(std::move(own_zone)) {}

    // What is known of an instance stays when it is among the new ones, too. True when anything changed.
    bool update(std::vector<instance_facts> facts, steady_point now);
    [[nodiscard]] instance_ptr pick(const pick_wish&, steady_point now);
    // True when this ejected the instance.
    bool learn(balanced_instance&, try_outcome, steady_point now);

    [[nodiscard]] const std::vector<instance_ptr>& all() const noexcept { return all_; }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    [[nodiscard]] std::uint64_t panics() const noexcept { return panics_; }

private:
    using choice = std::vector<balanced_instance*>;

    [[nodiscard]] choice candidates(const pick_wish&, steady_point now);
    void keep_own_zone(choice&) const;
    void keep_version(choice&, const std::map<std::string, int>& shares, std::string_view sticky);
    [[nodiscard]] balanced_instance* min_busy(const choice&, steady_point now);
    [[nodiscard]] balanced_instance* draw_by_weight(const choice&, steady_point now, balanced_instance* but);
    [[nodiscard]] instance_ptr shared(const balanced_instance*) const;
    [[nodiscard]] bool may_eject(steady_point now) const;

    std::string own_zone_;
    std::vector<instance_ptr> all_;
    std::uint64_t panics_ = 0;
};

// Its weight, less during a slow start.
[[nodiscard]] double effective_weight(const balanced_instance&, steady_point now) noexcept;

// Tries again are a share of the traffic: 20 % of the requests of the last ten seconds, and ten.
class retry_budget {
public:
    static constexpr int share_percent = 20;
    static constexpr std::uint64_t min = 10;

    void count_request(steady_point now);
    // Takes one out of the budget; false: it is spent.
    [[nodiscard]] bool take_retry(steady_point now);

private:
    struct slot {
        std::int64_t second = -1;
        std::uint64_t requests = 0;
        std::uint64_t retries = 0;
    };
    [[nodiscard]] slot& at(steady_point now);

    static constexpr std::size_t window = 10;
    slot slots_[window];
};

}  // namespace distd::portal
