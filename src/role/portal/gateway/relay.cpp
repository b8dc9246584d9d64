#include "role/portal/gateway/relay.hpp"

#include <array>
#include <charconv>

#include "http/access/access_control.hpp"
#include "http/message/chunked.hpp"
#include "http/message/cookie.hpp"

namespace distd::portal {
namespace {

constexpr seconds answer_within{15};  // from the request's first piece: all tries, to the first byte
constexpr int max_tries = 3;
constexpr std::size_t default_head_bytes = 1000;  // above this malloc is slow
std::string chunk_of(std::string_view piece) {
    std::string chunk;
    http::append_chunk(chunk, piece);
    return chunk;
}

std::optional<errc> errc_of(const boost::system::error_code& ec) noexcept {
    return static_cast<errc>(ec.value());
}

std::string_view reason_of(errc why) noexcept {
    switch (why) {
        case errc::unreachable: return "unreachable";
        case errc::untrusted: return "untrusted";
        case errc::timed_out: return "timed_out";
        case errc::connection_lost: return "connection_lost";
        case errc::bad_answer: return "bad_answer";
        case errc::overloaded: return "overloaded";
        case errc::stopped: return "stopped";
        case errc::bad_address: return "address_refused";
        default: return "failed";
    }
}

gateway_failure client_failure(errc why) {
    if (why == errc::timed_out) return {408, "The request's body came too slowly.", "client", "slow_client"};
    if (why == errc::overloaded) return {413, "The body is larger than the limit.", "client", "too_large"};
    if (why == errc::connection_lost) return {499, "The client disconnected.", "client", "client_gone"};
    return {400, "The body's chunks are not well-formed.", "client", "bad_body"};
}

}  // namespace

relay::relay(std::shared_ptr<http::client_core> core, http::exchange& x, gateway_call call, bool trusts_peer,
             time_source& time)
    : core_(std::move(core)),
      x_(x),
      call_(std::move(call)),
      time_(time),
      now_(x.began),
      trusts_peer_(trusts_peer),
      wants_websocket_(http::wants_websocket(x.head)) {}

relay::~relay() { let_go(); }

bool relay::is_read_only() const noexcept {
    return (x_.head.method == http::verb::get || x_.head.method == http::verb::head) && !x_.head.has_body();
}

bool relay::sends_at_once() {
    if (x_.head.has_body() || take_place()) return false;
    body_is_read_ = true;
    now_ = time_.now();  // the answer before it may have waited for the client
    get_ready();
    is_begun_ = take_instance();
    return is_begun_ && begin_try();
}

bool relay::ends_at_once() {
    if (!up_->has_whole_answer()) return false;
    now_ = time_.now();
    learn(failure());
    begin_to_pass_on();
    whole_ = passes_at_once();
    up_->settle(true);
    let_go();
    return true;
}

void relay::get_ready() {
    is_ready_ = true;
    due_ = now_ + answer_within;
    call_.service->retries.count_request(now_);
    head_.reserve(default_head_bytes);
}

task<std::optional<gateway_failure>> relay::run() {
    if (auto refused = take_place()) co_return refused;
    if (!is_ready_) {
        body_is_read_ = !x_.head.has_body();
        if (!body_is_read_)
            if (auto failed = co_await read_first_piece()) co_return failed;
        now_ = time_.now();  // the answer before it may have waited for the client
        get_ready();
    }
    for (failure last;;) {
        if (!std::exchange(is_begun_, false) && !take_instance()) co_return describe(last);
        last = co_await try_once();
        now_ = time_.now();
        if (client_failure_) co_return client_failure_;
        learn(last);
        if (!last) break;
        x_.reason = reason_of(*last);
        if (!may_try_again(*last)) co_return describe(last);
        call_.service->tried_again.add();
    }
    if (auto failed = become_stream()) co_return failed;
    begin_to_pass_on();
    if (up_->answer().status() == 101) {
        co_await pass_tunnel();
        co_return std::nullopt;
    }
    // Most answers are here whole.
    if (!passes_at_once()) {
        whole_ = co_await pass_body();
        now_ = time_.now();
    }
    up_->settle(body_is_read_);
    co_return std::nullopt;
}

// The instance is chosen when there is something to send: a slow client keeps no place at one.
task<std::optional<gateway_failure>> relay::read_first_piece() {
    const auto piece = co_await x_.io->read_body_piece();
    if (!piece) co_return client_failure(*errc_of(piece.error()));
    piece_ = *piece;
    body_is_read_ = piece_.empty() || (!x_.head.chunked && piece_.size() == *x_.head.content_length);
    if (x_.head.chunked) {
        chunk_ = piece_.empty() ? std::string(http::last_chunk) : chunk_of(piece_);
        piece_ = chunk_;
    }
    co_return std::nullopt;
}

bool relay::take_instance() {
    is_on_new_ = up_ && up_->is_reused();
    if (instance_) tried_.push_back(instance_);
    let_go();
    pick_wish wish;
    wish.sticky = call_.sticky;
    wish.versions = call_.route ? &call_.route->versions : nullptr;
    wish.tried = &tried_;
    instance_ = call_.service->balance.pick(wish, now_);
    if (!instance_ && is_on_new_) {
        // Nobody else is there, and only a kept connection was at fault.
        wish.tried = nullptr;
        instance_ = call_.service->balance.pick(wish, now_);
    }
    if (!instance_) return false;
    ++instance_->in_flight;
    ++instance_->requests;
    attempt_began_ = now_;
    x_.upstream = instance_->facts.url;
    ++x_.tries;
    return true;
}

void relay::let_go() {
    up_.reset();
    if (instance_) --(is_stream_ ? instance_->streams : instance_->in_flight);
    instance_.reset();
}

// On a kept connection, as far as that goes without waiting; true when the request is out.
bool relay::begin_try() {
    const auto place = call_.service->addresses.find(instance_->facts.url);
    if (place == call_.service->addresses.end()) return false;
    http::upstream::timeouts patience;
    if (x_.tries > 1) patience.first_byte = std::chrono::duration_cast<milliseconds>(due_ - now_);
    up_.emplace(core_, patience, x_.head.method == http::verb::head);
    if (wants_websocket_) up_->allow_upgrade();
    // What an instance may have taken for more than it is, or answered with more than it should.
    const bool is_risky = x_.head.has_body() || x_.head.method == http::verb::head;
    up_->set_owner(client_as_owner(is_risky), is_risky);
    if (body_is_read_) x_.io->watch_client();
    is_open_ = !is_on_new_ && up_->open_at_once(*place->second, due_);
    if (!is_open_) return false;
    write_head(*place->second);
    const auto sent = up_->send_at_once(head_left_, piece_left_);
    return sent && !*sent;
}

task<relay::failure> relay::try_once() {
    if (!up_) static_cast<void>(begin_try());
    if (!up_) co_return errc::unreachable;  // it left just now
    if (!is_open_) {
        const auto to = call_.service->addresses.at(instance_->facts.url);
        if (const auto failed = co_await up_->open(*to, due_, !is_on_new_)) co_return failed;
        write_head(*to);
    }
    auto sent = up_->send_at_once(head_left_, piece_left_);
    if (!sent) sent = co_await up_->send(head_left_, piece_left_);
    if (*sent) co_return *sent;
    if (!body_is_read_)
        if (const auto failed = co_await send_body()) co_return failed;
    x_.io->watch_client();
    co_return co_await up_->await_head();
}

void relay::write_head(const http::call_target& to) {
    http::request_forwarding how;
    const auto below = to.where.target == "/"
                           ? std::string()
                           : std::string(path_below_root(to.where.target)).append(call_.target);
    how.target = below.empty() ? std::string_view(call_.target) : below;
    how.authority = to.authority;
    how.rules = call_.route ? &call_.route->request_headers : nullptr;
    how.prefix = call_.prefix;
    how.own_cookies = http::own_cookie_prefix;
    how.trusts_peer = trusts_peer_;
    how.is_upgrade = wants_websocket_;
    const auto proof = proof_for(to, how);
    how.authorization = proof;
    how.keeps_authorization = needs_credentials();
    head_.clear();
    http::append_forwarded_request(head_, x_, how);
    head_left_ = head_;
    piece_left_ = piece_;
}

bool relay::needs_credentials() const {
    const auto& credentials = core_->setup.credentials;
    return credentials && credentials->is_required();
}

// That the request comes from this gateway. Empty: nobody asks for it, or the route has a word about it.
std::string relay::proof_for(const http::call_target& to, const http::request_forwarding& how) const {
    if (!needs_credentials() || (how.rules && how.rules->drops("Authorization"))) return {};
    const bool is_whole = body_is_read_ && !x_.head.chunked;
    const auto body = is_whole ? std::optional<std::string_view>(piece_) : std::nullopt;
    return core_->setup.credentials->prove({x_.head.method_text, how.target, to.authority}, body);
}

task<relay::failure> relay::send_body() {
    // An instance may answer, or go, while the client takes its time over the rest.
    const auto watch = up_->notify_of_early_answer([io = x_.io] { io->stop_reading(); });
    while (!body_is_read_ && !up_->answers_early()) {
        up_->pause_deadline();
        const auto piece = co_await x_.io->read_body_piece();
        body_was_begun_ = true;
        if (!piece && up_->answers_early()) break;
        if (!piece) {
            const auto why = *errc_of(piece.error());
            client_failure_ = client_failure(why);
            x_.reason = client_failure_->reason;
            co_return why;
        }
        body_is_read_ = piece->empty();
        std::string_view out = *piece;
        if (x_.head.chunked) {
            chunk_ = body_is_read_ ? std::string(http::last_chunk) : chunk_of(out);
            out = chunk_;
        }
        if (const auto failed = co_await up_->send(out, {})) co_return failed;
    }
    co_return failure();
}

// Refused, or stale before a byte was sent: nobody has seen the request. GET and HEAD also when the
// connection broke before the first byte of an answer. Everything else may have been acted upon.
bool relay::may_try_again(errc why) const {
    if (x_.tries >= max_tries || now_ >= due_ || body_was_begun_) return false;
    const bool is_unseen = !up_ || !up_->has_sent();
    const bool is_harmless = is_read_only() && why == errc::connection_lost && !up_->has_begun_to_answer();
    const bool may_help = why == errc::unreachable || why == errc::untrusted ||
                          why == errc::connection_lost || why == errc::overloaded || why == errc::bad_address;
    if (!may_help || !(is_unseen || is_harmless)) return false;
    if (kept_connection_closed(why)) return true;  // and the next connection is a new one
    return call_.service->retries.take_retry(now_);
}

// A kept connection may go at any time: that says nothing of the instance.
bool relay::kept_connection_closed(errc why) const {
    return why == errc::connection_lost && up_ && up_->is_reused() && !up_->has_begun_to_answer();
}

void relay::learn(const failure& f) {
    auto outcome = try_outcome::connection_failed;
    bool has_failed = true;
    if (!f) {
        const auto status = up_->answer().status();
        has_failed = status >= 500;
        outcome = status >= 502 && status <= 504 ? try_outcome::unavailable : try_outcome::good;
    } else if (*f == errc::overloaded || *f == errc::stopped) {
        return;  // of our own making
    } else if (kept_connection_closed(*f)) {
        return;
    } else if (*f == errc::bad_answer || (*f == errc::timed_out && up_ && up_->has_sent())) {
        outcome = try_outcome::unavailable;  // it is there: our 502 or 504 counts like one of its own
    }
    instance_->traffic.add(
        now_, {.took = now_ - attempt_began_, .has_failed = has_failed, .in_flight = instance_->in_flight});
    if (call_.service->balance.learn(*instance_, outcome, now_)) call_.service->ejections.add();
}

gateway_failure relay::describe(const failure& f) const {
    const auto& name = call_.service->name;
    if (!f)
        return {503, "No instance of " + name + " is known at the moment.", "service", "no_instance",
                seconds(5)};
    const std::string doubt = is_read_only() || !up_ || !up_->has_sent()
                                  ? ""
                                  : " It is not known whether the request was acted upon.";
    switch (*f) {
        case errc::bad_address:
            return {502, name + " resolves to an address that this gateway must not connect to.", "gateway",
                    "address_refused"};
        case errc::unreachable:
            return {502, name + " cannot be reached: no instance accepted the connection.", "network",
                    "unreachable"};
        case errc::untrusted:
            return {502, name + " has a certificate that is not trusted, or not for its host.", "network",
                    "untrusted"};
        case errc::timed_out: return {504, name + " did not answer in time." + doubt, "service", "timed_out"};
        case errc::connection_lost:
            return {502, "The connection to " + name + " broke before it answered." + doubt, "network",
                    "connection_lost"};
        case errc::bad_answer:
            return {502, name + " sent a malformed answer." + doubt, "service", "bad_answer"};
        case errc::overloaded:
            return {503, name + " has reached its limit of concurrent requests. Try again in a moment.",
                    "service", "overloaded", seconds(1)};
        default: return {503, "The gateway is stopping.", "gateway", "stopped", seconds(1)};
    }
}

// One client does not take all places at the instances of a service.
std::optional<gateway_failure> relay::take_place() {
    if (place_.amount() > 0) return std::nullopt;
    if (call_.service->requests_by_source.take(call_.client, place_) == http::source_shares::verdict::granted)
        return std::nullopt;
    return gateway_failure{429,
                           "Your address has reached its limit of concurrent requests at " +
                               call_.service->name + ". Try again in a moment.",
                           "client", "source_share", seconds(1)};
}

// Most clients own no connection: only what may go wrong makes one theirs.
http::connection_owner* relay::client_as_owner(bool becomes_one) {
    struct owner {
        explicit owner(std::shared_ptr<http::client_core> c) : core(std::move(c)), connections(core->pool) {}
        std::shared_ptr<http::client_core> core;
        http::connection_owner connections;
    };
    auto& kept = x_.io->connection_data();
    if (!kept && becomes_one) kept = std::make_shared<owner>(core_);
    return kept ? &static_cast<owner*>(kept.get())->connections : nullptr;
}

}  // namespace distd::portal
