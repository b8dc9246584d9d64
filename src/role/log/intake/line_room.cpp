#include "role/log/intake/line_room.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace distd::logs {

line_room::line_room(std::size_t bytes, executor loop, time_source& time)
    : bytes_(bytes), loop_(loop), time_(time) {}

line_room::~line_room() { DISTD_ASSERT(waiting_.empty() && taken_ == 0); }

task<line_room::share> line_room::take(std::size_t bytes) {
    bytes = std::min(bytes, bytes_);
    if (!waiting_.empty() || taken_ + bytes > bytes_) {
        struct place {
            line_room& room;
            alarm_clock turn;
            std::list<alarm_clock*>::iterator at;
            place(line_room& r)
                : room(r), turn(r.loop_, r.time_), at(r.waiting_.insert(r.waiting_.end(), &turn)) {}
            ~place() {
                room.waiting_.erase(at);
                room.wake_first();
            }
        } own(*this);
        while (own.at != waiting_.begin() || taken_ + bytes > bytes_) co_await own.turn.wait();
        taken_ += bytes;
        co_return share(*this, bytes);
    }
    taken_ += bytes;
    co_return share(*this, bytes);
}

void line_room::wake_first() noexcept {
    if (!waiting_.empty()) waiting_.front()->wake();
}

void line_room::share::shrink(std::size_t bytes) noexcept {
    if (room_ == nullptr || bytes >= bytes_) return;
    room_->taken_ -= bytes_ - bytes;
    bytes_ = bytes;
    room_->wake_first();
}

}  // namespace distd::logs
