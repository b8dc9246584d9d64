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

class memory_budget {
public:
    memory_budget(std::size_t bytes, executor, time_source&);
    ~memory_budget();
    memory_budget(const memory_budget&) = delete;
    memory_budget& operator=(const memory_budget&) = delete;

    class reservation {
    public:
        reservation() = default;
        reservation(reservation&& other) noexcept
            : room_(std::exchange(other.room_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
        reservation& operator=(reservation&&) = delete;
        ~reservation() { shrink(0); }
        // Returns what is over so many bytes.
        void shrink(std::size_t bytes) noexcept;

    private:
        friend class memory_budget;
        reservation(memory_budget& room, std::size_t bytes) noexcept : room_(&room), bytes_(bytes) {}

        memory_budget* room_ = nullptr;
        std::size_t bytes_ = 0;
    };

    // A request for more than the whole budget waits until all of it is free.
    [[nodiscard]] task<reservation> reserve(std::size_t bytes);
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
