#include "role/registry/core/history_listing.hpp"

#include <distd/json.hpp>
#include <map>
#include <utility>

#include "base/timestamp.hpp"

namespace distd::registry {
namespace {

std::chrono::minutes bucket_of(wire::time_range r) {
    return std::chrono::minutes(r == wire::time_range::month ? minutes_in_hour : 1);
}

wall_point end_of_last_bucket(const health_clock& clock, wire::time_range r) {
    const auto size = bucket_of(r);
    return wall_point((std::chrono::minutes(clock.now()) / size + 1) * size);
}

// Most histories have no buckets of their own, and many of these are the same.
class shown_histories {
public:
    shown_histories(const health_clock& clock, wire::time_range r) : clock_(clock), range_(r) {}

    [[nodiscard]] std::string of(const health_history& h) {
        if (h.has_buckets()) return run_lengths(h, clock_, range_);
        auto& text = simple_[{h.changed(), h.now()}];
        if (text.empty()) text = run_lengths(h, clock_, range_);
        return text;
    }

private:
    const health_clock& clock_;
    wire::time_range range_;
    std::map<std::pair<wall_minute, health_state>, std::string> simple_;
};

}  // namespace

std::string histories_as_json(const directory& d, wire::time_range r) {
    const auto bucket = std::chrono::seconds(bucket_of(r)).count();
    auto out = R"({"Range":")" + std::string(to_string(r)) + R"(","BucketSeconds":)" +
               std::to_string(bucket) + R"(,"Until":")" + rfc3339(end_of_last_bucket(d.clock(), r)) +
               R"(","Instances":[)";
    shown_histories shown(d.clock(), r);
    bool is_first = true;
    for (const auto* i : d.instances().all()) {
        out += std::exchange(is_first, false) ? R"({"Name":)"
                                              : ",\n"
                                                R"({"Name":)";
        append_json_string(out, i->that.name);
        out += R"(,"ServiceURL":)";
        append_json_string(out, i->that.url);
        out += R"(,"Health":")" + shown.of(i->health) + R"("})";
    }
    return out + "]}";
}

}  // namespace distd::registry
