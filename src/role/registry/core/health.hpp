// Decides which instance is probed when, and what its answers mean. Pure: `now` and random draws are passed
// in.
//
// Probes of different instances are spread over the interval. Those under way are bounded, and instances that
// failed last time have a smaller share, so that hanging ones delay nobody. After the first failure an
// instance is lost, is tried twice more with short pauses, then at the interval; after `deregister_after` it
// is gone. A success brings it back.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace distd::registry {

enum class condition : std::uint8_t { unproven, passing, lost };
[[nodiscard]] std::string_view to_string(condition) noexcept;

class health_engine {
public:
    struct rules {
        milliseconds interval{3000};
        milliseconds retry_after{1000};
        int quick_retries = 2;
        milliseconds deregister_after{60'000};
        std::size_t under_way = 1024;
        std::size_t suspects_under_way = 256;
    };
    enum class verdict : std::uint8_t { none, lost, back, gone };
    struct probe {
        std::string url;  // of the instance
        std::uint64_t generation = 0;
        std::string heartbeat_url;
        bool is_suspect = false;
    };
    struct report {
        condition now = condition::unproven;
        steady_point since{};
        std::string reason;  // of the last failure; empty when passing
    };

    explicit health_engine(rules r) : rules_(r) {}

    // A new registration: a second one of the same URL starts over. `grace`: failures before its end are not
    // held against an instance that is not known to be lost; for those that were kept over our own restart.
    void watch(std::string_view url, std::uint64_t generation, std::string heartbeat_url, condition,
               steady_point now, std::uint64_t draw, milliseconds grace = milliseconds(0));
    void forget(std::string_view url);

    // The next probe to send now, if there is one. Its end is reported with `finish`, `failure` empty on
    // success.
    [[nodiscard]] std::optional<probe> take(steady_point now);
    [[nodiscard]] verdict finish(const probe&, const std::string& failure, steady_point now);
    // When `take` is to be asked again, if nothing else happens before.
    [[nodiscard]] steady_point next_due() const noexcept;

    // Nothing for an instance that is not probed.
    [[nodiscard]] std::optional<report> look_up(std::string_view url) const;
    // Another one when any report has changed.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    [[nodiscard]] std::size_t watched() const noexcept { return targets_.size(); }
    [[nodiscard]] std::size_t lost() const noexcept { return lost_; }
    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

private:
    struct target {
        std::string url;
        std::uint64_t generation = 0;
        std::string heartbeat_url;
        report state;
        steady_point grace_until{};
        steady_point due{};
        int failures = 0;  // in a row
    };
    using schedule = std::set<std::pair<steady_point, target*>>;

    [[nodiscard]] schedule& lane_of(const target& t) noexcept {
        return t.failures == 0 ? healthy_ : suspects_;
    }
    void plan(target&, steady_point due);
    void passed(target&, steady_point now);
    void failed(target&, const std::string& failure, steady_point now);
    void enter(target&, condition, steady_point now);

    rules rules_;
    std::map<std::string, target, std::less<>> targets_;
    schedule healthy_;  // waiting for their time
    schedule suspects_;
    std::uint64_t version_ = 0;
    std::size_t lost_ = 0;
    std::size_t under_way_ = 0;
    std::size_t suspects_under_way_ = 0;
};

}  // namespace distd::registry
