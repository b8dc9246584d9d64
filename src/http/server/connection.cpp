// The plain half of a connection: judging, routing, answering. connection_io.cpp moves the bytes.
#include "http/server/connection.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/assert.hpp"
#include "http/access/access_control.hpp"
#include "http/message/request_origin.hpp"
#include "http/server/turned_away.hpp"
#include "http/transport/socket_io.hpp"
#include "http/transport/tls_context.hpp"
#include "http/transport/tls_session.hpp"

namespace distd::http {
namespace {

constexpr std::size_t flush_bytes = 64 * 1024;  // answers to pipelined requests are gathered up to here
constexpr std::size_t min_body_room = 8 * 1024;
constexpr refusal https_in_clear{400, "The target is for https://, and the request came without TLS."};

std::uint64_t microseconds_between(steady_point a, steady_point b) noexcept {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(b - a).count());
}

// What a request's record is at the log service. A refusal is the client's own business, unless whoever owns
// the route wants to hear of it.
log_level level_of(int status, const route& r) noexcept {
    if (status >= 500) return log_level::error;
    return status >= 400 && r.options.warns_of_refusals ? log_level::warn : log_level::info;
}

// Whether one of our programs read what it will read again. The command line counts, too: one `distd
// services` is four such reads, and whoever types it sees the answers. Its changes are on other routes.
bool is_own_read(const request_head& head, const route_options& o) noexcept {
    if (!o.polled) return false;
    const auto agent = head.find("User-Agent");
    return agent == own_user_agent || agent == command_line_user_agent;
}

// Whether its line would only say that the system runs. A failure says more.
bool is_internal(const request_head& head, int status, const route_options& o) noexcept {
    return o.internal || (status < 500 && is_own_read(head, o));
}

// Whether a terminal does not show it: a process of the system or a browser sent it by itself, or it came on
// a route that only programs use. What such a route refuses a stranger is shown: the stranger's author looks
// for it.
bool is_routine(const request_head& head, int status, const route_options& o) noexcept {
    if (head.find("User-Agent") == own_user_agent || is_own_read(head, o)) return true;
    // Browsers ask for it by themselves, also where an answer is no page and so cannot name its icon.
    if (head.path == "/favicon.ico" && status < 500) return true;
    return (o.internal || o.routine) && status < 400;
}

}  // namespace

connection::connection(server_core& core, stream_socket socket, std::string remote, holds h)
    : core_(core),
      place_(std::move(h.place)),
      memory_(std::move(h.memory)),
      socket_(std::move(socket)),
      remote_(std::move(remote)),
      now_(core.time.now()) {
    session_.of = this;
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
    while (b.begin < b.have) {
        const std::string_view bytes(b.in.data() + b.begin, b.have - b.begin);
        switch (b.reader.read(bytes, b.x.head)) {
            case head_reader::state::refused: return refuse(b.reader.why());
            case head_reader::state::incomplete:
                if (b.begin > 0) {
                    std::memmove(b.in.data(), bytes.data(), bytes.size());
                    b.begin = 0;
                    b.have = bytes.size();
                }
                return step::need_bytes;
            case head_reader::state::complete: break;
        }
        // RFC 9110, 7.4: whoever asks for it believes that nobody reads along.
        if (b.x.head.is_for_https && !socket_.tls()) return refuse(https_in_clear);
        const auto next = begin_request();
        if (next != step::go_on) return next;
        if (b.sender.gathered_bytes() > flush_bytes) return step::flush;
    }
    b.begin = b.have = 0;
    return step::need_bytes;
}

connection::step connection::begin_request() {
    auto& b = *block_;
    b.x.began = now_;
    b.head_end = b.begin + b.reader.size();
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
    b.unread = b.head_end;
    b.incoming.start(b.x.head, now_);
    if (auto early = judge_route()) return answer_early(std::move(*early));
    const bool streams = b.x.matched->options.streams_body;
    if (b.incoming.is_complete() || (!streams && take_body_in_buffer())) return dispatch();
    if (b.begin > 0 && connection_block::input_bytes - b.head_end < min_body_room) move_to_front();
    return streams ? dispatch() : step::need_body;
}

// Behind many requests in one buffer there may be no room for a body. The views of the head point to where it
// lies: it is judged again where it will lie.
void connection::move_to_front() {
    auto& b = *block_;
    std::memmove(b.in.data(), b.in.data() + b.begin, b.have - b.begin);
    b.have -= b.begin;
    b.head_end -= b.begin;
    b.begin = 0;
    b.reader.reset();
    DISTD_ASSERT(b.reader.read({b.in.data(), b.have}, b.x.head) == head_reader::state::complete);
    static_cast<void>(core_.routes.find(b.x.head.method, b.x.head.path, b.x.params));
    b.unread = b.head_end;
}

// Before anything is looked up, and before a token is asked for.
std::optional<response> connection::judge_host() {
    const auto host = block_->x.head.find("Host");
    // Whoever gave us a certificate for a name has made it one of ours.
    const bool is_ours = host.empty()  // HTTP/1.0, which no browser speaks
                         || core_.setup.names.answers(host) || core_.routes.answers_host(host) ||
                         (core_.https && core_.https->shows_for(without_port(host)));
    if (is_ours) return std::nullopt;
    core_.refused_heads.add();
    return response::problem(421, "Requests to " + std::string(host) +
                                      " are not answered here: only those to an address, to localhost, to "
                                      "this machine's name, to those of its certificates and to the names "
                                      "of --allowed-hosts.");
}

// What can be said about a request from its head alone.
std::optional<response> connection::judge_route() {
    auto& x = block_->x;
    if (auto wrong = judge_host()) return wrong;
    auto match = core_.routes.find(x.head, x.params);
    x.matched = match.found;
    if (auto elsewhere = sent_to_https(match)) return elsewhere;
    if (!(match.found && match.found->options.open))
        if (const auto* problem = problem_with_access()) {
            note_refused_access(problem);
            return response::problem(401, problem)
                .header("WWW-Authenticate", "Bearer, Basic realm=\"distd\"");
        }
    if (!match.found) {
        if (x.head.method == verb::other) {
            keep_alive_ = false;  // who knows the method may know of a body that we do not see
            return core_.routes.refuse(x, 501, "That method is not known here.");
        }
        if (x.head.method == verb::options && (match.path_exists || x.head.target == "*"))
            return response(204).header(
                "Allow", match.path_exists ? match.allow : "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        if (match.path_exists)
            return core_.routes
                .refuse(x, 405,
                        std::string(x.head.method_text) + " is not offered here; " + match.allow + " are.")
                .header("Allow", match.allow);
        return core_.routes.refuse(x, 404, "There is nothing at " + std::string(x.head.path) + ".");
    }
    const bool only_reads = x.head.method == verb::get || x.head.method == verb::head;
    if (!only_reads && core_.routes.refuses_other_sites() && is_from_other_site(request(x)))
        return core_.routes.refuse(x, 403, "A page of another site may not change anything here.");
    const auto limit = match.found->max_body;
    if (limit == 0 && x.head.has_body())
        return core_.routes.refuse(x, 413,
                                   "A " + std::string(x.head.method_text) + " request takes no body here.");
    if (x.head.content_length && *x.head.content_length > limit)
        return core_.routes.refuse(
            x, 413, "The body is larger than the " + std::to_string(limit) + " bytes that are taken here.");
    return std::nullopt;
}

// Nothing: it is answered here.
std::optional<response> connection::sent_to_https(const router::match& match) {
    const auto& x = block_->x;
    const auto& how = core_.routes.to_https();
    if (!how || x.is_encrypted || !core_.https_port || how->has_come_with_tls(x)) return std::nullopt;
    const auto host = without_port(x.head.find("Host"));
    if ((match.found && match.found->options.internal) || host.empty() || !x.head.target.starts_with('/'))
        return std::nullopt;
    auto to = "https://" + std::string(host);
    const auto port = how->port().value_or(*core_.https_port);
    if (port != 443) to.append(":").append(std::to_string(port));
    return response::redirect(308, to.append(x.head.target));
}

// Null, or why it may not call.
const char* connection::problem_with_access() {
    auto& x = block_->x;
    auto& admission = core_.setup.admission;
    if (!admission || !admission->is_required()) return nullptr;
    boost::system::error_code gone;
    const auto called = socket_.local_endpoint(gone);
    const proven_call c{x.head.method_text, x.head.target, x.head.find("Host")};
    const auto verdict =
        admission->judge(x.head.find("Authorization"), c, core_.setup.names, called, remote_);
    if (!verdict.is_granted) return verdict.reason;
    if (verdict.body) block_->incoming.expect(*verdict.body);
    return nullptr;
}

bool connection::is_called(std::string_view authority) const {
    boost::system::error_code gone;
    const auto called = socket_.local_endpoint(gone);
    return !gone && core_.setup.names.is_called(authority, called);
}

// For those who look after it: a person without a token is asked for one and is no news, wrong ones are.
void connection::note_refused_access(const char* reason) {
    core_.refused_access.add();
    if (block_->x.head.find("Authorization").empty() || !core_.may_log_refused_access()) return;
    logger(core_.log, core_.setup.source)
        .warn("access_refused", {{"peer", remote_},
                                 {"path", block_->x.head.path},
                                 {"reason", reason},
                                 {"in_all", core_.refused_access.value()}});
}

connection::step connection::dispatch() {
    withdraw_unfinished();
    auto& x = block_->x;
    const auto& route = *x.matched;
    if (!route.options.streams_body && !block_->incoming.is_as_promised_whole(x.body)) {
        note_refused_access(other_body);
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
            return finish(turned_away(said, wanted::request));
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
    return response::problem(500, "Something failed inside the service; its log knows more.",
                             {{"request_id", std::string(x.request_id())}});
}

// An answer that was found without the body. Where the body is not here already, nothing after it can be
// trusted.
connection::step connection::answer_early(response&& r) {
    if (!take_body_in_buffer() || r.status() == 413) keep_alive_ = false;
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
    withdraw_unfinished();
    unwatch_client();
    if (!b.incoming.is_complete()) keep_alive_ = false;
    if (core_.draining) keep_alive_ = false;
    if (b.x.relayed_status != 0) return end_relay();
    if (std::holds_alternative<stream_body>(r.body()) && b.x.head.method != verb::head)
        if (const auto said = core_.streams.take(remote_, request_); said != source_shares::verdict::granted)
            r = turned_away(said, wanted::stream);
    if (b.x.head.method != verb::head)
        if (const auto said = make_room_for(r); said != source_shares::verdict::granted)
            r = turned_away(said, wanted::memory);
    if (b.x.is_encrypted && !core_.routes.strict_transport().empty())
        r.header(strict_transport_field, core_.routes.strict_transport());
    const auto status = r.status();
    const auto started = b.sender.start(std::move(r), b.x, keep_alive_, core_.date);
    if (b.sender.ends_with_connection()) keep_alive_ = false;
    if (started.is_streamed) return step::stream;
    record(status, started.body_bytes);
    return after_answer();
}

connection::step connection::after_answer() {
    auto& b = *block_;
    b.reader.reset();
    if (!keep_alive_) return b.incoming.is_complete() ? step::close : step::linger;
    b.begin = b.unread;
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
    const auto& route = x.matched ? *x.matched : core_.routes.unrouted();
    const auto done = core_.time.now();
    core_.in_flight.add(-1);
    in_flight_ = false;
    request_.release();
    route.answered[static_cast<std::size_t>(status / 100)]->add();
    route.duration->observe_ns(static_cast<std::uint64_t>((done - x.began).count()));
    core_.log->access({.time = core_.wall(done),
                       .source = core_.setup.source,
                       .request_id = x.request_id(),
                       .trace_id = x.trace(),
                       .span_id = x.span(),
                       .parent_id = x.parent(),
                       .remote = remote_,
                       .method = x.head.method_text,
                       .path = x.head.path,
                       .status = status,
                       .sent_bytes = sent_bytes,
                       .duration_us = microseconds_between(x.began, done),
                       .level = level_of(status, route),
                       .internal = is_internal(x.head, status, route.options),
                       .is_routine = core_.log->has_reader() && is_routine(x.head, status, route.options),
                       .upstream = x.upstream,
                       .tries = x.tries,
                       .reason = x.reason});
    now_ = done;
}

void connection::release_block() {
    block_->reader.reset();
    block_->sender.reset();
    block_->under_way.reset();
    block_->body.clear();
    block_->begin = block_->have = 0;
    core_.pool.give_back(std::move(block_));
    memory_.change_to(bytes_in_use());
}

void connection::sweep(steady_point now) {
    if (watch_ == client_watch::by_sweep) {
        const bool nobody_reads = block_ && block_->incoming.is_complete();
        if ((nobody_reads && has_said_goodbye(socket_)) || has_left(socket_)) {
            ending_.lose_client();
            unwatch_client();
            return end();
        }
    }
    if (ends_at_drain_ && core_.draining && !ending_.is_cancelled()) return end();
    boost::system::error_code ignored;
    if (idle_.take_look() && has_left(socket_)) return static_cast<void>(socket_.cancel(ignored));
    if (deadline_ > now || expired_) return;
    expired_ = true;
    core_.expired.add();
    socket_.cancel(ignored);
}

}  // namespace distd::http
