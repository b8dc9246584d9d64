// A disk that does not return while it is stuck, as of a device that is gone: neither with success nor with a
// failure: of syncs, of writes and reads at a place, and of looks whether a file is there.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/disk_wait.hpp"
#include "support/forwarding_disk.hpp"

namespace distd::test {

class stuck_disk final : public forwarding_disk {
public:
    // `on_held`: somebody begins to wait; on their thread.
    explicit stuck_disk(std::function<void()> on_held, disk& under = real_disk())
        : forwarding_disk(under), on_held_(std::move(on_held)) {}

    // From now on for files whose path has that in it; until the end of the process.
    void stick(std::string part_of_path) {
        const std::lock_guard lock(mutex_);
        stuck_ = std::move(part_of_path);
    }

    bool exists(const path& p) override {
        hold_if_stuck(p.string());
        return forwarding_disk::exists(p);
    }

private:
    class stuck_file final : public forwarding_file {
    public:
        stuck_file(stuck_disk& d, std::string name, std::unique_ptr<file> that)
            : forwarding_file(std::move(that)), disk_(d), name_(std::move(name)) {}
        result<> sync() override {
            disk_.hold_if_stuck(name_);
            return forwarding_file::sync();
        }
        result<std::size_t> write_at(std::uint64_t at, std::string_view bytes) override {
            disk_.hold_if_stuck(name_);
            return forwarding_file::write_at(at, bytes);
        }
        result<std::size_t> read_at(std::uint64_t at, char* out, std::size_t size) override {
            disk_.hold_if_stuck(name_);
            return forwarding_file::read_at(at, out, size);
        }

    private:
        stuck_disk& disk_;
        const std::string name_;
    };

    std::unique_ptr<file> wrapped(const path& p, std::unique_ptr<file> that) override {
        return std::make_unique<stuck_file>(*this, p.string(), std::move(that));
    }
    void hold_if_stuck(const std::string& name) {
        std::unique_lock lock(mutex_);
        if (stuck_.empty() || name.find(stuck_) == name.npos) return;
        const path file(name);
        const disk_wait waiting(file);  // as the real disk has one
        on_held_();
        for (;;) never_.wait(lock);
    }

    const std::function<void()> on_held_;
    std::mutex mutex_;
    std::condition_variable never_;
    std::string stuck_;  // empty: not
};

}  // namespace distd::test
