// Suspects ourselves when most instances fail at once: it is more likely that our own network is gone than
// that all of them are. While it is on nothing is taken out of rotation or off the list. Pure.
//
// It comes on when more than half of the watched instances, from ten instances up, were lost within the
// window. It goes off when fewer than a third are lost, or when its time is over: then the losses are real,
// and it does not come on again before fewer than a third are lost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <distd/time.hpp>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace distd::registry {

class failure_guard {
public:
    struct rules {
        milliseconds max_duration{60'000};  // 0: never on
        std::size_t min_watched = 10;
    };
    // Why it goes off, where the losses were not real.
    static constexpr std::string_view few_are_lost = "fewer than a third are lost";
    enum class turn : std::uint8_t { none, on, off };

    explicit failure_guard(rules r) : rules_(r) {}

    // An instance was lost; that counts as recent until `until`.
    void lost(std::string_view url, steady_point until);
    // It is back, or is watched no more.
    void forget(std::string_view url);

    // To be asked after each of these, and when `next_due` has come.
    [[nodiscard]] turn review(std::size_t watched, std::size_t lost, steady_point now);
    [[nodiscard]] steady_point next_due() const noexcept { return is_on_ ? until_ : steady_point::max(); }

    [[nodiscard]] bool is_on() const noexcept { return is_on_; }
    // Its time was over while most were lost still, and so they are.
    [[nodiscard]] bool is_spent() const noexcept { return is_spent_; }
    [[nodiscard]] steady_point since() const noexcept { return since_; }
    [[nodiscard]] steady_point until() const noexcept { return until_; }          // at the latest
    [[nodiscard]] const std::string& reason() const noexcept { return reason_; }  // of its latest turn
    [[nodiscard]] bool is_recent(std::string_view url) const { return recent_.contains(url); }

private:
    void forget_old_losses(steady_point now);

    rules rules_;
    std::map<std::string, steady_point, std::less<>> recent_;
    std::set<std::pair<steady_point, std::string>> by_age_;
    bool is_on_ = false;
    bool is_spent_ = false;
    steady_point since_{};
    steady_point until_{};
    std::string reason_;
};

}  // namespace distd::registry
