#include "base/random.hpp"

#include <openssl/rand.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <utility>

namespace distd {
namespace {

std::atomic<random_source*> installed = nullptr;

// OpenSSL's generator, which the kernel seeds: of a large block a number costs 9 ns, from the kernel
// itself 30.
constexpr std::size_t words_at_once = 512;

class secure_numbers {
public:
    std::uint64_t next() {
        if (used_ == block_.size()) fetch();
        return std::exchange(block_[used_++], 0);  // what was given away is kept nowhere
    }

private:
    void fetch() {
        auto* const bytes = reinterpret_cast<unsigned char*>(block_.data());
        if (RAND_bytes(bytes, sizeof(block_)) != 1) throw std::runtime_error("no random numbers can be had");
        used_ = 0;
    }

    std::array<std::uint64_t, words_at_once> block_{};
    std::size_t used_ = words_at_once;
};

}  // namespace

std::uint64_t random_u64() {
    if (auto* const source = installed.load(std::memory_order_acquire)) return source->next();
    thread_local secure_numbers numbers;
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
