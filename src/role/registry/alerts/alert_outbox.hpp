// The messages of one alert that are to be sent: one of each service, the latest. In the order in which they
// were decided, a few at a time; after a failure one at a time, with growing pauses, until it succeeds. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>

#include "role/registry/core/alert_message.hpp"

namespace distd::registry {

class alert_outbox {
public:
    static constexpr std::size_t max_under_way = 2;
    static constexpr milliseconds first_pause{1000};
    static constexpr milliseconds max_pause{5 * 60'000};
    static constexpr milliseconds given_up_after{3'600'000};

    struct delivery {
        std::string subject;
        std::uint64_t number = 0;
        alert_message message;
    };
    // overtaken: a later message of that subject waits, or none is to be sent any more.
    enum class end : std::uint8_t { delivered, fails_on, given_up, overtaken };

    // It takes the place of what waits to be sent of that subject. One that is under way is not stopped: this
    // one follows it.
    void put(const std::string& subject, alert_message, steady_point now);
    // What waits of that subject is not to be sent any more.
    void drop(const std::string& subject);

    [[nodiscard]] std::optional<delivery> take(steady_point now);
    // `draw`: a random number, so that many alerts do not come back at the same moment.
    end finish(const delivery&, bool is_delivered, steady_point now, std::uint64_t draw);
    // The place is another one, perhaps: no pause holds any more.
    void hurry() noexcept;

    [[nodiscard]] steady_point next_due() const noexcept;
    [[nodiscard]] steady_point paused_until() const noexcept { return next_try_; }  // min: there is no pause
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

    struct waiting {
        alert_message message;
        std::uint64_t number = 0;
        steady_point put_at{};
        unsigned tries = 0;
        bool is_under_way = false;
        bool is_dropped = false;  // while it is under way
    };
    [[nodiscard]] const std::map<std::string, waiting>& all() const noexcept { return waiting_; }

private:
    using place = std::map<std::string, waiting>::iterator;
    void erase(place);

    std::map<std::string, waiting> waiting_;         // by subject
    std::map<std::uint64_t, std::string> in_order_;  // subjects that are not under way, by number
    std::uint64_t last_number_ = 0;
    std::size_t under_way_ = 0;
    unsigned failures_ = 0;  // in a row
    steady_point next_try_ = steady_point::min();
};

}  // namespace distd::registry
