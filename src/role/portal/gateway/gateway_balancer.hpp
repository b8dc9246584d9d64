// Load balancer: chooses the instance for a request, and learns from the outcome. Pure: time and randomness
// are arguments. Invariants: at most half of the instances are ejected; while a candidate is left, `pick`
// finds it.
//
// Ejection is a circuit breaker per instance: 3 consecutive failed connections, or 5 consecutive answers of
// 502, 503 or 504, open it for 10 s, each time longer, up to 120 s. The instance then gets a small share that
// grows for 10 s (slow start); one more failure ejects it again.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.hpp"
#include "role/portal/gateway/traffic_series.hpp"

namespace distd::portal {

struct instance_facts {
    std::string url;
    double weight = 1;  // 0: not chosen
    std::string zone;
    std::string version;
    // Where it listens, as resolved: the address and port, and the machine (a source, as source_name has it).
    // Empty: it shares them with nobody.
    std::string place{};
    std::string machine{};
    std::string certificate_sha256{};  // that it has to show; empty: one that a root vouches for

    friend bool operator==(const instance_facts&, const instance_facts&) = default;
};

// The outcome of an attempt.
enum class try_outcome : std::uint8_t {
    good,               // an answer with any other status
    unavailable,        // 502, 503 or 504
    connection_failed,  // refused, broken, or timed out
};

namespace balancing {
inline constexpr int failures_to_eject = 3;
inline constexpr int unavailable_to_eject = 5;
inline constexpr seconds ejection_step{10};
inline constexpr seconds max_ejection{120};
inline constexpr seconds slow_start{10};
inline constexpr double min_share = 0.1;            // of its weight, at the beginning of a slow start
inline constexpr std::size_t max_instances = 4096;  // of a service: each choice looks at all of them
inline constexpr std::size_t max_in_flight = 256;
inline constexpr std::size_t max_waiting_jobs = 64;  // for a slot
inline constexpr std::size_t max_streams = 1024;     // event streams and tunnels, in addition
// Instances choose their own weight, and none may dominate by it or by registering often. All on one machine
// count for at most so many times the median of the other machines. On one machine, where ports cost nothing,
// a place counts for at most so many times the smallest: who adds places cannot raise that.
inline constexpr int max_times_the_others = 10;
// Zones are the instances' own word, too: a zone is preferred that is on half of all machines, and several.
inline constexpr std::size_t min_machines_of_zone = 2;
}  // namespace balancing

struct balanced_instance {
    balanced_instance(instance_facts f, std::uint64_t s) : facts(std::move(f)), salt(s) {}

    instance_facts facts;
    std::uint64_t salt;    // of its URL, for keys: not to be guessed
    bool is_near = false;  // in the zone that is preferred
    std::size_t in_flight = 0;
    std::size_t streams = 0;  // in addition
    int failures = 0;         // in a row
    int unavailable = 0;      // in a row
    int ejections = 0;        // reset after a long healthy time
    std::optional<steady_point> ejected_until;
    std::optional<steady_point> warm_since;  // start of a slow start
    std::uint64_t requests = 0;
    std::uint64_t failed = 0;
    std::uint64_t ejected = 0;
    traffic_series traffic;  // each attempt until its answer began

    [[nodiscard]] bool is_ejected(steady_point now) const noexcept {
        return ejected_until && *ejected_until > now;
    }
};

using instance_ptr = std::shared_ptr<balanced_instance>;

struct pick_wish {
    std::string_view sticky;                               // hashed; empty: the least loaded
    const std::map<std::string, int>* versions = nullptr;  // traffic shares by version
    const std::vector<instance_ptr>* tried = nullptr;      // avoided while there are others
};

struct balancer_setup {
    std::string own_zone{};            // is preferred; empty: none
    bool is_zone_vouched_for = false;  // by an operator, who said where it is
    // Stays over restarts. Who knew it could search for a URL that is given a certain visitor's requests.
    std::string secret{};
};

class balancer {
public:
    explicit balancer(balancer_setup);

    // Instances that stay keep their state. True if anything changed.
    bool update(std::vector<instance_facts> facts, steady_point now);
    [[nodiscard]] instance_ptr pick(const pick_wish&, steady_point now);
    // True if this ejected the instance.
    bool learn(balanced_instance&, try_outcome, steady_point now);

    [[nodiscard]] const std::vector<instance_ptr>& all() const noexcept { return all_; }
    [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
    [[nodiscard]] std::uint64_t panics() const noexcept { return panics_; }

private:
    using choice = std::vector<balanced_instance*>;

    [[nodiscard]] choice candidates(const pick_wish&, steady_point now);
    void find_near();
    void keep_own_zone(choice&) const;
    [[nodiscard]] std::uint64_t salt_of(std::string_view text) const;
    void keep_version(choice&, const std::map<std::string, int>& shares, std::string_view sticky);
    [[nodiscard]] balanced_instance* min_busy(const choice&, steady_point now);
    [[nodiscard]] balanced_instance* draw_by_weight(const choice&, steady_point now, balanced_instance* but);
    [[nodiscard]] instance_ptr shared(const balanced_instance*) const;
    [[nodiscard]] bool may_eject(steady_point now) const;

    balancer_setup setup_;
    hmac_key signer_;
    std::uint64_t salt_of_versions_;
    bool prefers_zone_ = false;
    std::vector<instance_ptr> all_;
    std::uint64_t panics_ = 0;
};

// Its weight, reduced during a slow start.
[[nodiscard]] double effective_weight(const balanced_instance&, steady_point now) noexcept;

// Retry budget: 20 % of the requests of the last ten seconds, plus ten.
class retry_budget {
public:
    static constexpr int share_percent = 20;
    static constexpr std::uint64_t min = 10;

    void count_request(steady_point now);
    // Consumes one retry; false: the budget is exhausted.
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
