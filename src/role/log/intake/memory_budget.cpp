#include "role/log/intake/memory_budget.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace distd::logs {

memory_budget::memory_budget(std::size_t bytes, executor loop, time_source& time)
    : bytes_(bytes), loop_(loop), time_(time) {}

memory_budget::~memory_budget() { DISTD_ASSERT(waiting_.empty() && taken_ == 0); }

task<memory_budget::reservation> memory_budget::reserve(std::size_t bytes) {
    bytes = std::min(bytes, bytes_);
    if (!waiting_.empty() || taken_ + bytes > bytes_) {
        struct place {
            memory_budget& room;
            alarm_clock turn;
            std::list<alarm_clock*>::iterator at;
            place(memory_budget& r)
                : room(r), turn(r.loop_, r.time_), at(r.waiting_.insert(r.waiting_.end(), &turn)) {}
            ~place() {
                room.waiting_.erase(at);
                room.wake_first();
            }
        } own(*this);
        while (own.at != waiting_.begin() || taken_ + bytes > bytes_) co_await own.turn.wait();
        taken_ += bytes;
        co_return reservation(*this, bytes);
    }
    taken_ += bytes;
    co_return reservation(*this, bytes);
}

void memory_budget::wake_first() noexcept {
    if (!waiting_.empty()) waiting_.front()->wake();
}

void memory_budget::reservation::shrink(std::size_t bytes) noexcept {
    if (room_ == nullptr || bytes >= bytes_) return;
    room_->taken_ -= bytes_ - bytes;
    bytes_ = bytes;
    room_->wake_first();
}

}  // namespace distd::logs
