// The second half of a relay: an instance has answered, and its answer is passed on.
#include "http/message/cookie.hpp"
#include "http/message/registered_url.hpp"
#include "http/proxy/tunnel.hpp"
#include "role/portal/gateway/relay.hpp"

namespace distd::portal {
namespace {

constexpr milliseconds stream_silence = std::chrono::hours(1);

bool is_event_stream(const std::vector<http::head_field>& fields) noexcept {
    constexpr std::string_view type = "text/event-stream";
    for (const auto& f : fields)
        if (http::equal_ignoring_case(f.name, "Content-Type"))
            return http::equal_ignoring_case(f.value.substr(0, type.size()), type);
    return false;
}

}  // namespace

std::string_view path_below_root(std::string_view path_of_instance) noexcept {
    return http::without_end_slashes(path_of_instance.substr(0, path_of_instance.find('?')));
}

// What never ends by itself has bounds of its own: else it would take the places of requests, one by one.
std::optional<gateway_failure> relay::become_stream() {
    using enum http::source_shares::verdict;
    const auto& answer = up_->answer();
    never_ends_ = is_event_stream(answer.fields());
    if (!never_ends_ && answer.status() != 101) return std::nullopt;
    const auto& name = call_.service->name;
    switch (call_.service->streams.take(call_.client, place_)) {
        case granted: break;
        case share_taken:
            return gateway_failure{
                429, "Your address has reached its limit of open streams and WebSockets at " + name + ".",
                "client", "source_share", seconds(1)};
        case all_taken:
            return gateway_failure{503, name + " has reached its limit of open streams and WebSockets.",
                                   "service", "overloaded", seconds(1)};
    }
    up_->uncount();
    --instance_->in_flight;
    ++instance_->streams;
    is_stream_ = true;
    return std::nullopt;
}

void relay::begin_to_pass_on() {
    auto& answer = up_->answer();
    const auto status = answer.status();
    // A body that an instance sends all the same would be the answer to whoever comes next.
    if (status == 204 || status == 304) up_->make_own(client_as_owner(true));
    const auto* rules = call_.route ? &call_.route->response_headers : nullptr;
    http::answer_forwarding ours{x_.request_id(), x_.io->date(), status == 101, nullptr,
                                 http::own_cookie_prefix};
    std::optional<http::location_mapping> at;
    if (status == 201 || status / 100 == 3) at = place();  // of others a Location means nothing
    if (at) ours.place = &*at;
    head_.clear();
    http::append_forwarded_answer(head_, answer.fields(), rules, ours);
    x_.io->begin_relay(status, head_, answer.has_body(), status == 204 ? std::nullopt : answer.length());
}

std::optional<http::location_mapping> relay::place() const {
    const auto at = call_.service->addresses.find(instance_->facts.url);
    if (at == call_.service->addresses.end()) return std::nullopt;  // it left meanwhile
    const auto& to = *at->second;
    http::location_mapping place{
        to.where.scheme(), to.authority, {path_below_root(to.where.target), {}, {}}, call_.prefix};
    if (!call_.route) return place;
    place.inside[1] = call_.route->add_prefix;
    if (!call_.route->strip_prefix) place.outside = place.inside[2] = call_.route->prefix;
    return place;
}

bool relay::passes_at_once() {
    for (auto piece = up_->piece(); !piece.empty(); piece = up_->piece()) x_.io->relay(piece);
    return up_->is_complete() && !up_->trouble();
}

task<bool> relay::pass_body() {
    auto& io = *x_.io;
    if (never_ends_) {  // one that was here whole has ended
        up_->set_idle_timeout(stream_silence);
        io.end_at_drain();
    }
    while (!passes_at_once()) {
        if (up_->trouble()) {
            x_.reason = "bad_answer_half_way";
            co_return false;
        }
        if (!io.relay_now() && !co_await io.relay_sent()) {
            if (x_.reason.empty()) x_.reason = "client_gone";  // unless we cut it off: the server says why
            co_return false;
        }
        if (const auto failed = co_await up_->read_more()) {
            x_.reason = *failed == errc::timed_out ? "timed_out_half_way" : "connection_lost_half_way";
            co_return false;
        }
    }
    co_return true;
}

task<> relay::pass_tunnel() {
    auto& io = *x_.io;
    auto ahead = up_->take_ahead();
    up_->pause_deadline();
    io.end_at_drain();
    if (!io.relay_now() && !co_await io.relay_sent()) co_return;
    io.unwatch_client();
    co_await http::tunnel(io.socket(), io.take_buffered_input(), up_->socket(), std::move(ahead));
}

}  // namespace distd::portal
