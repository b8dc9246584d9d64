#include "role/registry/change_lines.hpp"

namespace distd::registry {

void log_change(const logger& log, const change& c, const std::string& name, const health_engine& health) {
    if (const auto* drain = std::get_if<drain_change>(&c)) {
        log.info(drain->note.holds() ? "instance_drained" : "instance_drain_ended",
                 {{"url", drain->url},
                  {"name", name},
                  {"reason", drain->note.holds() ? drain->note.reason : drain->reason},
                  {"revision", drain->revision}});
    } else if (const auto* removal = std::get_if<remove_change>(&c)) {
        const auto* event = removal->is_forgotten      ? "instance_forgotten"
                            : removal->generation == 0 ? "instance_deregistered"
                                                       : "instance_gone";
        log.info(event, {{"url", removal->url},
                         {"name", name},
                         {"reason", removal->reason},
                         {"revision", removal->revision}});
    } else if (const auto* offer = std::get_if<offer_change>(&c)) {
        if (offer->offered)
            return log.info("instance_back",
                            {{"url", offer->url}, {"name", name}, {"revision", offer->revision}});
        const auto* const report = health.find(offer->url);
        log.warn("instance_lost", {{"url", offer->url},
                                   {"name", name},
                                   {"reason", report ? report->reason : std::string()},
                                   {"revision", offer->revision}});
    }
}

}  // namespace distd::registry
