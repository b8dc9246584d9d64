// Decides which instance is probed when, what its answers mean, and what the silence of one that reports by
// itself means. Pure: `now` and random draws are passed in.
//
// Probes of different instances are spread over the interval. Those under way are bounded, and instances that
// failed last time have a smaller share, so that hanging ones delay nobody. After the first failure (or as
// many as its registration says, an interval apart) an instance is lost, is tried twice more with short
// pauses, then at the interval; after `deregister_after` it is gone. A success (or as many as its
// registration says) brings it back.
//
// No host gets more than so many probes a second, however many instances (or registrations of one) name it:
// what is over it waits for its turn, so that all are probed at longer intervals (see host_pacer).
//
// When most fail at once the failure_guard is on: losses are seen and shown, and nobody is taken out.
#pragma once

#include <boost/intrusive/set.hpp>
#include <cstdint>
#include <distd/time.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "role/registry/core/failure_guard.hpp"
#include "role/registry/core/host_pacer.hpp"
#include "role/registry/core/url_map.hpp"
#include "wire/registration.hpp"

namespace distd::registry {

enum class condition : std::uint8_t { unproven, passing, lost };
[[nodiscard]] std::string_view to_string(condition) noexcept;

class health_engine {
    struct target;

public:
    // For instances whose registration says nothing else.
    struct rules {
        milliseconds interval{3000};
        milliseconds timeout{2000};
        milliseconds retry_after{1000};
        int quick_retries = 2;
        milliseconds deregister_after{60'000};
        std::size_t under_way = 1024;
        std::size_t suspects_under_way = 256;
        // A second, to one host; to loopback ten times as many. 0: any number.
        std::size_t max_probes_per_host = 0;
        failure_guard::rules guard{};
    };
    enum class transition : std::uint8_t { none, lost, back, gone };
    struct probe {
        [[nodiscard]] const std::string& url() const noexcept;  // of the instance
        [[nodiscard]] const std::string& heartbeat_url() const noexcept;
        [[nodiscard]] milliseconds timeout() const noexcept;
        [[nodiscard]] bool goes_to_a_name() const noexcept;

        target* whose = nullptr;  // to `finish`, which may be its end
        std::uint64_t generation = 0;
        bool is_suspect = false;
    };
    struct judgement {
        std::string url;
        std::uint64_t generation = 0;
        transition what = transition::none;
        std::string reason{};  // of the failure, where there was one
    };
    struct report {
        condition now = condition::unproven;
        steady_point since{};
        std::string reason;       // of the last failure; empty after a success
        bool is_guarded = false;  // lost, and offered all the same
    };

    // What lists leave out, since it is another one after each probe.
    struct probe_details {
        std::optional<std::chrono::microseconds> took{};  // the last probe
        std::string_view failure_answer{};  // the beginning of its answer's body, where that was a failure
    };

    explicit health_engine(rules r) : rules_(r), guard_(r.guard), hosts_(r.max_probes_per_host) {}

    // It says how its health may be found out.
    [[nodiscard]] static bool can_watch(const registration& r) noexcept {
        return !r.heartbeat_url.empty() || r.more().ttl;
    }
    // A new registration: a second one of the same URL starts over. Forgets it when there is nothing to
    // watch.
    void watch(const registration&, std::uint64_t generation, condition, steady_point now,
               std::uint64_t draw);
    // The same for one that was kept over our own restart: for two of its intervals (or its TTL) failures
    // are not held against it, if it was not lost before. Its time to go starts anew.
    struct loss {
        std::string_view reason;
        steady_point since{};
    };
    void restore(const registration&, std::uint64_t generation, condition, steady_point now,
                 std::uint64_t draw, const std::optional<loss>& remembered = {});
    // It has registered again and said what is known: its health is what it was.
    void renew(const registration&, std::uint64_t generation, steady_point now, std::uint64_t draw);
    void forget(std::string_view url);
    // Whether an operator has taken it out of rotation: it is not gone then, however long it is lost, and
    // counts for no mass failure. Its time to go starts anew when that ends. Call it again after `watch`,
    // `restore` and `renew`.
    void keep(std::string_view url, bool is_kept, steady_point now);

    // The next probe to send now, if there is one. Its end is reported with `finish`, `failure` empty on
    // success.
    [[nodiscard]] std::optional<probe> take(steady_point now);
    [[nodiscard]] transition finish(const probe&, const std::string& failure, steady_point now);
    // Where a name that is probed leads, as far as that is known: later probes are paced by it.
    void leads_to(const probe&, const host_pacer::addresses&);
    // Of the answer to a probe, before it is finished; the body of a failure only.
    static void note_answer(const probe&, std::chrono::microseconds took, std::string body);
    // An instance that reports by itself has done so; with a failure it is lost at once.
    enum class reporting : std::uint8_t { taken, unknown, is_probed };
    struct reported {
        reporting how = reporting::unknown;
        judgement what{};
    };
    [[nodiscard]] reported take_report(std::string_view url, const std::string& failure, steady_point now);
    // What time alone has brought about: silence, and the guard's turns.
    [[nodiscard]] std::vector<judgement> review(steady_point now);
    // When `take` and `review` are to be asked again, if nothing else happens before.
    [[nodiscard]] steady_point next_due() const noexcept;

    // Null for an instance that is not watched; holds until the next call that is not const.
    [[nodiscard]] const report* find(std::string_view url) const noexcept;
    [[nodiscard]] probe_details details_of(std::string_view url) const noexcept;
    [[nodiscard]] const failure_guard& guard() const noexcept { return guard_; }
    // Another one when any report has changed.
    [[nodiscard]] std::uint64_t version() const noexcept { return version_; }
    // Instances whose report has changed since the last call. Call it after each other call.
    [[nodiscard]] std::vector<std::string> take_changed() { return std::exchange(changed_, {}); }
    [[nodiscard]] std::size_t watched() const noexcept { return targets_.size(); }
    [[nodiscard]] std::size_t lost() const noexcept { return lost_; }
    [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }

private:
    // Unlinks itself from the lane in which it waits for its time.
    struct lane_hook
        : boost::intrusive::set_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {};
    static constexpr std::uint32_t no_probe_yet = 0xffff'ffff;
    struct target : lane_hook {
        const std::string* url = nullptr;  // its key, which stays where it is
        std::uint64_t generation = 0;
        std::uint32_t probes_under_way = 0;
        bool has_left = false;  // kept until its probes have ended
        bool is_kept = false;
        std::string heartbeat_url;
        milliseconds interval{};
        milliseconds timeout{};
        milliseconds deregister_after{};  // 0: never
        milliseconds ttl{};               // 0: it is probed
        int failures_before_lost = 1;
        int successes_before_back = 1;
        host_pacer::place at_host;

        report state;
        steady_point grace_until{};
        steady_point due{};           // of the next probe, or the end of its patience
        steady_point reported_at{};   // the last time
        steady_point goes_from{};     // its time to vanish runs from here
        milliseconds second_round{};  // from the first success to the next probe
        int failures = 0;             // in a row
        int successes = 0;
        std::uint32_t probe_us = no_probe_yet;  // how long the last one took
        std::unique_ptr<const std::string> failure_answer;
    };
    struct due_first {
        bool operator()(const target& a, const target& b) const noexcept { return a.due < b.due; }
    };
    using lane = boost::intrusive::multiset<target, boost::intrusive::base_hook<lane_hook>,
                                            boost::intrusive::compare<due_first>,
                                            boost::intrusive::constant_time_size<false>>;

    [[nodiscard]] lane& lane_of(const target& t) noexcept {
        if (t.ttl > milliseconds(0)) return reporters_;
        return t.failures == 0 ? healthy_ : suspects_;
    }
    target* add(const registration&, std::uint64_t generation, condition, steady_point now);
    void take_rules(target&, const registration&);
    void plan_first(target&, steady_point now, std::uint64_t draw);
    void plan(target&, steady_point due);
    [[nodiscard]] static bool is_due(const lane& l, steady_point now) noexcept {
        return !l.empty() && l.begin()->due <= now;
    }
    [[nodiscard]] static target& take_first(lane&);
    [[nodiscard]] target* take_due(lane&, steady_point now);
    [[nodiscard]] transition passed(target&, steady_point now);
    [[nodiscard]] transition failed(target&, const std::string& failure, steady_point now);
    [[nodiscard]] transition lose(target&, steady_point now);
    [[nodiscard]] bool excuse(target&, steady_point now);
    [[nodiscard]] transition judge_silence(target&, steady_point now);
    // From its loss until it is gone; 0: never.
    [[nodiscard]] static milliseconds patience_with(const target& t) noexcept {
        return t.is_kept ? milliseconds(0) : t.deregister_after;
    }
    [[nodiscard]] bool is_over(const target&, steady_point now) const noexcept;
    [[nodiscard]] steady_point next_try(const target&, bool is_excused, steady_point now) const;
    [[nodiscard]] steady_point next_silence(const target&, steady_point now) const;
    void count_lost(const target&, int by) noexcept;
    [[nodiscard]] failure_guard::turn review_guard(steady_point now);
    void turn_guard(failure_guard::turn, const target* just_lost, steady_point now);
    void stop_guarding(steady_point now);
    transition give_up(target&);
    void enter(target&, condition, steady_point now);
    void note_change(const target&);

    rules rules_;
    failure_guard guard_;
    host_pacer hosts_;
    url_map<target> targets_;
    std::unordered_map<const target*, url_map<target>::node_type> departed_;
    lane healthy_;  // waiting for their time
    lane suspects_;
    lane reporters_;
    std::vector<judgement> news_;  // for the next review
    std::vector<std::string> changed_;
    std::uint64_t version_ = 0;
    std::size_t lost_ = 0;
    std::size_t kept_and_lost_ = 0;
    std::size_t under_way_ = 0;
    std::size_t suspects_under_way_ = 0;
};

}  // namespace distd::registry
