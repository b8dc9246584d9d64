#include "acme/acme_agent.hpp"

#include <algorithm>

#include "acme/certificates.hpp"
#include "acme/jose.hpp"
#include "base/digest.hpp"
#include "base/random.hpp"
#include "base/timestamp.hpp"

namespace distd::acme {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr hours max_sleep{1};  // the system's clock may be set meanwhile
constexpr minutes unsaved_retry{1};
constexpr minutes max_validation{5};  // in one go; a later one carries on
constexpr milliseconds first_pause{250};
constexpr seconds max_pause{10};
constexpr hours placeholder_life{24 * 365};

std::string joined_names(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out.append(out.empty() ? "" : ", ").append(name);
    return out;
}

}  // namespace

// Longer from one look to the next, until the CA was given all the time that it gets in one go. Only what is
// waited here counts: names may take theirs meanwhile.
struct acme_agent::pause {
    explicit pause(acme_agent& a) : agent(a) {}

    // False: it is not worth waiting any longer now.
    [[nodiscard]] task<bool> wait() {
        if (waited >= max_validation) co_return false;
        co_await agent.bell_.wait_for(span);
        waited += span;
        span = std::min<milliseconds>(span * 2, max_pause);
        co_return true;
    }

    acme_agent& agent;
    milliseconds span = first_pause;
    milliseconds waited{0};
};

std::string acme_wish::text() const {
    return joined_names(names) + " of " + email + " at " + directory + " " + staging + " " +
           (account ? account->kid + " " + to_hex(sha256(account->mac_key)) : "") + (by_tls ? " by TLS" : "");
}

acme_agent::acme_agent(acme_wish wish, disk& d, std::string folder, http::client& c, executor loop,
                       time_source& time, logger log)
    : wish_(std::move(wish)),
      time_(time),
      bell_(loop, time),
      log_(std::move(log)),
      store_(d, std::move(folder), loop),
      client_(c, time, wish_.directory),
      staging_client_(c, time, wish_.staging) {
    read_certificate();
    auto record = store_.read_record();
    for (const auto& directory : {wish_.directory, wish_.staging})
        if (!directory.empty()) store_.read_account(directory);
    if (!store_.problem().empty()) log_.error("certificate_not_read", {{"reason", store_.problem()}});
    core_.emplace(acme_core::setup{wish_.text(), !wish_.staging.empty(), wish_.directory}, std::move(record),
                  held(), time_.wall(), random_u64());
    if (core_->record().is_stopped) log_failure();
}

void acme_agent::log_failure() {
    const auto& r = core_->record();
    const auto at = rfc3339(wall_point(milliseconds(r.next_try_ms)));
    const auto next =
        core_->waits_for_restart() ? "when the settings have changed, or at a restart after " + at : at;
    log_.error("certificate_not_issued", {{"names", joined_names(wish_.names)},
                                          {"reason", r.last_error},
                                          {"failures", r.failures},
                                          {"next_try", next}});
}

// That of an earlier run, also when it is not for all names any more, or its time is over; without one a
// placeholder, so that a start never waits for the CA.
void acme_agent::read_certificate() {
    pair_ = store_.read_certificate().value_or(std::string());
    if (!pair_.empty()) {
        try {
            shown_ = std::make_shared<const http::tls_certificate>(pair_, pair_);
            if (const std::string problem = shown_->problem_at(time_.wall()); !problem.empty())
                log_.error("certificate_not_valid",
                           {{"reason", problem}, {"effect", "it is shown, and clients refuse it"}});
            return;
        } catch (const http::certificate_error& e) {
            log_.warn("certificate_not_used", {{"reason", e.what()}});
            pair_.clear();
        }
    }
    const auto key = ec_key::make();
    const auto now = time_.wall();
    const auto made = make_certificate({.names = wish_.names,
                                        .subject = "distd: not issued yet",
                                        .from = now - hours(1),
                                        .until = now + placeholder_life},
                                       key);
    shown_ = std::make_shared<const http::tls_certificate>(made, key.pem());
}

bool acme_agent::is_for_all_names(const http::tls_certificate& c) const {
    const auto& has = c.facts().names;
    return std::ranges::all_of(
        wish_.names, [&](const std::string& name) { return std::ranges::find(has, name) != has.end(); });
}

std::optional<held_certificate> acme_agent::held() const {
    if (pair_.empty() || !is_for_all_names(*shown_)) return std::nullopt;
    const auto& f = shown_->facts();
    return held_certificate{f.from, f.until, f.sha256};
}

acme_client& acme_agent::client_for(bool is_trial) { return is_trial ? staging_client_ : client_; }

acme_state acme_agent::state() const {
    acme_state s;
    if (!pair_.empty()) s.until = shown_->facts().until;
    const auto& r = core_->record();
    s.last_error = r.last_error;
    s.failures = r.failures;
    if (store_.has_unsaved()) s.not_saved = store_.problem();
    const auto next = core_->next(time_.wall());
    if (!working_.empty()) {
        s.doing = working_;
    } else if (core_->waits_for_restart()) {
        s.doing = "stopped until the settings change or a restart";
    } else if (next.what == action::wait) {
        s.doing = r.failures > 0 ? "waits for the next try" : "waits for the renewal";
        s.next_try = r.failures > 0 ? next.until : core_->renewal();
    } else {
        s.doing = "begins";
    }
    return s;
}

task<> acme_agent::run() {
    for (;;) {
        if (store_.has_unsaved()) co_await store_.retry();
        const auto now = time_.wall();
        const auto next = core_->next(now);
        if (next.what != action::wait) {
            co_await perform(next.what);
            working_.clear();
            continue;
        }
        milliseconds span = store_.has_unsaved() ? milliseconds(unsaved_retry) : milliseconds(max_sleep);
        if (next.until - now < span) span = std::chrono::ceil<milliseconds>(next.until - now);
        co_await bell_.wait_for(span);
    }
}

task<> acme_agent::perform(action what) {
    if (what == action::ask_window) {
        co_await ask_window();
        co_return;
    }
    const auto& order = core_->record().order;
    const bool is_trial = what == action::try_at_staging || (order && order->is_trial);
    outcome<> done;
    if (what == action::carry_on)
        done = co_await carry_on();
    else
        done = co_await place(is_trial);
    if (!done) {
        auto why = done.error();
        why.is_of_trial = is_trial;
        if (is_trial) why.sentence = "at the staging directory: " + why.sentence;
        failed(why);
    }
    if (!done && done.error().account_is_lost) co_await forget_account(is_trial);
    const bool is_kept = co_await store_.keep_record(core_->record());
    if (!is_kept) log_.error("certificate_not_kept", {{"reason", store_.problem()}});
}

void acme_agent::failed(const failure& f) {
    working_.clear();
    client_.forget_directory();
    staging_client_.forget_directory();
    core_->on_failed(f, time_.wall(), random_u64());
    log_failure();
}

// Its key is kept before it is used: the account that the CA makes of it is found again by it.
task<outcome<signer>> acme_agent::account(bool is_trial) {
    const auto& directory = is_trial ? wish_.staging : wish_.directory;
    const auto* before = store_.account(directory);
    auto kept = before ? *before : kept_account{directory, {}, ec_key::make().pem()};
    std::optional<ec_key> key;
    try {
        key.emplace(kept.key);
    } catch (const std::runtime_error& e) {
        co_return failure{.sentence = "the account's key cannot be read: " + std::string(e.what())};
    }
    if (!kept.url.empty()) co_return signer{*key, kept.url};
    static_cast<void>(co_await store_.keep_account(kept));
    const auto known = is_trial ? std::nullopt : wish_.account;
    auto url = co_await client_for(is_trial).make_account(*key, wish_.email, known);
    if (!url) co_return url.error();
    kept.url = *url;
    static_cast<void>(co_await store_.keep_account(kept));
    co_return signer{*key, *url};
}

// Not its key: a CA that finds the account by it again gives the same one.
task<> acme_agent::forget_account(bool is_trial) {
    const auto* before = store_.account(is_trial ? wish_.staging : wish_.directory);
    if (!before) co_return;
    const kept_account without_url{before->directory, {}, before->key};
    const bool is_kept = co_await store_.keep_account(without_url);
    if (!is_kept) log_.error("certificate_not_kept", {{"reason", store_.problem()}});
}

task<outcome<>> acme_agent::place(bool is_trial) {
    working_ = is_trial ? "tries the staging directory" : "places an order";
    const auto who = co_await account(is_trial);
    if (!who) co_return who.error();
    // What is not on disk is placed all the same: the certificate matters more.
    core_->on_placing(ec_key::make().pem(), is_trial);
    static_cast<void>(co_await store_.keep_record(core_->record()));
    auto& ca = client_for(is_trial);
    const auto replaces =
        core_->held() && !is_trial && ca.has_windows() ? renewal_id_of(pair_) : std::string();
    const auto url = co_await ca.place_order(*who, wish_.names, replaces);
    if (!url) co_return url.error();
    core_->on_placed(*url);
    log_.info("certificate_ordered", {{"names", joined_names(wish_.names)}, {"order", *url}});
    co_return outcome<>();
}

task<outcome<>> acme_agent::carry_on() {
    const auto kept = *core_->record().order;
    working_ = kept.is_trial ? "tries the staging directory" : "is having the names validated";
    try {
        static_cast<void>(ec_key(kept.key));
    } catch (const std::runtime_error& e) {
        co_return failure{.sentence = "the key of the order cannot be read: " + std::string(e.what())};
    }
    const auto who = co_await account(kept.is_trial);
    if (!who) co_return who.error();
    pause between(*this);
    for (;;) {
        const auto order = co_await client_for(kept.is_trial).order(*who, kept.url);
        if (!order) co_return order.error();
        const auto is_done = co_await advance(*who, kept, *order);
        if (!is_done) co_return is_done.error();
        if (*is_done) co_return outcome<>();
        const bool goes_on = co_await between.wait();
        if (!goes_on)
            co_return failure{.sentence = "the CA has not finished the order yet: it is " + order->status,
                              .order_is_lost = false};
    }
}

// A step further, as far as it depends on us. True: there is nothing left to do.
task<outcome<bool>> acme_agent::advance(signer who, kept_order kept, order_answer order) {
    auto& ca = client_for(kept.is_trial);
    if (order.status == "pending") {
        for (const auto& authorization : order.authorizations) {
            const auto proven = co_await prove(who, authorization);
            if (!proven) co_return proven.error();
        }
    } else if (order.status == "ready" && kept.is_trial) {
        core_->on_trial_passed();
        co_return true;
    } else if (order.status == "ready") {
        working_ = "is having the certificate issued";
        auto request = certificate_request(wish_.names, ec_key(kept.key));
        const auto asked = co_await ca.finalize(who, order.finalize, std::move(request));
        if (!asked) co_return asked.error();
    } else if (order.status == "valid") {
        const auto taken = co_await take(who, kept, order.certificate);
        if (!taken) co_return taken.error();
        co_return true;
    } else if (order.status != "processing") {
        const auto why = co_await reason_of(who, order);
        co_return why;
    }
    co_return false;
}

// What is wrong with an order stands at the name that was not proven.
task<failure> acme_agent::reason_of(signer who, order_answer order) {
    const bool is_trial = core_->record().order->is_trial;
    for (const auto& url : order.authorizations) {
        const auto a = co_await client_for(is_trial).authorization(who, url);
        if (a && a->status == "invalid") co_return failure_of_authorization(*a);
    }
    co_return failure_of_order(order);
}

task<outcome<>> acme_agent::prove(signer who, std::string authorization) {
    const bool is_trial = core_->record().order->is_trial;
    const auto a = co_await client_for(is_trial).authorization(who, authorization);
    if (!a) co_return a.error();
    if (a->status == "valid") co_return outcome<>();
    if (a->status != "pending") co_return failure_of_authorization(*a);
    if (std::ranges::find(wish_.names, a->identifier.value) == wish_.names.end())
        co_return failure{.sentence = "the CA asks for a proof of a name that was not ordered"};
    const auto* offered = a->find(wish_.by_tls ? "tls-alpn-01" : "http-01");
    if (!offered)
        co_return failure{.helped_by = failure::remedy::configuration,
                          .sentence = "the CA does not validate " + a->identifier.value + " by " +
                                      (wish_.by_tls ? "TLS-ALPN-01" : "HTTP-01")};
    const auto challenge = *offered;
    show_proof(who, a->identifier.value, challenge);
    auto proven = co_await prove_by(who, authorization, challenge);
    hide_proof(a->identifier.value, challenge);
    co_return proven;
}

void acme_agent::show_proof(const signer& who, const std::string& name, const challenge_answer& c) {
    const auto proof = key_authorization(c.token, who.key);
    if (!wish_.by_tls) return challenges_.put(c.token, proof);
    const auto hash = sha256(proof);
    const auto key = ec_key::make();
    const auto now = time_.wall();
    const auto made =
        make_certificate({.names = {name},
                          .subject = "distd: an answer to a CA",
                          .from = now - hours(1),
                          .until = now + placeholder_life,
                          .acme_proof = {reinterpret_cast<const char*>(hash.data()), hash.size()}},
                         key);
    challenges_.put(name, std::make_shared<const http::tls_certificate>(made, key.pem()));
    if (on_change_) on_change_();
}

void acme_agent::hide_proof(const std::string& name, const challenge_answer& c) {
    challenges_.remove(c.token);
    challenges_.remove_shown(name);
    if (wish_.by_tls && on_change_) on_change_();
}

task<outcome<>> acme_agent::prove_by(signer who, std::string authorization, challenge_answer challenge) {
    auto& ca = client_for(core_->record().order->is_trial);
    if (challenge.status == "pending") {
        const auto accepted = co_await ca.accept_challenge(who, challenge.url);
        if (!accepted) co_return accepted.error();
    }
    pause between(*this);
    for (;;) {
        const bool goes_on = co_await between.wait();
        const auto a = co_await ca.authorization(who, authorization);
        if (!a) co_return a.error();
        if (a->status == "valid") co_return outcome<>();
        if (a->status != "pending") co_return failure_of_authorization(*a);
        if (!goes_on)
            co_return failure{.sentence = "the CA has not validated " + a->identifier.value + " yet",
                              .order_is_lost = false};
    }
}

task<outcome<>> acme_agent::take(signer who, kept_order kept, std::string url) {
    auto chain = co_await client_for(kept.is_trial).download(who, url);
    if (!chain) co_return chain.error();
    auto pair = kept.key + *chain;
    certificate issued;
    try {
        issued = std::make_shared<const http::tls_certificate>(pair, pair);
    } catch (const http::certificate_error& e) {
        co_return failure{.sentence =
                              "the certificate that was issued cannot be used: " + std::string(e.what())};
    }
    const std::string problem = issued->problem_at(time_.wall());
    if (!problem.empty())
        co_return failure{.sentence = "the certificate that was issued cannot be used: " + problem};
    if (!is_for_all_names(*issued))
        co_return failure{.sentence = "the certificate that was issued is not for all names"};
    pair_ = std::move(pair);
    shown_ = std::move(issued);
    core_->on_issued(*held(), time_.wall());
    log_.info("certificate_issued", {{"names", joined_names(wish_.names)},
                                     {"until", rfc3339(shown_->facts().until)},
                                     {"renewal", rfc3339(*core_->renewal())}});
    if (on_change_) on_change_();
    // Before the record forgets the order: whoever is killed in between has it fulfilled once more.
    const bool is_kept = co_await store_.keep_certificate(pair_);
    if (!is_kept)
        log_.error("certificate_not_kept",
                   {{"reason", store_.problem()}, {"effect", "it is used, and lost at a restart"}});
    co_return outcome<>();
}

task<> acme_agent::ask_window() {
    const auto places = co_await client_.directory();
    const auto id = renewal_id_of(pair_);
    if (id.empty() || (places && places->renewal_info.empty())) {
        core_->on_no_windows();
        co_return;
    }
    outcome<acme_client::window_answer> answer = acme_client::window_answer();
    if (places) answer = co_await client_.window(id);
    if (!places || !answer)
        core_->on_window(std::nullopt, std::nullopt, time_.wall());
    else
        core_->on_window(answer->window, answer->retry_after, time_.wall());
}

}  // namespace distd::acme
