// Places that many want, none of whom may have all of them: of each kind there are so many in all, and so
// many for one source. A source is an IPv4 address, or the 64 leading bits of an IPv6 address, of which one
// machine has as many as it likes. Used on the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace distd::http {

// How much of a whole one source may have, in percent; one at least.
[[nodiscard]] constexpr std::uint64_t share_of(std::uint64_t whole, unsigned percent) noexcept {
    const auto share = whole / 100 * percent + whole % 100 * percent / 100;
    return share == 0 ? 1 : share;
}

class source_shares {
    struct source {
        source_shares* of = nullptr;
        std::uint64_t taken = 0;
        std::uint64_t holds = 0;  // also of nothing at the moment
    };

public:
    enum class verdict : std::uint8_t { granted, all_taken, share_taken };

    // Places that were taken, given back by the destructor. The shares must outlive it.
    class hold {
    public:
        hold() = default;
        hold(hold&& other) noexcept
            : source_(std::exchange(other.source_, nullptr)), amount_(std::exchange(other.amount_, 0)) {}
        hold& operator=(hold&& other) noexcept;
        ~hold() { release(); }

        // It holds so many from now on; when more than before were not granted, as many as before.
        [[nodiscard]] verdict try_change_to(std::uint64_t amount) noexcept;
        // The same whatever is left: for what is there already.
        void change_to(std::uint64_t amount) noexcept;
        void release() noexcept;
        [[nodiscard]] std::uint64_t amount() const noexcept { return amount_; }

    private:
        friend class source_shares;
        source* source_ = nullptr;
        std::uint64_t amount_ = 0;
    };

    source_shares(std::uint64_t max_in_all, std::uint64_t max_per_source) noexcept
        : max_in_all_(max_in_all), max_per_source_(max_per_source) {}
    source_shares(const source_shares&) = delete;
    source_shares& operator=(const source_shares&) = delete;

    // `address` as text, IPv4 or IPv6; anything else is a source by itself. What `into` held is given back.
    [[nodiscard]] verdict take(std::string_view address, hold& into, std::uint64_t amount = 1);
    // What was taken stays, whatever the bounds are now.
    void change_bounds(std::uint64_t max_in_all, std::uint64_t max_per_source) noexcept {
        max_in_all_ = max_in_all;
        max_per_source_ = max_per_source;
    }
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
    [[nodiscard]] std::size_t known_sources() const noexcept { return sources_.size(); }

private:
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view t) const noexcept { return std::hash<std::string_view>{}(t); }
    };
    [[nodiscard]] source& find_or_add(std::string_view address);

    std::uint64_t max_in_all_;
    std::uint64_t max_per_source_;
    std::uint64_t taken_ = 0;
    std::size_t sweep_at_ =
        4096;  // sources that are known, before those nobody holds anything of are forgotten
    std::unordered_map<std::string, source, text_hash, std::equal_to<>> sources_;
};

}  // namespace distd::http
