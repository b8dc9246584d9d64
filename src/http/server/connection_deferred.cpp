// The part of a connection whose response is deferred: no coroutine is at work, and whoever has the
// `pending_answer` goes on.
#include <memory>

#include "base/assert.hpp"
#include "http/server/connection.hpp"

namespace distd::http {

// What `begin` of the handler does may answer at once, and so end this connection.
void connection::begin_deferral() {
    phase_ = phase::deferred;
    deadline_ = steady_point::max();
    auto result = *std::move(block_->under_way);
    block_->under_way.reset();
    const auto& how = std::get<deferred>(result.value());
    if (how.while_waiting == buffers::release) park();
    const auto slot = std::make_shared<answer_slot>(static_cast<exchange_io*>(this), result.take_headers());
    slot_ = slot;
    if (parked_ && core_.draining) return pending_answer(slot).give(response::of(errc::stopped));
    auto& x = parked_ ? parked_->x : block_->x;
    try {
        how.begin(request(x), pending_answer(slot));
    } catch (const std::exception& e) {
        pending_answer(slot).fail(e.what());
    }
}

// The block goes; what the request shows is moved to where it may stay.
void connection::park() {
    auto& b = *block_;
    auto p = std::make_unique<parked_request>();
    const auto head_size = b.input.head().size();
    p->bytes.reserve(head_size + b.x.body.size());
    p->bytes.append(b.input.head()).append(b.x.body);
    p->behind.assign(b.input.unread());
    p->x = b.x;
    head_reader again;
    const std::string_view bytes = p->bytes;
    DISTD_ASSERT(again.read(bytes.substr(0, head_size), p->x.head) == head_reader::state::complete);
    static_cast<void>(core_.routes.find(p->x.head.method, p->x.head.path, p->x.params));
    p->x.body = bytes.substr(head_size);
    parked_ = std::move(p);
    request_.release();  // others may be worked on meanwhile
    release_block();
    claims_.withdraw();
    // Whoever asks again gets the same answer; that is not so of what changes something.
    const auto method = parked_->x.head.method;
    if (method == verb::get || method == verb::head)
        claims_.offer_as(resource_claims::parked, core_.time.now());
    if (!core_.draining) watch_by_wait();
}

void connection::answer_deferred(response r) {
    for (const auto& [name, value] : end_deferral()) r.header(name, value);
    go_on_after(finish(std::move(r)));
}

void connection::handle_deferred(const handler& h) {
    const auto added = end_deferral();
    auto& x = block_->x;
    const auto handled = [&]() -> handler_result {
        try {
            return h(request(x));
        } catch (const std::exception& e) {
            return failed(x, e.what());
        }
    };
    auto r = handled();
    for (const auto& [name, value] : added) r.header(name, value);
    go_on_after(proceed(std::move(r)));
}

response connection::failure(std::string_view what) { return failed(parked_ ? parked_->x : block_->x, what); }

// Back to where a request is worked on. What is to be added to the response.
fields connection::end_deferral() {
    auto added = std::move(slot_->headers);
    slot_.reset();
    phase_ = phase::plain;
    now_ = core_.time.now();
    expect(core_.setup.head_deadline);
    if (parked_) unpark();
    return added;
}

// What was set aside, into a block again.
void connection::unpark() {
    const auto p = std::move(parked_);
    claims_.withdraw();
    unwatch_by_wait();
    block_ = core_.pool.take();
    auto& b = *block_;
    b.x = std::move(p->x);
    b.body = std::move(p->bytes);  // what `x` shows
    b.incoming.complete();
    b.input.assign(p->behind);
    claims_.set_bytes(bytes_in_use());
}

}  // namespace distd::http
