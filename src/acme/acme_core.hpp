// Decides when a certificate is ordered, where first, and when again after a failure. Pure: what is held, the
// time, chance and the outcomes of what was done are arguments; `acme_agent` does what it says.
//
// A certificate is renewed at two thirds of its life, or when the CA suggests (ARI, RFC 9773), and served to
// its last second in any case. One that another CA issued is replaced at once. One order at a time: one that
// was placed is carried on with, also by the next process, until it is fulfilled or lost. After failures the
// tries become rarer, from a minute to six hours apart, though never by more than a sixth of what the
// certificate has left. The pace outlives the process: a service that keeps crashing must not use up what the
// CA allows. The first try after a failure goes to the CA's staging directory, whose limits nobody needs;
// where that one fails by itself, the CA is asked. What the CA refuses for good is not tried again before the
// configuration changes, or, once a day, at a restart; and daily where a certificate would run out meanwhile:
// what was wrong may have been at the CA or in the DNS.
#pragma once

#include <array>
#include <cstdint>
#include <distd/json.hpp>
#include <distd/time.hpp>
#include <optional>
#include <string>

namespace distd::acme {

// For all names that are wished.
struct held_certificate {
    wall_point from;
    wall_point until;
    std::string sha256;  // in hex: the chance that spreads renewals
};

struct failure {
    enum class remedy : std::uint8_t {
        time,           // may pass: the network, a server that is down, a limit, an answer from elsewhere
        configuration,  // will not: a name, or an account, that the CA refuses
    };
    remedy helped_by = remedy::time;
    std::string sentence;
    std::optional<seconds> retry_after = std::nullopt;  // as the CA says
    bool order_is_lost = true;                          // false: what was placed may still be fulfilled
    bool account_is_lost = false;                       // the CA does not know it any more
    bool is_of_name = false;  // one could not be validated; false: nothing is known of the names
    bool is_of_trial = false;
};

struct kept_order {
    std::string url;  // empty: it was being placed
    std::string key;  // of the certificate to be, PEM
    bool is_trial = false;
};
BOOST_DESCRIBE_STRUCT(kept_order, (), (url, key, is_trial))

// What outlives the process.
struct acme_record {
    std::string configuration;  // for which all this holds
    int failures = 0;           // in a row
    std::string last_error;     // of the last try; empty: it succeeded
    std::int64_t next_try_ms = 0;
    bool is_stopped = false;  // the CA refuses for good
    bool is_proven = false;   // the staging directory has been asked since the last failure
    std::string issued_by;    // the directory that the certificate is from; empty: it was not noted
    std::optional<kept_order> order;
};
BOOST_DESCRIBE_STRUCT(acme_record, (),
                      (configuration, failures, last_error, next_try_ms, is_stopped, is_proven, issued_by,
                       order))

enum class action : std::uint8_t { wait, order, try_at_staging, carry_on, ask_window };

struct step {
    action what = action::wait;
    wall_point until{};  // of a wait; at the end of time: for ever
};

struct renewal_window {
    wall_point start;
    wall_point end;
};

class acme_core {
public:
    struct setup {
        std::string configuration;  // whatever decides what is ordered and from whom, as a text
        bool has_staging = false;
        std::string directory{};
    };

    static constexpr std::array<int, 16> backoff_minutes{1,  2,  2,  5,  10, 10,  10,  20,
                                                         20, 30, 30, 60, 60, 120, 180, 360};

    // `last`: as the process before left it.
    acme_core(setup, acme_record last, std::optional<held_certificate>, wall_point now, std::uint64_t draw);

    [[nodiscard]] step next(wall_point now) const;

    void on_placing(std::string key, bool is_trial);  // keep the record before the order leaves
    void on_placed(std::string url);                  // and before it is carried on with
    void on_issued(held_certificate, wall_point now);
    void on_trial_passed();
    void on_failed(const failure&, wall_point now, std::uint64_t draw);

    // The answer to `ask_window`; nothing: there was none.
    void on_window(std::optional<renewal_window>, std::optional<seconds> retry_after, wall_point now);
    void on_no_windows();  // the CA has none to suggest

    [[nodiscard]] const acme_record& record() const noexcept { return record_; }
    [[nodiscard]] const std::optional<held_certificate>& held() const noexcept { return held_; }
    // Refused for good, and there is no certificate that would run out meanwhile.
    [[nodiscard]] bool waits_for_restart() const noexcept { return record_.is_stopped && !held_; }
    // When it is to be renewed, whatever failed.
    [[nodiscard]] std::optional<wall_point> renewal() const;

private:
    void begin_record();

    setup setup_;
    acme_record record_;
    std::optional<held_certificate> held_;
    std::optional<renewal_window> window_;
    wall_point ask_window_at_{};
    bool has_windows_ = true;
};

}  // namespace distd::acme
