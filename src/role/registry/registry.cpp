#include "role/registry/registry.hpp"

#include <algorithm>
#include <utility>

#include "base/logging/log_sink.hpp"
#include "base/random.hpp"
#include "base/timestamp.hpp"
#include "role/registry/change_lines.hpp"
#include "role/registry/state_changes.hpp"
#include "role/registry/watch/topics.hpp"
#include "sdk/role_services.hpp"
#include "wire/header_names.hpp"
#include "wire/rules.hpp"
#include "wire/service_names.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds upkeep_interval{200};
constexpr int retry_refused_every = 5;  // upkeeps
constexpr int tidy_every = 300;

health_engine::rules health_rules(const registry_rules& r) {
    health_engine::rules h;
    h.interval = r.heartbeat_interval;
    // The pauses between tries after a failure shrink with an interval below the usual one.
    h.retry_after = std::min(h.retry_after, r.heartbeat_interval);
    h.deregister_after = r.deregister_after;
    h.timeout = r.probe_timeout;
    h.guard.max_duration = r.guard_time;
    h.max_probes_per_host = r.max_probes_per_host;
    return h;
}

// So that indexes grow also where the data was lost: a reader that waits with an old one would else wait for
// what it does not have when the new ones have come just as far.
std::uint64_t first_revision(wall_point now) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms(now), 1));
}

}  // namespace

registry::registry(service& s, registry_rules rules)
    : service_(s),
      rules_(std::move(rules)),
      store_(s.data_dir() + "/registry.db", first_revision(s.time().wall()), disk_of(s)),
      targets_(rules_.allowed, [&s] { return listens_beyond_loopback(s); }),
      calls_(s, targets_),
      directory_(health_rules(rules_), {}, [] { return random_u64(); }),
      owners_(s, calls_, directory_.instances(), rules_.max_probes_per_host),
      texts_(directory_),
      board_(s.loop(), s.time()),
      quota_(rules_.per_address),
      patches_(s, calls_, directory_),
      probes_(s, calls_, directory_, rules_.heartbeat_interval,
              [this](change c) { change_log_->record(std::move(c)); }),
      returns_(s, calls_, rules_.probe_timeout, [this](const auto& gone) { put_back(gone); }) {
    restore();
    // By this field services see that it is a registry of ours, and whether it lost its data
    // (registration_fsm).
    routes_of(s).sign_answers(wire::registry_id_header, id_);
    store_health_.emplace(service_, change_log_->queue(), "registry", "registry_store_failed");
    auto& m = s.metrics();
    m.level_of("distd_registry_instances", "Registered instances",
               [this] { return static_cast<double>(directory_.instances().size()); });
    m.level_of("distd_registry_lost_instances", "Instances that fail their probes",
               [this] { return static_cast<double>(directory_.health().lost()); });
    m.level_of("distd_registry_drained_instances", "Instances that an operator took out of rotation",
               [this] { return static_cast<double>(drained_of(directory_.instances())); });
    m.level_of("distd_registry_guard_active", "1 while so many fail at once that nobody is taken out",
               [this] { return directory_.health().guard().is_on() ? 1.0 : 0.0; });
    m.level_of("distd_registry_parked_watchers", "Readers that wait for a change",
               [this] { return static_cast<double>(board_.parked()); });
    m.level_of("distd_registry_unsettled_subscribers", "Services that are still to be told of a change",
               [this] { return static_cast<double>(directory_.patches().unsettled()); });
    start_loops();
    ship_lines(
        s, [this] { return pick_log_service(); },
        [this](const auto& peer) { return targets_.may_call(peer.address()); });
    s.log().info(
        "registry_opened",
        {{"instances", directory_.instances().size()}, {"revision", directory_.revision()}, {"id", id_}});
}

void registry::restore() {
    auto kept = store_.load();
    const auto& log = service_.log();
    if (store_.has_lost_data())
        log.warn("registry_data_lost",
                 {{"reason",
                   "the database is gone: every service has to register again, and the timeline begins "
                   "anew"},
                  {"indexes_from", kept.revision}});
    if (store_.has_lost_mark())
        log.warn("registry_mark_lost",
                 {{"reason", "registry.mark makes no sense: it cannot be told which indexes were given out"},
                  {"indexes_from", kept.ceiling}});
    if (kept.in_doubt)
        log.warn("registry_in_doubt",
                 {{"reason",
                   "the disk refused writes when the registry ended: what was shown of the health of "
                   "instances since then is lost, and every subscriber is brought up to date"}});
    for (const auto& i : kept.instances) quota_.restore({i.by.source, size_of(i.that)});
    id_ = std::move(kept.id);
    auto alert_rows = std::move(kept.alert_rows);
    change_log::origin from;
    from.in_doubt = kept.in_doubt;
    directory_.restore(std::move(kept), service_.time().now(), service_.time().wall());
    for (const auto& [name, instances] : directory_.instances().by_name())
        for (const auto& [url, i] : instances) owners_.changed(i->that.url);
    from.revision = directory_.revision();
    if (const auto& events = directory_.events().all(); !events.empty()) from.at_ms = events.back().at_ms;
    change_log_ = std::make_unique<change_log>(
        store_, service_.loop(), service_.time(), from, [this](change& c) { return apply(c); },
        [this](const auto& urls, std::uint64_t index) { return directory_.restate(urls, index); });
    health_keeper_.emplace(directory_, *change_log_, service_.time());
    alerts_.emplace(service_, directory_, *change_log_, std::move(alert_rows));
}

void registry::start_loops() {
    service_.background("journal", [this] { return change_log_->run(); });
    service_.background("calls", [this] { return calls_.run(); });
    service_.background("patches", [this] { return patches_.run(); });
    service_.background("probes", [this] { return probes_.run(); });
    service_.background("returns", [this] { return returns_.run(); });
    service_.background("alerts", [this] { return alerts_->run(); });
    service_.background("alert calls", [this] { return alerts_->calls(); });
    service_.background("watchers", [this] { return board_.run(); });
    service_.background("upkeep", [this] { return keep_up(); });
    service_.on_drain([this] { return settle(); });
}

// What that URL counts for, and for whom.
std::optional<source_quota::share> registry::share_of(std::string_view url) const {
    const auto* i = directory_.instances().find(url);
    if (!i) return std::nullopt;
    return source_quota::share{i->by.source, size_of(i->that)};
}

directory::effect registry::apply(change& c) {
    if (const auto* put = std::get_if<put_change>(&c)) {
        returns_.forget(put->that.url);
        service_.log().info("instance_registered",
                            {{"name", put->that.name}, {"url", put->that.url}, {"revision", put->revision}});
    }
    const auto before = share_before(c);
    const auto owned = url_of_owner(c);
    auto gone = going(c);
    const auto last_event = directory_.events().index();
    const auto effect = directory_.apply(std::move(c), service_.time().now());
    if (effect == directory::effect::nothing) return effect;
    if (before) quota_.give_back(*before);
    if (!owned.empty()) owners_.changed(owned);
    if (gone) returns_.put(std::move(*gone));
    notify_watchers();
    const bool has_event = directory_.events().index() != last_event;
    const auto name = has_event ? directory_.events().all().back().name : std::string();
    log_change(service_.log(), c, name, directory_.health());
    if (auto* reader = reader_of(service_); reader && has_event)
        reader->tell(to_state_change(directory_.events().all().back(), directory_.events()));
    patches_.look();
    probes_.look();
    alerts_->look();
    return effect;
}

// Of a removal for failed probes: what may come back.
std::optional<gone_instances::gone> registry::going(const change& c) const {
    const auto* removal = std::get_if<remove_change>(&c);
    const auto* i = removal && removal->generation != 0 ? directory_.instances().find(removal->url) : nullptr;
    if (!i || i->that.heartbeat_url.empty() || i->that.more().ttl) return std::nullopt;
    return gone_instances::gone{i->that, i->by};
}

// It has answered again. Whoever is at its place by now decides, as for any registration; and an owner has to
// confirm it once more, since another process may be there.
void registry::put_back(gone_instances::gone gone) {
    claimant who{gone.by.source};
    if (gone.by.has_confirmed_owner) who.owner = gone.by.owner;
    if (owners_.judge_registration(gone.that.url, who) != claim::granted) return;
    if (!gone.by.has_confirmed_owner) return put_back_now(std::move(gone));
    const auto that = gone.that;
    owners_.challenge(that, who.owner, [this, gone = std::move(gone)](bool is_its_own) {
        if (is_its_own) put_back_now(gone);
    });
}

void registry::put_back_now(gone_instances::gone gone) {
    if (!returns_.known().find(gone.that.url)) return;
    if (!problem_with(gone.that, url_place(gone.that.url)).empty()) return;
    put_change c;
    c.that = std::move(gone.that);
    c.by = std::move(gone.by);
    c.reason = "answers again";
    // Where there is no room for it, it stays away.
    auto nobody_waits = completion<result<>>::of_callback([](const result<>&) {});
    static_cast<void>(enroll(std::move(c), std::move(nobody_waits)));
}

// Of what the change takes away.
std::optional<source_quota::share> registry::share_before(const change& c) const {
    if (const auto* put = std::get_if<put_change>(&c)) return share_of(put->that.url);
    if (const auto* removal = std::get_if<remove_change>(&c)) return share_of(removal->url);
    return std::nullopt;
}

// Empty where the change concerns no owner.
std::string registry::url_of_owner(const change& c) const {
    const auto* put = std::get_if<put_change>(&c);
    if (put && (put->by.has_confirmed_owner || owners_.knows_places())) return put->that.url;
    const auto* removal = std::get_if<remove_change>(&c);
    return removal && owners_.knows_places() ? removal->url : std::string();
}

void registry::notify_watchers() {
    directory_.take_changed_names(changed_names_);
    for (const auto& name : changed_names_) {
        texts_.drop(name);
        if (name == wire::log_service) log_services_changed(service_);
        if (board_.parked() > 0) board_.touch(topics::of_name(name));
    }
    const auto latest = std::max(directory_.names().of_all(), directory_.events().index());
    if (std::exchange(notified_index_, latest) == latest) return;
    board_.touch(topics::anything);
}

// A random one of those that would be offered to any other service. Asked for each batch of our lines: of
// very many the first ones are enough.
std::optional<std::string> registry::pick_log_service() const {
    constexpr std::size_t enough = 16;
    std::vector<const std::string*> offered;
    for (const auto& [url, i] : directory_.instances().named(wire::log_service)) {
        const bool is_pinned = !i->that.more().certificate_sha256.empty();  // who ships knows of no pins
        if (i->offered && !is_pinned) offered.push_back(&i->that.url);
        if (offered.size() == enough) break;
    }
    if (offered.empty()) return std::nullopt;
    return *offered[random_below(offered.size())];
}

task<> registry::keep_up() {
    alarm_clock bell(service_.loop(), service_.time());
    for (int round = 1;; ++round) {
        co_await bell.wait_for(upkeep_interval);
        directory_.pass(service_.time().wall());
        health_keeper_->step();
        note_settled();
        if (round % retry_refused_every == 0) change_log_->restate();
        const bool has_too_many_names = directory_.names().departed() > 2 * name_indexes::max_departed;
        if (round % tidy_every == 0 || has_too_many_names)
            change_log_->record(tidy_change{directory_.names().to_forget()});
    }
}

// Written some time later: what is missing after a crash merely makes us doubt a little more than we had to.
void registry::note_settled() {
    for (auto& s : directory_.patches().take_settled())
        change_log_->record(settled_change{std::move(s.url), s.generation, directory_.revision()});
}

task<> registry::settle() {
    note_settled();
    health_keeper_->finish();
    change_log_->restate();
    alarm_clock bell(service_.loop(), service_.time());
    while (!change_log_->is_idle()) co_await bell.wait_for(milliseconds(5));
}

moment registry::now() const { return {service_.time().now(), service_.time().wall()}; }

std::string registry::status() const { return status_as_json(directory_, id_, now()); }

}  // namespace distd::registry
