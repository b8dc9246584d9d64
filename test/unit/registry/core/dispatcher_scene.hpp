// Registrations that come and go, and the patches that are sent of them.
#pragma once

#include <string>
#include <vector>

#include "role/registry/core/dispatcher.hpp"

namespace distd::registry {

using how = outbox::outcome;
using departure = dispatcher::departure;
using texts = std::vector<std::string>;

// A catalog and its dispatcher, changed together as the directory does it.
struct scene {
    explicit scene(dispatcher::limits l = {}) : patches(l) {}

    void add(const std::string& name, const std::string& url, std::vector<std::string> required = {},
             bool subscribes = true) {
        const auto r =
            all.put({name, url, std::move(required), subscribes ? url + "/services" : "", ""}, ++revision);
        patches.join(*r.now, all);
        if (r.is_newly_offered) patches.changed(r.now->entry, true, all);
    }
    void remove(const std::string& url, departure f = departure::withdrawn) {
        const auto gone = all.remove(url);
        patches.leave(url, f);
        if (gone->offered) patches.changed(gone->entry, false, all);
    }
    // Answers everything that can be sent now; returns "url text" of each.
    texts deliver(how outcome = how::arrived) {
        texts sent;
        while (auto d = patches.take(now)) {
            sent.push_back(d->url + " " + *d->text);
            patches.finish(*d, outcome, now, 0);
        }
        return sent;
    }

    catalog all;
    dispatcher patches;
    steady_point now{std::chrono::hours(1)};
    std::uint64_t revision = 0;
};

inline const std::string log_added = R"({"Added":[{"Name":"Log","URL":"log"}],"Removed":[]})";
inline const std::string log_removed = R"({"Added":[],"Removed":[{"Name":"Log","URL":"log"}]})";
inline const std::string nothing = R"({"Added":[],"Removed":[]})";

}  // namespace distd::registry
