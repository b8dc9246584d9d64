// A small system for tests: instances as the registry lists them, at a fixed time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ops/answers/registry_answers.hpp"
#include "ops/model/system_overview.hpp"

namespace distd::ops {

inline const wall_point noon{seconds(1'795'262'400)};  // 2026-11-21T12:00:00Z

inline instance listed(std::string name, std::string url, std::string health = "passing") {
    instance i;
    i.name = std::move(name);
    i.url = std::move(url);
    i.machine = i.url.substr(7, i.url.rfind(':') - 7);
    i.health = std::move(health);
    return i;
}

inline instance lost(std::string name, std::string url, std::string reason, seconds ago) {
    auto i = listed(std::move(name), std::move(url), "lost");
    i.reason = std::move(reason);
    i.since = noon - ago;
    return i;
}

inline system_overview overview_of(const std::vector<instance>& instances) {
    overview_input facts;
    facts.instances = &instances;
    return make_overview(facts, noon);
}

}  // namespace distd::ops
