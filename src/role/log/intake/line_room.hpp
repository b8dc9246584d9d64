// A memory budget for lines on their way from a body to the disk. A request reserves the most that its lines
// may become, waits in a FIFO queue when that is not free, and returns it when they are stored: so the memory
// that all senders take together is bounded, however many they are. Used on the loop.
#pragma once

#include <cstddef>
#include <distd/task.hpp>
#include <distd/time.hpp>
#include <list>
#include <utility>

namespace distd::logs {

class line_room {
public:
    line_room(std::size_t bytes, executor, time_source&);
    ~line_room();
    line_room(const line_room&) = delete;
    line_room& operator=(const line_room&) = delete;

    class share {
    public:
        share() = default;
        share(share&& other) noexcept
            : room_(std::exchange(other.room_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
        share& operator=(share&&) = delete;
        ~share() { shrink(0); }
        // Returns what is over so many bytes.
        void shrink(std::size_t bytes) noexcept;

    private:
        friend class line_room;
        share(line_room& room, std::size_t bytes) noexcept : room_(&room), bytes_(bytes) {}

        line_room* room_ = nullptr;
        std::size_t bytes_ = 0;
    };

    // A request for more than the whole budget waits until all of it is free.
    [[nodiscard]] task<share> take(std::size_t bytes);
    [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

private:
    void wake_first() noexcept;

    const std::size_t bytes_;
    executor loop_;
    time_source& time_;
    std::size_t taken_ = 0;
    std::list<alarm_clock*> waiting_;
};

}  // namespace distd::logs
