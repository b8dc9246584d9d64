// What a connection does when others need what it holds: see resource_claims.hpp.
#include "http/server/connection.hpp"
#include "http/server/over_limit.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

using boost::system::error_code;

}  // namespace

std::uint64_t connection::bytes_in_use() const noexcept {
    std::uint64_t all = resource_claims::bytes_when_idle(socket_);
    if (parked_) all += sizeof(parked_request) + parked_->bytes.capacity() + parked_->behind.capacity();
    if (!block_) return all;
    return all + sizeof(connection_block) + block_->body.capacity() + block_->sender.bytes_in_use();
}

const char* connection::reason_of(interruption why) noexcept {
    return why == interruption::evicted_for_place ? "place_reclaimed" : "memory_reclaimed";
}

steady_point connection::last_use() const noexcept {
    return waits_for_request() ? now_ : steady_point::min();
}

bool connection::evict(resource_claims::offer what, resource_claims::resource needed) {
    const auto why = needed == resource_claims::resource::place ? interruption::evicted_for_place
                                                                : interruption::evicted_for_memory;
    switch (what) {
        case resource_claims::silent:
        case resource_claims::idle: return evict_idle(why);
        case resource_claims::arriving: evict_request(why); break;
        case resource_claims::parked: evict_parked(why); break;  // destroys it, maybe
        case resource_claims::unread: evict_unread(why); break;
    }
    return true;
}

bool connection::evict_idle(interruption why) {
    if (!waits_for_request() || is_evicted() || has_bytes(socket_)) return false;  // a request is here
    interrupted_ = why;
    core_.reclaimed_connections.add();
    claims_.give_up_all();
    error_code ignored;
    socket_.cancel(ignored);
    return true;
}

// Its memory is free at once. The coroutine that reads it finds that it was interrupted, and answers in its
// next turn.
void connection::evict_request(interruption why) {
    interrupted_ = why;
    core_.reclaimed_requests.add();
    claims_.withdraw();
    free_memory_of(block_->body);
    claims_.give_up_memory();
    if (why == interruption::evicted_for_place) claims_.give_up_place();
    error_code ignored;
    socket_.cancel(ignored);
}

// The answer to a request that was evicted while it arrived. What still comes of it is heard out only if
// there is room again.
connection::step connection::answer_evicted() {
    const auto* const reason = reason_of(std::exchange(interrupted_, interruption::none));
    if (!in_flight_) begin_refusal();
    keep_alive_ = false;
    block_->x.reason = reason;
    static_cast<void>(finish(evicted_response()));
    const bool lingers =
        claims_.has_place() && claims_.try_claim(bytes_in_use()) == source_shares::verdict::granted;
    return lingers ? step::linger : step::close;
}

void connection::evict_parked(interruption why) {
    parked_->x.reason = reason_of(why);
    keep_alive_ = false;
    core_.reclaimed_requests.add();
    claims_.give_up_place();
    const auto slot = slot_;
    const auto notify = std::exchange(slot->gone, nullptr);
    pending_answer(slot).give(evicted_response());
    if (notify) notify();  // whoever was to answer need not keep it
}

// The coroutine that writes ends in its next turn. By a reset: what the kernel still has goes, too, and no
// client takes what it has for complete.
void connection::evict_unread(interruption why) {
    core_.reclaimed_answers.add();
    claims_.withdraw();
    cut_off(reason_of(why));
    keep_alive_ = false;
    close_by_reset();
    claims_.give_up_place();
    claims_.give_up_memory();
    error_code ignored;
    socket_.cancel(ignored);
}

}  // namespace distd::http
