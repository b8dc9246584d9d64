// The part of a connection that gives way: on loopback all clients are one source, so a share per source
// cannot keep one of them from taking everything. Where places or memory run out, what is idle, unfinished or
// not read ends instead of what is new being refused.
#include <array>

#include "http/server/connection.hpp"
#include "http/server/turned_away.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

using boost::system::error_code;

// Of one that is idle, the kernel's part left out.
constexpr std::uint64_t connection_bytes = 1024;
constexpr std::uint64_t encrypted_connection_bytes = 15 * 1024;

// The queues among the places.
enum place_queue : std::size_t { silent, idle, arriving, parked, unread };
// And among the memory. A session is fresh until a request comes on it.
enum memory_queue : std::size_t { unfinished_requests, unread_answers, fresh_sessions, used_sessions };

// A second is more than a client needs between connecting and asking, for a short request to be complete, and
// for taking what it asked for: what took longer goes before what has just come. Whoever takes all places
// with answers that nobody reads would otherwise have the others end each other's connections.
constexpr milliseconds patience{1'000};
// Among what has not had that long, what came first goes first, of whatever kind it is. On one machine there
// are not even milliseconds between a connection and its request.
constexpr milliseconds just_now{100};

// What was of use goes after what was silent for so long; a long poll is as cheap to ask again as a request.
// An answer that is cut off is of no use to its client, so it goes only where its client is that far behind:
// nobody who reads ever is.
constexpr auto place_steps = std::to_array<reclaim_step>({{silent, patience},
                                                          {idle, milliseconds(0)},
                                                          {arriving, patience},
                                                          {unread, patience},
                                                          {silent, just_now},
                                                          {arriving, just_now},
                                                          {parked, just_now},
                                                          {silent, milliseconds(0)},
                                                          {arriving, milliseconds(0)},
                                                          {parked, milliseconds(0)}});

// A handshake that takes longer than that, or a session that nobody has used for as long, costs its client
// another connection, and nothing that was asked. Of short requests the one that has been arriving longest
// ends, whatever its pace is: what came in a burst and then stopped would look fast.
constexpr auto memory_steps = std::to_array<reclaim_step>({{fresh_sessions, patience},
                                                           {used_sessions, patience},
                                                           {unfinished_requests, patience},
                                                           {unread_answers, patience},
                                                           {unfinished_requests, milliseconds(0)},
                                                           {used_sessions, milliseconds(0)},
                                                           {fresh_sessions, milliseconds(0)}});
// If large bodies did that to each other, none would ever be complete where there are too many.
constexpr milliseconds patience_with_large{10'000};
constexpr auto memory_steps_of_large =
    std::to_array<reclaim_step>({{fresh_sessions, patience},
                                 {used_sessions, patience_with_large},
                                 {unfinished_requests, patience_with_large},
                                 {unread_answers, patience_with_large}});

}  // namespace

std::string connection::reserve(server_core& core, std::string_view remote, bool is_encrypted, holds& h) {
    using enum source_shares::verdict;
    const auto bytes =
        is_encrypted ? encrypted_connection_bytes + tls_session::handshake_bytes : connection_bytes;
    const auto now = core.time.now();
    auto& memory = *core.setup.memory;
    auto said = core.places.take(remote, h.place);
    while (said != granted && core.places.reclaim(said, remote, place_steps, now))
        said = core.places.take(remote, h.place);
    if (said != granted) return turned_away_text(said, wanted::connection);
    said = memory.take(remote, h.memory, bytes);
    while (said != granted && memory.reclaim(said, remote, memory_steps, now))
        said = memory.take(remote, h.memory, bytes);
    return said == granted ? std::string() : turned_away_text(said, wanted::memory);
}

std::uint64_t connection::bytes_when_idle() const noexcept {
    return socket_.tls() ? encrypted_connection_bytes + socket_.tls()->bytes_kept() : connection_bytes;
}

std::uint64_t connection::bytes_in_use() const noexcept {
    std::uint64_t all = bytes_when_idle();
    if (parked_) all += sizeof(parked_request) + parked_->bytes.capacity() + parked_->behind.capacity();
    if (!block_) return all;
    return all + sizeof(connection_block) + block_->body.capacity() + block_->sender.bytes_in_use();
}

source_shares::verdict connection::claim_memory(std::uint64_t bytes) {
    std::span<const reclaim_step> steps = memory_steps;
    if (bytes > small_hold) steps = memory_steps_of_large;
    for (;;) {
        const auto said = memory_.try_change_to(bytes);
        if (said == source_shares::verdict::granted) return said;
        const auto* own = block_ ? &block_->unfinished : nullptr;
        if (!core_.setup.memory->reclaim(said, remote_, steps, core_.time.now(), own)) return said;
    }
}

// Nothing is done while requests come and are answered: where it stands in the queue is put right when room
// is looked for.
void connection::offer_idle() {
    if (!is_offered()) place_.offer(*this, is_fresh_ ? silent : idle, now_);
    if (socket_.tls() && !session_.is_offered())
        memory_.offer(session_, is_fresh_ ? fresh_sessions : used_sessions, now_);
}

// Before it waits for more of a head, or of a body that is kept until it is complete.
void connection::offer_unfinished() {
    auto& request = block_->unfinished;
    if (request.is_offered()) return;
    request.of = this;
    memory_.offer(request, unfinished_requests, now_);
    withdraw_idle();
    place_.offer(*this, arriving, now_);
}

void connection::withdraw_unfinished() noexcept {
    if (!block_->unfinished.is_offered()) return;
    block_->unfinished.withdraw();
    withdraw_idle();
}

void connection::withdraw_idle() noexcept {
    withdraw();
    session_.withdraw();
}

// Who asks again gets the same answer; that is not so of what changes something.
void connection::offer_parked() {
    withdraw_idle();
    const auto method = parked_->x.head.method;
    if (method == verb::get || method == verb::head) place_.offer(*this, parked, core_.time.now());
}

// Before it waits for its client to take more. A place that was given back is not offered twice.
void connection::offer_unread() {
    auto& rest = block_->unread_rest;
    if (rest.is_offered() || block_->unfinished.is_offered() || !place_.is_held()) return;
    rest.of = this;
    rest.in_time_until = now_;
    memory_.offer(rest, unread_answers, now_);
    withdraw_idle();
    place_.offer(*this, unread, now_);
}

void connection::withdraw_unread() noexcept {
    if (!block_->unread_rest.is_offered()) return;
    block_->unread_rest.withdraw();
    withdraw_idle();
}

bool unread_answer::give_back() {
    of->give_up_unread("memory_reclaimed");
    return true;
}

// The coroutine that writes ends in its next turn. By a reset: what the kernel still has goes, too, and no
// client takes what it has for complete.
void connection::give_up_unread(const char* reason) {
    core_.reclaimed_answers.add();
    block_->unread_rest.withdraw();
    withdraw_idle();
    cut_off(reason);
    keep_alive_ = false;
    close_by_reset();
    place_.release();
    memory_.change_to(0);
    error_code ignored;
    socket_.cancel(ignored);
}

bool unfinished_request::give_back() {
    of->abandon("memory_reclaimed");
    return true;
}

// Its memory is free at once. The coroutine that reads it finds `reclaimed_`, and answers in its next turn.
void connection::abandon(const char* reason) {
    reclaimed_ = reason;
    core_.reclaimed_requests.add();
    withdraw_unfinished();
    free_memory_of(block_->body);
    memory_.change_to(0);
    error_code ignored;
    socket_.cancel(ignored);
}

// The answer to a request that was abandoned. What still comes of it is heard out only if there is room
// again.
connection::step connection::give_way() {
    expired_ = false;
    if (!in_flight_) begin_refusal();
    keep_alive_ = false;
    block_->x.reason = reclaimed_;
    static_cast<void>(finish(gave_way()));
    const bool lingers =
        place_.is_held() && memory_.try_change_to(bytes_in_use()) == source_shares::verdict::granted;
    return lingers ? step::linger : step::close;
}

bool connection::waits_for_request() const noexcept { return phase_ == phase::plain && !block_; }

// What comes of a handshake is no use: a byte a second would keep it for as long as it may take.
steady_point connection::last_use() const noexcept {
    if (block_ && block_->unread_rest.is_offered()) return block_->unread_rest.in_time_until;
    return waits_for_request() && !is_fresh_ ? now_ : steady_point::min();
}

steady_point idle_session::last_use() const noexcept { return of->last_use(); }

bool idle_session::give_back() { return of->end_idle("memory_reclaimed"); }

bool connection::give_back() {
    constexpr const char* reason = "place_reclaimed";
    if (parked_ && slot_) {
        answer_parked_early(reason);  // and is gone, maybe
        return true;
    }
    if (block_ && block_->unread_rest.is_offered()) {
        give_up_unread(reason);
        return true;
    }
    if (block_ && block_->unfinished.is_offered()) {
        abandon(reason);
        place_.release();
        return true;
    }
    return end_idle(reason);
}

bool connection::end_idle(const char* reason) {
    const bool is_idle = waits_for_request() && !reclaimed_;
    if (!is_idle || has_bytes(socket_)) return false;  // a request is here
    error_code ignored;
    reclaimed_ = reason;
    core_.reclaimed_connections.add();
    withdraw_idle();
    place_.release();
    memory_.release();
    socket_.cancel(ignored);
    return true;
}

void connection::answer_parked_early(const char* reason) {
    parked_->x.reason = reason;
    keep_alive_ = false;
    core_.reclaimed_requests.add();
    place_.release();
    const auto slot = slot_;
    const auto notify = std::exchange(slot->gone, nullptr);
    pending_answer(slot).give(gave_way());
    if (notify) notify();  // whoever was to answer need not keep it
}

}  // namespace distd::http
