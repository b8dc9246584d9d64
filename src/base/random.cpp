#include "base/random.hpp"

#include <sys/random.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>
#include <utility>

namespace distd {
namespace {

std::atomic<random_source*> installed = nullptr;

// A call for so many bytes costs what four calls for 32 cost.
constexpr std::size_t words_at_once = 128;

class kernel_numbers {
public:
    std::uint64_t next() {
        if (used_ == block_.size()) fetch();
        return std::exchange(block_[used_++], 0);  // what was given away is kept nowhere
    }

private:
    void fetch() {
        auto* const bytes = reinterpret_cast<char*>(block_.data());
        for (std::size_t got = 0; got < sizeof(block_);) {  // a signal may cut it short
            const auto n = ::getrandom(bytes + got, sizeof(block_) - got, 0);
            if (n < 0 && errno != EINTR) throw std::system_error(errno, std::system_category(), "getrandom");
            if (n > 0) got += static_cast<std::size_t>(n);
        }
        used_ = 0;
    }

    std::array<std::uint64_t, words_at_once> block_{};
    std::size_t used_ = words_at_once;
};

}  // namespace

std::uint64_t random_u64() {
    if (auto* const source = installed.load(std::memory_order_acquire)) return source->next();
    thread_local kernel_numbers numbers;
    return numbers.next();
}

random_source* set_random_source(random_source* source) noexcept { return installed.exchange(source); }

std::uint64_t random_below(std::uint64_t bound) {
    if (bound == 0) return 0;
    // Numbers below 2^64 mod bound are drawn again, so that no rest is likelier than another.
    const std::uint64_t uneven = (0 - bound) % bound;
    auto drawn = random_u64();
    while (drawn < uneven) drawn = random_u64();
    return drawn % bound;
}

std::string random_hex(std::size_t digits) {
    std::string text(digits, '0');
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < digits; ++i, bits >>= 4) {
        if (i % 16 == 0) bits = random_u64();
        text[i] = "0123456789abcdef"[bits & 15];
    }
    return text;
}

}  // namespace distd
