// Places that many want, none of whom may have all of them: of each kind there are so many in all, and so
// many for one source (see source_name.hpp). Used on the loop.
#pragma once

#include <array>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <cstdint>
#include <distd/time.hpp>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/text_map.hpp"

namespace distd::http {

// How much of a whole one source may have, in percent; one at least.
[[nodiscard]] constexpr std::uint64_t share_of(std::uint64_t whole, unsigned percent) noexcept {
    const auto share = whole / 100 * percent + whole % 100 * percent / 100;
    return share == 0 ? 1 : share;
}

// Of a bound, whether of all or of a source, an eighth is for small holds alone: however many bytes large
// bodies and answers take, new connections and short requests find room. Counted in bytes; a hold of places
// never is that large.
inline constexpr std::uint64_t small_hold = 1 << 20;

class source_shares {
    struct source;

public:
    // How many there are, and how many of them one source may have.
    struct bounds {
        std::uint64_t in_all = 1;
        std::uint64_t per_source = 1;
        std::uint64_t loopback = 1;  // may have all where nobody else can come: a share would go unused

        // As the settings have it: `percent` is the share of a source.
        [[nodiscard]] static constexpr bounds of(std::uint64_t whole, unsigned percent,
                                                 bool only_loopback_comes) noexcept {
            const auto share = share_of(whole, percent);
            return {whole, share, only_loopback_comes ? whole : share};
        }
    };

    // Something that holds a share of a whole and can give it back at once when others find no room: an idle
    // connection, a request that is still arriving, an answer that is not read. It is offered in a queue of
    // its source, the one that was offered first in front, and ended by `reclaim`.
    class reclaimable : public boost::intrusive::list_base_hook<
                            boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    public:
        [[nodiscard]] bool is_offered() const noexcept { return is_linked(); }
        void withdraw() noexcept {
            if (is_linked()) unlink();
        }

    protected:
        ~reclaimable() = default;

    private:
        friend class source_shares;
        // When it was used last, or the beginning of time. Asked only when room is needed: so that being used
        // costs nothing, and an offer stays in its queue meanwhile.
        [[nodiscard]] virtual steady_point last_use() const noexcept { return steady_point::min(); }
        // It is in no queue any more. False: it is in use after all, and nothing was done.
        [[nodiscard]] virtual bool give_back() = 0;

        steady_point since_;
    };

    // One step in looking for room: the first in `queue` that has not been used for that long.
    struct step {
        std::size_t queue = 0;
        milliseconds min_age{0};
    };

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
        // From now on, until it is withdrawn, `r` may be asked to give this hold back. It ends before the
        // hold or is withdrawn.
        void offer(reclaimable& r, std::size_t queue, steady_point now);
        [[nodiscard]] bool is_held() const noexcept { return source_ != nullptr; }
        [[nodiscard]] std::uint64_t amount() const noexcept { return amount_; }

    private:
        friend class source_shares;
        source* source_ = nullptr;
        std::uint64_t amount_ = 0;
    };

    explicit source_shares(bounds b) noexcept : bounds_(b) {}
    source_shares(const source_shares&) = delete;
    source_shares& operator=(const source_shares&) = delete;

    // `address` as text, IPv4 or IPv6; anything else is a source by itself. What `into` held is given back.
    [[nodiscard]] verdict take(std::string_view address, hold& into, std::uint64_t amount = 1);
    // After `take`, or a hold of `address`, was refused for that reason: has something given back, by the
    // source itself where it has its share, else by the fullest. None gives way to a source that has more.
    // False: nothing could be had. `claimant` is not asked itself.
    [[nodiscard]] bool reclaim(verdict why, std::string_view address, std::span<const step> steps,
                               steady_point now, const reclaimable* claimant = nullptr);
    // What was taken stays, whatever the bounds are now.
    void change_bounds(bounds b) noexcept { bounds_ = b; }
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
    [[nodiscard]] std::size_t known_sources() const noexcept { return sources_.size(); }

private:
    using offer_queue = boost::intrusive::list<reclaimable, boost::intrusive::constant_time_size<false>>;
    struct source
        : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        [[nodiscard]] bool has_offers() const noexcept;
        [[nodiscard]] bool give_back(std::span<const step>, steady_point now, const reclaimable* claimant);

        std::array<offer_queue, 5> offers;
        source_shares* of = nullptr;
        std::uint64_t taken = 0;
        std::uint64_t holds = 0;  // also of nothing at the moment
        bool is_loopback = false;
    };
    using source_list = boost::intrusive::list<source, boost::intrusive::constant_time_size<false>>;
    [[nodiscard]] source& find_or_add(std::string_view address);
    [[nodiscard]] source* fullest_that_offers(std::uint64_t at_least);

    bounds bounds_;
    std::uint64_t taken_ = 0;
    std::size_t sweep_at_ =
        4096;  // sources that are known, before those nobody holds anything of are forgotten
    text_map<source> sources_;
    source_list offering_;  // sources with offers, and some that had one
};

}  // namespace distd::http
