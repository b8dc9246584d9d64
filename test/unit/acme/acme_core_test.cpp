// When certificates are ordered: by the clock, by the CA's suggestion, after failures and after a kill.
#include "acme/acme_core.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "base/timestamp.hpp"

using namespace distd;
using namespace distd::acme;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr hours day{24};
const wall_point start = wall_point(seconds(1'800'000'000));

held_certificate certificate(wall_point from, hours life = 90 * day, const std::string& sha256 = "ab") {
    return {from, from + life, sha256};
}

acme_core core(std::optional<held_certificate> held = std::nullopt, acme_record last = {},
               bool has_staging = true) {
    if (last.configuration.empty()) last.configuration = "c";
    return acme_core({"c", has_staging}, std::move(last), std::move(held), start, 0);
}

void place(acme_core& c, bool is_trial = false) {
    c.on_placing("key", is_trial);
    c.on_placed("https://ca/order/1");
}

}  // namespace

TEST_CASE("without a certificate one is ordered at once, and renewed at two thirds of its life") {
    auto c = core();
    CHECK(c.next(start).what == action::order);
    place(c);
    CHECK(c.next(start).what == action::carry_on);
    c.on_issued(certificate(start), start);
    c.on_no_windows();
    CHECK_FALSE(c.record().order);
    const auto s = c.next(start);
    CHECK(s.what == action::wait);
    CHECK(s.until >= start + 90 * day * 64 / 100);
    CHECK(s.until <= start + 90 * day * 69 / 100);
    CHECK(c.next(s.until).what == action::order);
    // Others come due at other times, and certificates for six days just as those for ninety.
    const auto other = core(certificate(start, 90 * day, "cd"));
    CHECK(other.renewal() != c.renewal());
    CHECK(*core(certificate(start, 6 * day)).renewal() < start + 6 * day * 69 / 100);
    // Of an own CA, for ten years.
    CHECK(*core(certificate(start, 3650 * day)).renewal() > start + 2300 * day);
    CHECK(*core(certificate(start, 3650 * day)).renewal() < start + 2600 * day);
}

TEST_CASE("the CA's window decides when a certificate is renewed, and the CA how often it is asked") {
    auto c = core(certificate(start));
    CHECK(c.next(start).what == action::ask_window);
    c.on_window(renewal_window{start + 10 * day, start + 12 * day}, hours(8), start);
    CHECK(c.next(start).until == start + hours(8));
    CHECK(c.next(start + hours(8)).what == action::ask_window);
    CHECK(*c.renewal() >= start + 10 * day);
    CHECK(*c.renewal() <= start + 12 * day);
    // One that lies behind us, as when certificates are to be revoked: now.
    c.on_window(renewal_window{start - 2 * day, start - day}, std::nullopt, start);
    CHECK(c.next(start).what != action::order);  // the certificate is too new for that
    CHECK(c.next(start + day).what == action::order);
    // One that lies behind the certificate's end is not believed.
    c.on_window(renewal_window{start + 100 * day, start + 101 * day}, std::nullopt, start);
    CHECK(*c.renewal() < start + 90 * day);
    // A certificate without a life has no window.
    auto reversed = core(held_certificate{start + day, start, "ab"});
    reversed.on_window(renewal_window{start + 10 * day, start + 12 * day}, std::nullopt, start);
    CHECK(*reversed.renewal() == start + day);
    // A CA that does not answer changes nothing, and is asked again after an hour; however it wishes, not
    // more often than each minute, nor less often than daily.
    c.on_window(std::nullopt, std::nullopt, start);
    CHECK(*c.renewal() < start + 90 * day);
    CHECK(c.next(start).until == start + hours(1));
    c.on_window(std::nullopt, seconds(0), start);
    CHECK(c.next(start).until == start + minutes(1));
    c.on_window(std::nullopt, hours(1000), start);
    CHECK(c.next(start).until == start + day);
}

TEST_CASE("tries become rarer from a minute to six hours, and the first goes to the staging directory") {
    auto c = core();
    auto now = start;
    for (const int expected : acme_core::backoff_minutes) {
        c.on_failed({.sentence = "the CA is down"}, now, 0);
        const auto s = c.next(now);
        CHECK(s.what == action::wait);
        CHECK(s.until == now + minutes(expected));
        now = s.until;
        CHECK(c.next(now).what == action::try_at_staging);
    }
    c.on_failed({.sentence = "still"}, now, ~std::uint64_t{0});
    CHECK(c.next(now).until >= now + hours(6));
    CHECK(c.next(now).until <= now + hours(6) + minutes(36));
    now = c.next(now).until;
    place(c, true);
    c.on_trial_passed();
    CHECK(c.next(now).what == action::order);  // at once
    c.on_failed({.sentence = "again"}, now, 0);
    now = c.next(now).until;
    CHECK(c.next(now).what == action::try_at_staging);
    place(c);
    c.on_issued(certificate(now), now);
    CHECK(c.record().failures == 0);
    CHECK(c.record().last_error.empty());
}

TEST_CASE("where the CA has no staging directory its own is asked again") {
    auto c = core(std::nullopt, {}, false);
    c.on_failed({.sentence = "no"}, start, 0);
    CHECK(c.next(start + minutes(1)).what == action::order);
}

TEST_CASE("what the CA says of when to come again comes before our own pace") {
    auto c = core();
    c.on_failed({.sentence = "too many", .retry_after = hours(3)}, start, 0);
    CHECK(c.next(start).until == start + hours(3));
    c.on_failed({.sentence = "too many", .retry_after = seconds(0)}, start, 0);
    CHECK(c.next(start).until == start + minutes(1));
}

TEST_CASE("a refusal that time does not mend ends all tries until the configuration changes") {
    auto c = core();
    c.on_failed({.helped_by = failure::remedy::configuration, .sentence = "rejected"}, start, 0);
    CHECK(c.next(start + 1000 * day).what == action::wait);
    const auto same = core(std::nullopt, c.record());
    CHECK(same.next(start + 1000 * day).what == action::wait);
    CHECK(same.record().last_error == "rejected");
    const acme_core other({"other names", true}, c.record(), std::nullopt, start, 0);
    CHECK(other.next(start).what == action::order);
    CHECK(other.record().last_error.empty());
}

TEST_CASE("a restart keeps the pace, the order that was placed, and never places a second") {
    auto c = core();
    c.on_failed({.sentence = "no"}, start, 0);
    CHECK(core(std::nullopt, c.record()).next(start).until == start + minutes(1));
    place(c);
    const auto next_life = core(std::nullopt, c.record());
    CHECK(next_life.next(start + minutes(1)).what == action::carry_on);
    CHECK(next_life.record().order->key == "key");
    // The CA was away while it was fulfilled: the same order is carried on with.
    c.on_failed({.sentence = "away", .order_is_lost = false}, start + minutes(1), 0);
    CHECK(c.next(start + minutes(3)).what == action::carry_on);
    // Killed before the CA's answer was kept: as a failure.
    auto placing = core();
    placing.on_placing("key", false);
    const auto after = core(std::nullopt, placing.record());
    CHECK_FALSE(after.record().order);
    CHECK(after.next(start).until == start + minutes(1));
}

TEST_CASE(
    "a CA that issues what is over or to be renewed at once is asked again after minutes, not at once") {
    for (const auto life : {hours(1), 90 * day, 4000 * day}) {
        auto c = core();
        place(c);
        c.on_issued(certificate(start - life + minutes(30), life), start);
        const auto s = c.next(start);
        INFO(life.count() << " hours");
        CHECK((s.what == action::ask_window || s.what == action::wait));
        c.on_no_windows();
        CHECK(c.next(start).what == action::wait);
        CHECK(c.next(start).until >= start + minutes(1));
        CHECK(c.next(start).until <= start + hours(1));
    }
}

TEST_CASE("a clock that was years ahead while a try failed delays the next one by a week at most") {
    auto c = core();
    c.on_failed({.sentence = "no"}, start + 3000 * day, 0);
    CHECK(core(std::nullopt, c.record()).next(start).until <= start + 7 * day);
}

namespace {

// Four hundred days of a CA that is away for weeks, refuses, answers late and suggests windows, of processes
// that are killed anywhere, and of certificates of ninety days or six.
struct long_history {
    explicit long_history(unsigned seed, hours l) : chance(seed), life(l) {}

    void run() {
        auto c = make();
        while (now < start + 400 * day) {
            if (one_in(20)) c = make();
            const auto s = c.next(now);
            if (s.what == action::wait) {
                REQUIRE(s.until > now);
                now = std::min(s.until, now + hours(1));
            } else {
                perform(c, s.what);
            }
            record = c.record();
            if (first_issue) covered = covered && held && held->until > now;
        }
    }
    acme_core make() { return acme_core({"c", true}, record, held, now, chance()); }
    bool one_in(unsigned n) { return chance() % n == 0; }

    void perform(acme_core& c, action what) {
        now += seconds(2);
        if (what == action::ask_window) {
            if (one_in(3)) return c.on_window(std::nullopt, std::nullopt, now);
            return c.on_window(renewal_window{held->from + life * 2 / 3, held->from + life * 7 / 10},
                               hours(6), now);
        }
        const bool is_out = (now - start) % (60 * day) < outage;
        ++tries;
        REQUIRE(now - last_try >= seconds(2));
        last_try = now;
        if (what != action::carry_on) {
            c.on_placing("key", what == action::try_at_staging);
            record = c.record();
            const bool is_trial = what == action::try_at_staging;
            if (is_out || one_in(5))
                return c.on_failed({.sentence = "away", .is_of_trial = is_trial}, now, chance());
            c.on_placed("https://ca/order/" + std::to_string(++orders));
            if (what == action::order) ++real_orders;
            return;
        }
        if (is_out || one_in(4))
            return c.on_failed({.sentence = "away", .order_is_lost = one_in(2)}, now, chance());
        if (c.record().order->is_trial) return c.on_trial_passed();
        held = held_certificate{now, now + life, std::to_string(++issued)};
        first_issue = true;
        c.on_issued(*held, now);
    }

    std::mt19937 chance;
    hours life;
    hours outage{30};
    wall_point now = start;
    wall_point last_try{};
    acme_record record;
    std::optional<held_certificate> held;
    bool first_issue = false;
    bool covered = true;
    int tries = 0;
    int orders = 0;
    int real_orders = 0;
    int issued = 0;
};

}  // namespace

TEST_CASE("in 400 days no certificate runs out, whoever is away or killed, and few orders are placed") {
    for (unsigned seed = 1; seed <= 40; ++seed) {
        INFO("seed " << seed);
        long_history ninety(seed, 90 * day);
        ninety.outage = 14 * day;
        ninety.record.configuration = "c";
        ninety.run();
        CHECK(ninety.covered);
        CHECK(ninety.issued >= 6);
        CHECK(ninety.issued <= 9);
        CHECK(ninety.tries < 7 * 14 * 5);
        long_history six(seed, 6 * day);
        six.record.configuration = "c";
        six.run();
        CHECK(six.covered);
        CHECK(six.issued <= 115);
        CHECK(six.real_orders <= 3 * six.issued);
    }
}
