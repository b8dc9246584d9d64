#include "base/random.hpp"

#include <sys/random.h>

#include <array>
#include <bit>
#include <cerrno>
#include <system_error>

namespace distd {
namespace {

// xoshiro256** by Blackman and Vigna: four words of state, a nanosecond per number.
class generator {
public:
    generator() {
        // All zeros would stay so for ever.
        while ((state_[0] | state_[1] | state_[2] | state_[3]) == 0) seed();
    }

    std::uint64_t next() noexcept {
        const auto result = std::rotl(state_[1] * 5, 7) * 9;
        const auto shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

private:
    void seed() {
        // Up to 256 bytes come at once; only a signal may interrupt, and only before the kernel is ready.
        while (::getrandom(state_.data(), sizeof(state_), 0) != static_cast<ssize_t>(sizeof(state_))) {
            if (errno != EINTR) throw std::system_error(errno, std::system_category(), "getrandom");
        }
    }

    std::array<std::uint64_t, 4> state_{};
};

}  // namespace

std::uint64_t random_u64() {
    thread_local generator g;
    return g.next();
}

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
