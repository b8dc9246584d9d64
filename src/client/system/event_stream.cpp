#include "client/system/event_stream.hpp"

#include <utility>

namespace distd::ops::client {
namespace {

constexpr milliseconds connect_within{1500};
constexpr milliseconds first_byte_within{5000};
constexpr std::size_t max_refusal = 16 << 10;

std::string words_of(errc why) {
    if (why == errc::timed_out) return "it does not answer any more";
    return make_error_code(why).message();
}

}  // namespace

event_stream::~event_stream() = default;

task<result<http::reply>> event_stream::open(std::string url, std::string last_id) {
    to_ = core_->target(url);
    if (!to_) co_return errc::bad_address;
    reader_ = {};
    connection_.emplace(core_, http::upstream::timeouts{connect_within, first_byte_within, max_silence},
                        false);
    const auto due = core_->time.now() + connect_within;
    if (const auto failed = co_await connection_->open(*to_, due, false)) co_return *failed;
    std::string chosen = "Accept: text/event-stream\r\n";
    if (!last_id.empty()) chosen += "Last-Event-ID: " + last_id + "\r\n";
    const auto head = core_->head_of_get(*to_, chosen);
    if (const auto failed = co_await connection_->send(head, {})) co_return *failed;
    if (const auto failed = co_await connection_->await_head()) co_return *failed;
    http::reply r;
    r.status = connection_->answer().status();
    if (r.status == 200) co_return r;
    co_return co_await read_refusal();
}

task<result<http::reply>> event_stream::read_refusal() {
    http::reply r;
    r.status = connection_->answer().status();
    while (r.body.size() < max_refusal) {
        if (const auto piece = connection_->piece(); !piece.empty()) {
            r.body.append(piece);
            continue;
        }
        if (connection_->is_complete() || connection_->trouble()) break;
        if (co_await connection_->read_more()) break;
    }
    connection_.reset();
    co_return r;
}

task<std::optional<stream_event>> event_stream::next() {
    for (;;) {
        if (auto whole = reader_.next()) co_return whole;
        if (const auto piece = connection_->piece(); !piece.empty()) {
            reader_.feed(piece);
            if (!reader_.is_too_large()) continue;
            trouble_ = "it sent an event that is too large";
            break;
        }
        if (connection_->is_complete()) {
            trouble_ = "it ended the stream";
            break;
        }
        auto failed = connection_->trouble();
        if (!failed) failed = co_await connection_->read_more();
        if (!failed) continue;
        trouble_ = words_of(*failed);
        break;
    }
    connection_.reset();
    co_return std::nullopt;
}

}  // namespace distd::ops::client
