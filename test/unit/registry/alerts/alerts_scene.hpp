// A registry's directory with alerts over it, in time that the test moves. What is decided counts as stored
// at once, and what is sent as delivered, unless the test says something else.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "role/registry/alerts/alerts.hpp"

namespace distd::test {

struct alerts_scene {
    explicit alerts_scene(const std::string& more = "")
        : rules(R"({"url":"http://127.0.0.1:9/")" + more + "}") {
        open({});
    }

    void open(std::vector<registry::alert_row> told) {
        all = std::make_unique<registry::alerts>(*state, std::move(told));
        all->configure("ops", rules, now);
        all->start(now);
    }
    // A restart: all that is kept, and nothing else.
    void restart() {
        registry::kept_state kept;
        kept.revision = revision;
        for (const auto* i : state->instances().all())
            kept.instances.push_back({i->that, i->healthy, i->generation, i->revision, i->modified, i->drain,
                                      0, i->by, i->registered_at_ms});
        for (const auto& e : state->events().all()) kept.events.push_back(e);
        all.reset();
        state = std::make_unique<registry::directory>(registry::health_engine::rules(),
                                                      registry::dispatcher::limits(), [] { return 0; });
        state->restore(std::move(kept), now.steady, now.wall);
        std::vector<registry::alert_row> rows;
        for (const auto& [key, row] : stored) rows.push_back(row);
        open(std::move(rows));
    }

    void apply(auto c) {
        c.revision = ++revision;
        if constexpr (requires { c.at_ms; })
            c.at_ms = std::chrono::duration_cast<milliseconds>(now.wall.time_since_epoch()).count();
        state->apply(registry::change(std::move(c)), now.steady);
        look();
    }
    void add(const std::string& name, const std::string& url, std::vector<std::string> required = {}) {
        registry::put_change c;
        c.that.name = name;
        c.that.url = url;
        c.that.required_services = std::move(required);
        apply(std::move(c));
    }
    void offer(const std::string& url, bool is_well, const std::string& reason = "connection refused") {
        registry::offer_change c;
        c.url = url;
        c.generation = state->instances().find(url)->generation;
        c.offered = is_well;
        c.reason = is_well ? "" : reason;
        apply(std::move(c));
    }
    void lose(const std::string& url) { offer(url, false); }
    void heal(const std::string& url) { offer(url, true); }
    void drain(const std::string& url, bool is_on = true) {
        registry::drain_change c;
        c.url = url;
        c.note.since_ms = is_on ? 1 : 0;
        apply(std::move(c));
    }
    void remove(const std::string& url, bool is_gone) {
        registry::remove_change c;
        c.url = url;
        c.generation = is_gone ? state->instances().find(url)->generation : 0;
        apply(std::move(c));
    }
    void guard(bool is_on, const std::string& reason) { apply(registry::guard_change{is_on, reason}); }

    void pass(milliseconds span) {
        const auto until = now.steady + span;
        while (now.steady < until) {
            const auto next = std::max(all->next_due(), now.steady + milliseconds(1));
            const auto step = std::min(next, until) - now.steady;
            now.steady += step;
            now.wall += std::chrono::duration_cast<wall_point::duration>(step);
            look();
        }
    }
    void look() {
        for (const auto& c : all->review(now)) {
            store(c);
            all->stored(c, now.steady);
        }
        while (auto d = all->take(now.steady)) {
            const auto& m = d->what.message;
            if (takes)
                sent.push_back(m.service + " " + std::string(to_string(m.what)) + ": " + m.reason +
                               (m.instances.empty() ? "" : ", " + m.instances));
            ++tries;
            std::vector<registry::alert_change> settled;
            const registry::alerts::attempt how{takes ? 204 : 500, takes ? "" : "answered 500"};
            static_cast<void>(all->finish(*d, how, now, 0, settled));
            for (const auto& c : settled) store(c);
        }
    }
    void store(const registry::alert_change& c) {
        using enum registry::alert_change::action;
        if (c.what == keep) stored[c.that.subject] = c.that;
        if (c.what == forget) stored.erase(c.that.subject);
        if (c.what == forget_alert) stored.clear();
    }
    [[nodiscard]] std::vector<std::string> take_sent() { return std::exchange(sent, {}); }

    std::string rules;
    registry::moment now{steady_point(std::chrono::hours(1000)), wall_point(seconds(1'800'000'000))};
    std::uint64_t revision = 1;
    std::unique_ptr<registry::directory> state = std::make_unique<registry::directory>(
        registry::health_engine::rules(), registry::dispatcher::limits(), [] { return 0; });
    std::unique_ptr<registry::alerts> all;
    std::map<std::string, registry::alert_row> stored;
    std::vector<std::string> sent;
    bool takes = true;  // the webhook
    int tries = 0;
};

}  // namespace distd::test
