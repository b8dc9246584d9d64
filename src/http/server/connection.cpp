// The plain part of a connection: routing and answering. connection_io.cpp moves the bytes.
#include "http/server/connection.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "http/server/early_answer.hpp"
#include "http/server/over_limit.hpp"
#include "http/server/request_record.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

constexpr std::size_t flush_bytes = 64 * 1024;  // answers to pipelined requests are gathered up to here
constexpr refusal https_in_clear{400, "The target is for https://, and the request came without TLS."};

}  // namespace

connection::connection(server_core& core, stream_socket socket, std::string remote, resource_claims::holds h)
    : core_(core),
      remote_(std::move(remote)),
      claims_(core, remote_, *this, std::move(h)),
      socket_(std::move(socket)),
      now_(core.time.now()) {
    core_.accepted.add();
}

connection::~connection() {
    if (in_flight_) record_unanswered();
}

void connection::start(connection_list::iterator place) {
    self_ = place;
    // From here on, and not from whatever comes of a handshake.
    expect(std::min(core_.setup.head_deadline, core_.setup.idle_deadline));
    wait_for_bytes_of_request();
}

connection::step connection::advance() {
    auto& b = *block_;
    while (b.input.has_next()) {
        switch (b.input.read_head(b.x.head)) {
            case head_reader::state::refused: return refuse(b.input.why());
            case head_reader::state::incomplete: return step::need_bytes;
            case head_reader::state::complete: break;
        }
        // RFC 9110, 7.4: whoever asks for it believes that nobody reads along.
        if (b.x.head.is_for_https && !socket_.tls()) return refuse(https_in_clear);
        const auto next = begin_request();
        if (next != step::go_on) return next;
        if (b.sender.gathered_bytes() > flush_bytes) return step::flush;
    }
    b.input.clear();
    return step::need_bytes;
}

connection::step connection::begin_request() {
    auto& b = *block_;
    b.x.began = now_;
    b.x.io = this;
    b.x.is_encrypted = socket_.tls() != nullptr;
    b.x.remote = remote_;
    b.x.matched = nullptr;
    b.x.signature = {};
    b.x.body = {};
    b.x.forget_upstream();
    b.x.identify();
    keep_alive_ = b.x.head.keep_alive && !core_.draining;
    core_.in_flight.add(1);
    in_flight_ = true;
    b.incoming.start(b.x.head, now_);
    if (auto early = answer_from_head(core_, socket_, b.x, b.incoming))
        return answer_early(std::move(*early));
    const bool streams = b.x.matched->options.streams_body;
    if (b.incoming.is_complete() || (!streams && take_body_in_buffer())) return dispatch();
    if (b.input.is_short_of_room()) {
        b.input.move_to_front(b.x.head);
        static_cast<void>(core_.routes.find(b.x.head.method, b.x.head.path, b.x.params));  // as views, too
    }
    return streams ? dispatch() : step::need_body;
}

bool connection::is_called(std::string_view authority) const {
    boost::system::error_code gone;
    const auto called = socket_.local_endpoint(gone);
    return !gone && core_.setup.names.is_called(authority, called);
}

connection::step connection::dispatch() {
    claims_.withdraw(resource_claims::arriving);
    auto& x = block_->x;
    const auto& route = *x.matched;
    if (!route.options.streams_body && !block_->incoming.is_as_promised_whole(x.body)) {
        note_refused_access(core_, x, other_body);
        return finish(response::problem(401, other_body));
    }
    x.signature = core_.routes.signature();
    try {
        return proceed(route.handle(request(x)));
    } catch (const std::exception& e) {
        return finish(failed(x, e.what()));
    }
}

// From what a handler returned: most of it is ready, and costs no coroutine.
connection::step connection::proceed(handler_result&& r) {
    if (auto* ready = std::get_if<response>(&r.value())) return finish(std::move(*ready));
    const bool is_deferred = std::holds_alternative<deferred>(r.value());
    if (!is_deferred && !block_->x.matched->bounds_itself)
        if (const auto said = core_.requests.take(remote_, request_); said != source_shares::verdict::granted)
            return finish(over_limit(said, limited::request));
    block_->under_way.emplace(std::move(r));
    return is_deferred ? step::defer : step::run;
}

response connection::failed(const exchange& x, std::string_view what) {
    logger(core_.log, core_.setup.source)
        .error("handler_failed", {{"route", x.matched->pattern},
                                  {"error", what},
                                  {"id", x.request_id()},
                                  {"trace", x.trace()},
                                  {"span", x.span()}});
    return response::problem(500, "Internal error; the service's log has the cause under this request id.",
                             {{"request_id", std::string(x.request_id())}});
}

// An answer that was found without the body. Where the body is not here already, nothing after it can be
// trusted.
connection::step connection::answer_early(response&& r) {
    // A method that is unknown here may have a body that is not recognised as one.
    const bool is_method_known = block_->x.head.method != verb::other;
    if (!take_body_in_buffer() || r.status() == 413 || !is_method_known) keep_alive_ = false;
    return finish(std::move(r));
}

connection::step connection::refuse(const refusal& why) {
    core_.refused_heads.add();
    begin_refusal();
    auto r = response::problem(why.status, std::string(why.reason));
    if (why.status == 405) r.header("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    return finish(std::move(r));
}

// Of a request whose head is not known, or not to be trusted.
void connection::begin_refusal() {
    auto& b = *block_;
    b.x.head.fields.clear();
    b.x.head.method = verb::post;  // an answer with its body, whatever was asked
    b.x.head.method_text = "-";
    b.x.head.path = "-";
    b.x.head.http_1_0 = false;
    b.x.is_encrypted = socket_.tls() != nullptr;
    b.x.remote = remote_;
    b.x.matched = nullptr;
    b.x.signature = {};
    b.x.forget_upstream();
    b.x.identify();
    b.x.began = now_;
    keep_alive_ = false;
    b.incoming.distrust();
    core_.in_flight.add(1);
    in_flight_ = true;
}

// Writes the head, and the body if it is small; says how to go on.
connection::step connection::finish(response&& r) {
    auto& b = *block_;
    claims_.withdraw(resource_claims::arriving);
    unwatch_client();
    if (!b.incoming.is_complete()) keep_alive_ = false;
    if (core_.draining) keep_alive_ = false;
    end_reservation();
    if (b.x.relayed_status != 0) return end_relay();
    if (std::holds_alternative<stream_body>(r.body()) && b.x.head.method != verb::head)
        if (const auto said = core_.streams.take(remote_, request_); said != source_shares::verdict::granted)
            r = over_limit(said, limited::stream);
    if (b.x.head.method != verb::head)
        if (const auto said = make_room_for(r); said != source_shares::verdict::granted)
            r = over_limit(said, limited::memory);
    if (b.x.is_encrypted && !core_.routes.strict_transport().empty())
        r.header(strict_transport_field, core_.routes.strict_transport());
    const auto status = r.status();
    const auto started = b.sender.start(std::move(r), b.x, keep_alive_, core_.date, core_.gzipped);
    if (b.sender.ends_with_connection()) keep_alive_ = false;
    if (started.is_streamed) return step::stream;
    record(status, started.body_bytes);
    return after_answer();
}

connection::step connection::after_answer() {
    auto& b = *block_;
    if (!keep_alive_) return b.incoming.is_complete() ? step::close : step::linger;
    b.input.begin_next();
    return b.sender.has_body_left() ? step::flush : step::go_on;
}

// Its peer left, or we stopped, before it was answered, or in the middle of an answer that was passed on.
void connection::record_unanswered() {
    constexpr int client_closed_request = 499;  // as nginx has it
    auto& x = parked_ ? parked_->x : block_->x;
    const bool left = !ending_.may_send();
    if (x.reason.empty()) x.reason = left ? "client_gone" : "stopped";
    if (x.relayed_status != 0) return record(x, x.relayed_status, block_->sender.streamed_bytes());
    record(x, left ? client_closed_request : 503, 0);
}

void connection::record(const exchange& x, int status, std::uint64_t sent_bytes) {
    now_ = core_.time.now();
    core_.in_flight.add(-1);
    in_flight_ = false;
    request_.release();
    record_request(core_, x, {status, sent_bytes, now_});
}

void connection::release_block() {
    block_->input.reset();
    block_->sender.reset();
    block_->under_way.reset();
    block_->body.clear();
    core_.pool.give_back(std::move(block_));
    claims_.set_bytes(bytes_in_use());
}

}  // namespace distd::http
