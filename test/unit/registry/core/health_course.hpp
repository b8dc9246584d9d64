// The health of instances over fake time: every number is milliseconds since the start.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "role/registry/core/health.hpp"

namespace distd::registry {

using transition = health_engine::transition;

inline registration probed(const std::string& url, registration_extras extras = {}) {
    return {"A", url, {}, "", url + "/heartbeat", std::make_shared<const registration_extras>(extras)};
}

inline registration reporting(const std::string& url, milliseconds ttl, registration_extras extras = {}) {
    extras.ttl = ttl;
    return probed(url, std::move(extras));
}

// What the engine is told and says over time; probes and transitions are noted with their milliseconds.
struct course {
    explicit course(health_engine::rules r = {}) : engine(r) {}

    void watch(const std::string& url, registration_extras extras = {}) {
        engine.watch(probed(url, std::move(extras)), 1, condition::unproven, now, 0);
    }
    // Runs until `end`; probes are answered at once, with what `answers` says.
    void run(milliseconds until) {
        const auto end = start + until;
        for (;;) {
            const auto due = engine.next_due();
            if (due > end) break;
            now = std::max(now, due);
            while (auto p = engine.take(now)) {
                const auto url = p->url();
                probes.push_back({ms(), url});
                note(url, engine.finish(*p, answers[url], now));
            }
            for (const auto& j : engine.review(now)) note(j.url, j.what);
        }
        now = end;
    }
    void run_for(milliseconds span) { run(milliseconds(ms()) + span); }
    void note(const std::string& url, transition v) {
        if (v == transition::none) return;
        transitions.push_back({ms(), v});
        if (v == transition::lost || v == transition::gone) out.insert(url);
        if (v == transition::back) out.erase(url);
    }
    // It reports by itself.
    void hear(const std::string& url, const std::string& failure = {}) {
        const auto heard = engine.take_report(url, failure, now);
        CHECK(heard.how == health_engine::reporting::taken);
        note(url, heard.what.what);
    }
    [[nodiscard]] milliseconds::rep ms() const {
        return std::chrono::duration_cast<milliseconds>(now - start).count();
    }
    [[nodiscard]] std::vector<milliseconds::rep> probe_times() const {
        std::vector<milliseconds::rep> times;
        for (const auto& [at, url] : probes) times.push_back(at);
        return times;
    }

    using times = std::vector<milliseconds::rep>;
    using events = std::vector<std::pair<milliseconds::rep, transition>>;

    steady_point start{std::chrono::hours(1)};
    steady_point now = start;
    health_engine engine;
    std::map<std::string, std::string> answers;  // empty: healthy
    std::vector<std::pair<milliseconds::rep, std::string>> probes;
    events transitions;
    std::set<std::string> out;  // of rotation, as the transitions say
};

}  // namespace distd::registry
