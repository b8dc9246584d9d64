#include "role/registry/health_keeper.hpp"

#include <limits>
#include <utility>

namespace distd::registry {
namespace {

constexpr std::chrono::hours between_rounds{1};
constexpr std::size_t instances_at_once = 512;

}  // namespace

health_keeper::health_keeper(directory& d, change_log& log, time_source& time)
    : directory_(d), change_log_(log), time_(time), due_(time.now() + between_rounds) {}

void health_keeper::step() {
    if (progress_->is_under_way) return;
    if (!is_in_round_ && time_.now() < due_) return;
    if (!is_in_round_) start_round();
    save(instances_at_once);
}

void health_keeper::finish() {
    start_round();
    save(std::numeric_limits<std::size_t>::max());
}

void health_keeper::start_round() {
    is_in_round_ = true;
    even_saved_ = std::exchange(progress_->was_refused, false);
    after_.clear();
    clock_ = directory_.clock().to_keep();
}

void health_keeper::save(std::size_t max_instances) {
    auto some = directory_.take_unsaved(after_, max_instances, even_saved_);
    if (after_.empty()) {
        is_in_round_ = false;
        due_ = time_.now() + between_rounds;
        if (!progress_->was_refused) some.clock = clock_;
    }
    if (some.histories.empty() && some.clock.now == 0) return;
    progress_->is_under_way = true;
    auto kept = [state = progress_](const change_log::outcome& stored) {
        state->is_under_way = false;
        state->was_refused = state->was_refused || !stored;
    };
    change_log_.commit(health_change{std::make_shared<const kept_health>(std::move(some))}, std::move(kept));
}

}  // namespace distd::registry
