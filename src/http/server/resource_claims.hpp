// What a connection holds of its server's places and memory, and what of it others may have.
//
// On loopback all clients are one source, so a share for each source cannot keep one of them from taking
// everything. Where places or memory run out, what is idle, unfinished or not read is evicted instead of what
// is new being refused. So a connection offers what it holds whenever it waits for its client: at any time as
// one kind of offer, in the queue of that kind among the places and among the memory.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <string>
#include <string_view>

#include "http/server/server_core.hpp"
#include "http/server/source_shares.hpp"
#include "http/transport/stream_socket.hpp"

namespace distd::http {

class resource_claims {
public:
    enum class resource : std::uint8_t { place, memory };

    // What is offered; also the queues of a source, among the places and among the memory.
    enum offer : std::uint8_t {
        silent,    // a connection on which nothing was asked yet
        idle,      // one that waits for its next request
        arriving,  // a request of which more is to come
        parked,    // a long poll, which is as cheap to ask again as a request
        unread,    // an answer that its client does not take
    };

    // Who holds the claims.
    class holder {
    public:
        // Gives back what was offered, as others need it. False: it is in use after all, and nothing was
        // done.
        [[nodiscard]] virtual bool evict(offer what, resource needed) = 0;
        // When a connection that is offered as idle was used last; the beginning of time while it is at work.
        [[nodiscard]] virtual steady_point last_use() const noexcept = 0;

    protected:
        ~holder() = default;
    };

    // What a connection has to hold before it is let in.
    struct holds {
        source_shares::hold place;
        source_shares::hold memory;
    };
    // Fills it, also with what others give back. Where that cannot be had: the text of the answer to a client
    // that is not let in.
    [[nodiscard]] static std::string reserve(server_core&, std::string_view remote, bool is_encrypted,
                                             holds& h);
    // What a connection takes without a request, the kernel's part left out.
    [[nodiscard]] static std::uint64_t bytes_when_idle(const stream_socket&) noexcept;

    // `remote` outlives it.
    resource_claims(server_core&, std::string_view remote, holder&, holds);

    // ---- memory

    // So much of it in all, as far as it may, also of what others give back.
    [[nodiscard]] source_shares::verdict claim(std::uint64_t bytes);
    // The same, but nobody is evicted for it.
    [[nodiscard]] source_shares::verdict try_claim(std::uint64_t bytes) noexcept {
        return memory_.try_change_to(bytes);
    }
    void set_bytes(std::uint64_t bytes) noexcept { memory_.change_to(bytes); }  // that are there already
    [[nodiscard]] std::uint64_t bytes() const noexcept { return memory_.amount(); }

    // ---- what is evicted

    [[nodiscard]] bool has_place() const noexcept { return place_.is_held(); }
    void give_up_place() noexcept { place_.release(); }
    void give_up_memory() noexcept { memory_.change_to(0); }
    void give_up_all() noexcept;

    // ---- offers

    // Before it waits for a request. Stays while requests come and are answered, which so costs nothing:
    // where it stands in its queue is put right when room is looked for.
    void offer_idle(steady_point now, bool has_session);
    void note_request() noexcept;  // the first one has come, so it is not silent any more
    // Before it waits for more of a request, for news, or for its client to take more. A place that was given
    // up is not offered again.
    void offer_as(offer what, steady_point now);
    [[nodiscard]] bool offers(offer what) const noexcept { return what_ == what && what > idle; }
    void withdraw() noexcept;
    void withdraw(offer what) noexcept {
        if (what_ == what) withdraw();
    }
    // The client took so much of an answer that is offered as unread. One that takes it at a pace that is
    // worth its place is in time; one that is slower falls behind.
    void note_taken(std::size_t bytes, steady_point now) noexcept;

private:
    static constexpr std::int64_t worthwhile_bytes_per_second = 64 << 10;

    struct hook final : source_shares::reclaimable {
        hook(resource_claims& claims, resource r) noexcept : of(claims), what(r) {}
        [[nodiscard]] steady_point last_use() const noexcept override { return of.last_use(); }
        [[nodiscard]] bool give_back() override { return of.holder_.evict(of.what_, what); }

        resource_claims& of;
        resource what;
    };

    [[nodiscard]] steady_point last_use() const noexcept;

    server_core& core_;
    std::string_view remote_;
    holder& holder_;
    source_shares::hold place_;
    source_shares::hold memory_;
    hook place_offer_{*this, resource::place};
    hook memory_offer_{*this, resource::memory};
    offer what_ = silent;         // of the last offer, or idle when that was withdrawn
    steady_point in_time_until_;  // of an answer that is offered as unread
};

}  // namespace distd::http
