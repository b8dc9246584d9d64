// Places that many want, none of whom may have all of them: of each kind there are so many in all, and so
// many for one source. A source is an IPv4 address, or the 64 leading bits of an IPv6 address, of which one
// machine has as many as it likes. Used on the loop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
        std::uint64_t taken = 0;
    };
    struct text_hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view t) const noexcept { return std::hash<std::string_view>{}(t); }
    };
    struct book {
        std::uint64_t max_in_all;
        std::uint64_t max_per_source;
        std::uint64_t taken = 0;
        std::size_t sweep_at = 4096;  // sources that are known, before those that hold nothing are forgotten
        std::unordered_map<std::string, source, text_hash, std::equal_to<>> sources;
    };

public:
    enum class verdict : std::uint8_t { granted, all_taken, share_taken };

    // Places that were taken. They are given back by the destructor; it may outlive the shares.
    class hold {
    public:
        hold() = default;
        hold(hold&&) noexcept = default;
        hold& operator=(hold&& other) noexcept;
        ~hold() { release(); }

        // It holds so many from now on; when more than before were not granted, as many as before. What was
        // never granted anything holds nothing.
        [[nodiscard]] verdict try_change_to(std::uint64_t amount) noexcept;
        // The same whatever is left: for what is there already.
        void change_to(std::uint64_t amount) noexcept;
        void release() noexcept;
        [[nodiscard]] std::uint64_t amount() const noexcept { return of_ ? amount_ : 0; }

    private:
        friend class source_shares;
        std::shared_ptr<book> of_;
        source* source_ = nullptr;
        std::uint64_t amount_ = 0;
    };

    source_shares(std::uint64_t max_in_all, std::uint64_t max_per_source);

    // `address` as text, IPv4 or IPv6; anything else is a source by itself. What `into` held is given back.
    // At least one place.
    [[nodiscard]] verdict take(std::string_view address, hold& into, std::uint64_t amount = 1);
    // What was taken stays, whatever the bounds are now.
    void change_bounds(std::uint64_t max_in_all, std::uint64_t max_per_source) noexcept {
        book_->max_in_all = max_in_all;
        book_->max_per_source = max_per_source;
    }
    [[nodiscard]] std::uint64_t taken() const noexcept { return book_->taken; }
    [[nodiscard]] std::size_t known_sources() const noexcept { return book_->sources.size(); }

private:
    [[nodiscard]] source& find_or_add(std::string_view address);

    std::shared_ptr<book> book_;
};

}  // namespace distd::http
