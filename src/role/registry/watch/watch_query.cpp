#include "role/registry/watch/watch_query.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/ascii.hpp"
#include "base/parse_number.hpp"
#include "base/random.hpp"
#include "base/settings/options_values.hpp"
#include "http/message/request_head.hpp"
#include "role/known_parameters.hpp"
#include "wire/header_names.hpp"

namespace distd::registry {
namespace {

using namespace watch_limits;

bool is_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, ascii::is_digit); }

std::optional<milliseconds> parse_wait(const std::string& text) {
    setting form;
    form.name = "wait";
    form.kind = setting_kind::duration;
    form.fallback = "5m";
    try {
        return milliseconds(read_value(form, is_digits(text) ? text + "s" : text, "query").number);
    } catch (const settings_error&) {
        return std::nullopt;
    }
}

// Watchers that came at the same moment, as after a restart of ours, do not come back at the same moment.
milliseconds jittered(milliseconds wait) {
    const auto part = wait.count() / jitter_part;
    const auto shift = static_cast<std::int64_t>(random_below(static_cast<std::uint64_t>(2 * part + 1)));
    return wait - milliseconds(part) + milliseconds(shift);
}

http::response wrong(const char* parameter, const char* right) {
    return wrong_parameter(std::string(parameter) + " must be " + right);
}

// Each event is the whole state, so a slow reader skips what was overtaken, never the last.
task<> send_states(http::body_writer out, watch_board& board, std::optional<std::uint64_t> seen,
                   std::shared_ptr<const watched> w) {
    for (result<> sent; sent;) {
        const auto now = w->index();
        if (seen != now) {
            seen = now;
            const auto state = w->event();
            sent = co_await out.event(state, std::to_string(now));
            if (sent && w->min_gap > milliseconds(0)) co_await sleep_for(board.time(), w->min_gap);
            continue;
        }
        const auto until = board.time().now() + silence_on_a_stream;
        const bool touched = co_await board.wait(w->topic, until);
        if (!touched) sent = co_await out.comment("still here");
    }
}

}  // namespace

http::response with_index(http::response r, std::uint64_t index) {
    r.header(wire::index_header, std::to_string(index));
    return r;
}

std::optional<http::response> read_watch_query(const http::request& q, watch_query& out) {
    out.as_stream = http::list_has_token(q.header("Accept"), "text/event-stream");
    if (const auto text = q.query("index")) {
        out.seen = parse_number<std::uint64_t>(*text);
        if (!out.seen) return wrong("index", "the decimal number of an earlier X-Distd-Index");
    }
    if (const auto id = q.header("Last-Event-ID"); out.as_stream && !id.empty()) {
        out.seen = parse_number<std::uint64_t>(id);
        if (!out.seen) return wrong("Last-Event-ID", "the decimal id of an earlier event");
    }
    auto wait = default_wait;
    if (const auto text = q.query("wait")) {
        const auto asked = parse_wait(*text);
        if (!asked) return wrong("wait", "a duration such as 500ms, 30s or 5m, or a whole number of seconds");
        wait = std::min(*asked, max_wait);
    }
    if (out.seen == 0) out.seen.reset();
    if (out.seen) out.wait = jittered(wait);
    return std::nullopt;
}

http::handler_result serve_watched(watch_board& board, watch_query q, watched w) {
    const auto kept = std::make_shared<const watched>(std::move(w));
    const auto index = kept->index();
    if (q.as_stream) {
        auto states = [&board, seen = q.seen, kept](http::body_writer out) {
            return send_states(out, board, seen, kept);
        };
        return with_index(http::response::events(std::move(states)), index);
    }
    if (q.seen != index || q.wait <= milliseconds(0)) return with_index(kept->answer(), index);
    const watch_board::parked_read read{
        [kept, seen = index] { return kept->index() != seen; },
        [kept](http::request) { return with_index(kept->answer(), kept->index()); }};
    const auto deadline = board.time().now() + q.wait;
    auto wait = [&board, deadline, read, kept](http::request, http::pending_answer answer) {
        board.park(kept->topic, deadline, read, std::move(answer));
    };
    return http::deferred(http::buffers::release, std::move(wait));
}

}  // namespace distd::registry
