// What becomes of the batches of log lines, from the loop that fills them to the thread that writes them.
// Both threads use the account; a batch belongs to one at a time.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace distd {

inline constexpr std::size_t log_batch_bytes = 64 * 1024;

class log_account;

struct log_batch {
    explicit log_batch(log_account& a) : book(&a) { text.reserve(log_batch_bytes + log_batch_bytes / 8); }

    std::string text;
    std::uint64_t lines = 0;
    log_account* book;
};

class log_account {
public:
    [[nodiscard]] std::unique_ptr<log_batch> empty_batch() {
        {
            std::lock_guard lock(mutex_);
            if (!spares_.empty()) {
                auto b = std::move(spares_.back());
                spares_.pop_back();
                return b;
            }
        }
        return std::make_unique<log_batch>(*this);
    }
    void handed_over() {
        std::lock_guard lock(mutex_);
        ++under_way_;
    }
    // `overflowed` of its lines met a full queue, `lost` of them the descriptor did not take.
    void settled(std::unique_ptr<log_batch> b, std::uint64_t overflowed, std::uint64_t lost) {
        b->text.clear();
        b->lines = 0;
        std::lock_guard lock(mutex_);
        overflowed_ += overflowed;
        lost_ += lost;
        const bool is_usual = b->text.capacity() <= 2 * log_batch_bytes;
        if (is_usual && spares_.size() < max_spares) spares_.push_back(std::move(b));
        if (--under_way_ == 0) all_settled_.notify_all();
    }
    [[nodiscard]] std::size_t under_way() const {
        std::lock_guard lock(mutex_);
        return under_way_;
    }
    void wait_until_settled() {
        std::unique_lock lock(mutex_);
        all_settled_.wait(lock, [this] { return under_way_ == 0; });
    }
    [[nodiscard]] std::uint64_t overflowed() const noexcept { return overflowed_; }
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    // Written batches are filled again: memory fresh from the kernel costs more than the lines in it.
    static constexpr std::size_t max_spares = 8;

    mutable std::mutex mutex_;
    std::condition_variable all_settled_;
    std::size_t under_way_ = 0;
    std::vector<std::unique_ptr<log_batch>> spares_;
    std::atomic<std::uint64_t> overflowed_ = 0;
    std::atomic<std::uint64_t> lost_ = 0;
};

}  // namespace distd
