// What one answer of another service tells, for all viewers together: it is asked for once, however many
// look, and not again before it is `max_age` old. While it cannot be had, the last good one stays, with the
// time that it is of and the reason in words.
#pragma once

#include <algorithm>
#include <distd/service.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/announcer.hpp"
#include "ops/model/source_view.hpp"
#include "ops/questions/fetched.hpp"

namespace distd::ops {

// For how long a page waits for a source that does not answer; then it shows what there is.
inline constexpr milliseconds first_patience{2000};
inline constexpr milliseconds further_patience{400};
inline constexpr milliseconds patience_with_absent{100};
// How old it may be that a source is there, or that it is not. Less than from one page of a stream to the
// next, so that each asks anew: whoever came just before it must not make it miss the answer.
inline constexpr milliseconds presence_age{400};
inline constexpr milliseconds absence_age{500};

template <class T>
class shared_source {
public:
    using fetch_function = std::function<task<fetched<T>>()>;

    shared_source(service& s, std::string name, milliseconds max_age, fetch_function fetch)
        : service_(s), name_(std::move(name)), max_age_(max_age), fetch_(std::move(fetch)) {}

    [[nodiscard]] const source_view<T>& known() const noexcept { return view_; }
    [[nodiscard]] bool is_busy() const noexcept { return is_fetching_; }
    void make_stale() noexcept { asked_at_.reset(); }  // somebody has just changed what it tells

    // Begins to ask if what is known is too old, without waiting for it.
    void refresh() {
        const auto age = view_.is_away() ? std::min(max_age_, absence_age) : max_age_;
        const bool is_fresh = asked_at_ && service_.time().now() - *asked_at_ < age;
        if (is_fresh || is_fetching_) return;
        is_fetching_ = true;
        service_.spawn(name_, [this] { return run(); });
    }

    // `asked`: when a page that waits for several sources, one after the other, began to.
    [[nodiscard]] task<source_view<T>> current(std::optional<steady_point> asked = std::nullopt) {
        announcer::listener done(done_, service_.loop(), service_.time());
        refresh();
        const auto patience = view_.is_away() ? patience_with_absent
                              : view_.good    ? further_patience
                                              : first_patience;
        const auto deadline = asked.value_or(service_.time().now()) + patience;
        for (bool is_due = false; is_fetching_ && !is_due;) is_due = co_await done.bell.wait_until(deadline);
        co_return view_;
    }

private:
    [[nodiscard]] task<> run() {
        const auto begun = service_.time().now();
        auto got = co_await fetch_();
        asked_at_ = begun;
        is_fetching_ = false;
        if (got.value) {
            view_.good = std::move(got.value);
            view_.as_of = service_.time().wall();
        }
        view_.trouble = std::move(got.trouble);
        done_.announce();
    }

    service& service_;
    std::string name_;
    milliseconds max_age_;
    fetch_function fetch_;
    announcer done_;
    source_view<T> view_;
    std::optional<steady_point> asked_at_;
    bool is_fetching_ = false;
};

// What a source tells; where it does not answer at all, which it is asked for more often, without waiting.
template <class T>
[[nodiscard]] task<source_view<T>> while_present(shared_source<T>& source, shared_source<bool>& presence,
                                                 std::optional<steady_point> asked) {
    source.refresh();
    const auto there = co_await presence.current(asked);
    if (!there.is_away()) co_return co_await source.current(asked);
    auto view = source.known();
    if (!view.is_away()) view.trouble = there.trouble;
    co_return view;
}

}  // namespace distd::ops
