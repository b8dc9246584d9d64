#include "http/server/resource_claims.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

#include "http/server/over_limit.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

using enum resource_claims::offer;

constexpr std::uint64_t connection_bytes = 1024;
constexpr std::uint64_t encrypted_connection_bytes = 15 * 1024;

// A second is more than a client needs between connecting and asking, for a short request to be complete, and
// for taking what it asked for: what took longer goes before what has just come. Whoever takes all places
// with answers that nobody reads would otherwise have the others end each other's connections.
constexpr milliseconds patience{1'000};
// Among what has not had that long, what came first goes first, of whatever kind it is. On one machine there
// are not even milliseconds between a connection and its request.
constexpr milliseconds just_now{100};
constexpr milliseconds at_once{0};

// What was of use goes after what was silent for so long; a long poll is as cheap to ask again as a request.
// An answer that is cut off is of no use to its client, so it goes only where its client is that far behind:
// nobody who reads ever is.
constexpr auto place_steps = std::to_array<source_shares::step>({{silent, patience},
                                                                 {idle, at_once},
                                                                 {arriving, patience},
                                                                 {unread, patience},
                                                                 {silent, just_now},
                                                                 {arriving, just_now},
                                                                 {parked, just_now},
                                                                 {silent, at_once},
                                                                 {arriving, at_once},
                                                                 {parked, at_once}});

// A handshake (silent) that takes longer than that, or a session (idle) that nobody has used for as long,
// costs its client another connection, and nothing that was asked. Of short requests the one that has been
// arriving longest ends, whatever its pace is: what came in a burst and then stopped would look fast.
constexpr auto memory_steps = std::to_array<source_shares::step>({{silent, patience},
                                                                  {idle, patience},
                                                                  {arriving, patience},
                                                                  {unread, patience},
                                                                  {arriving, at_once},
                                                                  {idle, at_once},
                                                                  {silent, at_once}});
// If large bodies did that to each other, none would ever be complete where there are too many.
constexpr milliseconds patience_with_large{10'000};
constexpr auto memory_steps_of_large = std::to_array<source_shares::step>({{silent, patience},
                                                                           {idle, patience_with_large},
                                                                           {arriving, patience_with_large},
                                                                           {unread, patience_with_large}});

}  // namespace

std::string resource_claims::reserve(server_core& core, std::string_view remote, bool is_encrypted,
                                     holds& h) {
    using enum source_shares::verdict;
    const auto bytes =
        is_encrypted ? encrypted_connection_bytes + tls_session::handshake_bytes : connection_bytes;
    const auto now = core.time.now();
    auto& memory = *core.setup.memory;
    auto said = core.places.take(remote, h.place);
    while (said != granted && core.places.reclaim(said, remote, place_steps, now))
        said = core.places.take(remote, h.place);
    if (said != granted) return over_limit_bytes(said, limited::connection);
    said = memory.take(remote, h.memory, bytes);
    while (said != granted && memory.reclaim(said, remote, memory_steps, now))
        said = memory.take(remote, h.memory, bytes);
    return said == granted ? std::string() : over_limit_bytes(said, limited::memory);
}

std::uint64_t resource_claims::bytes_when_idle(const stream_socket& s) noexcept {
    return s.tls() ? encrypted_connection_bytes + s.tls()->bytes_kept() : connection_bytes;
}

resource_claims::resource_claims(server_core& core, std::string_view remote, holder& owner, holds h)
    : core_(core),
      remote_(remote),
      holder_(owner),
      place_(std::move(h.place)),
      memory_(std::move(h.memory)) {}

source_shares::verdict resource_claims::claim(std::uint64_t bytes) {
    std::span<const source_shares::step> steps = memory_steps;
    if (bytes > small_hold) steps = memory_steps_of_large;
    for (;;) {
        const auto said = memory_.try_change_to(bytes);
        if (said == source_shares::verdict::granted) return said;
        if (!core_.setup.memory->reclaim(said, remote_, steps, core_.time.now(), &memory_offer_)) return said;
    }
}

void resource_claims::give_up_all() noexcept {
    withdraw();
    place_.release();
    memory_.release();
}

void resource_claims::offer_idle(steady_point now, bool has_session) {
    if (!place_offer_.is_offered()) place_.offer(place_offer_, what_, now);
    // Without TLS what it takes is not worth having.
    if (has_session && !memory_offer_.is_offered()) memory_.offer(memory_offer_, what_, now);
}

void resource_claims::note_request() noexcept {
    if (what_ != silent) return;
    withdraw();
    what_ = idle;
}

void resource_claims::offer_as(offer what, steady_point now) {
    if (what_ == what || !has_place()) return;
    withdraw();
    what_ = what;
    in_time_until_ = now;
    place_.offer(place_offer_, what, now);
    // A parked request takes no more than its own bytes.
    if (what != parked) memory_.offer(memory_offer_, what, now);
}

void resource_claims::withdraw() noexcept {
    place_offer_.withdraw();
    memory_offer_.withdraw();
    if (what_ != silent) what_ = idle;
}

void resource_claims::note_taken(std::size_t bytes, steady_point now) noexcept {
    const std::chrono::duration<double> worth(static_cast<double>(bytes) / worthwhile_bytes_per_second);
    in_time_until_ =
        std::min(now, in_time_until_ + std::chrono::duration_cast<steady_point::duration>(worth));
}

steady_point resource_claims::last_use() const noexcept {
    if (what_ == unread) return in_time_until_;
    return what_ == idle ? holder_.last_use() : steady_point::min();
}

}  // namespace distd::http
