#include "role/log/search/log_reader.hpp"

#include <algorithm>

#include "base/gauge_hold.hpp"
#include "http/server/over_limit.hpp"
#include "role/log/line/plain_lines.hpp"
#include "sdk/role_services.hpp"

namespace distd::logs {
namespace {

constexpr const char* json_lines = "application/x-ndjson";
constexpr const char* plain_text = "text/plain; charset=utf-8";
constexpr seconds silence_on_a_tail{15};  // then a comment: proxies and peers see that it lives
constexpr std::size_t max_places_reported = 1000;
constexpr std::size_t max_context_bytes = 4 << 20;  // on each side of the line
constexpr std::size_t max_contexts = 16;
constexpr std::size_t room_for_incomplete = 128;

constexpr known_parameter of_a_search[] = {{"service"}, {"level"}, {"trace"}, {"q"},     {"case"},  {"after"},
                                           {"from"},    {"to"},    {"limit"}, {"order"}, {"format"}};
// Without limit, order and time range.
constexpr known_parameter of_a_tail[] = {{"service"}, {"level"}, {"trace"}, {"q"}, {"case"}, {"after"}};
constexpr known_parameter of_a_context[] = {{"seq"},   {"before"}, {"after"}, {"same_service"}, {"service"},
                                            {"level"}, {"trace"},  {"q"},     {"case"}};

// The last line of an answer that had to end early.
std::string incomplete(std::string_view reason, std::uint64_t last_seen) {
    return R"({"_incomplete":{"reason":")" + std::string(reason) + R"(","after":)" +
           std::to_string(last_seen) + "}}\n";
}

}  // namespace

log_reader::log_reader(service& s, log_store& store, query_reader& queries)
    : service_(s),
      store_(store),
      queries_(queries),
      tail_steps_(store, s.loop(), s.time(), turn::later),
      costly_tail_steps_(store, s.loop(), s.time(), turn::one_at_a_time),
      contexts_(http::source_shares::bounds::of(max_contexts,
                                                static_cast<unsigned>(s.config().integer("source-share")),
                                                !listens_beyond_loopback(s))),
      tails_(s.metrics().level("distd_log_tails", "Readers of the live tail")),
      damaged_places_(
          s.metrics().count("distd_log_damaged_places_total", "Places of the journal that cannot be read")) {
    for (const auto& d : store.journal().recovered().damaged) report(d);
    for (const auto& d : store.parts().damaged()) report(d);
    s.background("log tails", [this] { return tail_steps_.run(); });
    s.background("costly log tails", [this] { return costly_tail_steps_.run(); });
}

std::shared_ptr<search> log_reader::begin(log_query q) {
    return begin(std::move(q), search_budget(service_.time(), service_.time().now() + max_search));
}

std::shared_ptr<search> log_reader::begin(log_query q, search_budget budget) {
    return std::make_shared<search>(store_.parts(), store_.journal(), store_.helper(), std::move(q),
                                    std::move(budget));
}

task<http::response> log_reader::find(http::request q) {
    auto query = co_await queries_.read(q, of_a_search, &parse_query);
    if (query.refusal) co_return *std::move(query.refusal);
    const bool as_text = query.value->as_text;
    auto s = begin(*std::move(query.value));
    auto found = co_await next(s);
    if (!found) co_return http::response::of(found.error());
    const auto* type = as_text ? plain_text : json_lines;
    if (as_text) found->text = plain_lines(found->text);
    if (!found->ended_by.empty()) found->text += incomplete(found->ended_by, found->last_seen);
    if (found->is_end || !found->ended_by.empty())
        co_return http::response::text(200, std::move(found->text)).content_type(type);
    // Shared by the copies of the function: the text itself is there once.
    const auto first = std::make_shared<std::string>(std::move(found->text));
    auto produce = [this, s, first, last_seen = found->last_seen, as_text](http::body_writer out) {
        return send_rest(out, s, first, last_seen, as_text);
    };
    co_return http::response::stream(200, type, std::move(produce))
        .holding(first->capacity() + s->kept_bytes());
}

task<> log_reader::send_rest(http::body_writer out, std::shared_ptr<search> s,
                             std::shared_ptr<std::string> first, std::uint64_t last_seen, bool as_text) {
    if (!out.holding(s->kept_bytes())) co_return;
    if (!first->empty()) {
        const auto sent = co_await out.write(std::move(*first));
        if (!sent) co_return;
    }
    for (;;) {
        auto found = co_await next(s);
        std::string text = found ? std::move(found->text) : incomplete("storage", last_seen);
        if (found && as_text) text = plain_lines(text);
        if (found && !found->is_end) last_seen = found->last_seen;
        const bool ends_early = found && !found->ended_by.empty();
        if (ends_early) text += incomplete(found->ended_by, last_seen);
        if (!out.holding(s->kept_bytes())) co_return;
        if (!text.empty()) {
            const auto sent = co_await out.write(std::move(text));
            if (!sent) co_return;
        }
        if (!found || found->is_end || ends_early) co_return;
    }
}

task<result<log_reader::found_pieces>> log_reader::find_all(log_query q) {
    found_pieces all;
    all.is_end = q.limit == 0;
    auto s = begin(std::move(q));
    while (!all.is_end && all.ended_by.empty() && all.bytes < max_context_bytes) {
        auto found = co_await next(s);
        if (!found) co_return found.error();
        all.bytes += found->text.size();
        all.is_end = found->is_end;
        all.ended_by = found->ended_by;
        if (!found->text.empty()) all.pieces.push_back(*std::move(found));
    }
    co_return std::move(all);
}

// `before` has the newest lines first. What is in the answer is not held twice.
std::string log_reader::joined(found_pieces before, const found_pieces& middle, found_pieces after) {
    std::string text;
    text.reserve(before.bytes + middle.bytes + after.bytes + room_for_incomplete);
    for (auto piece = before.pieces.rbegin(); piece != before.pieces.rend(); ++piece) {
        for (auto l = piece->lines.rbegin(); l != piece->lines.rend(); ++l)
            text.append(piece->text, l->start, l->size + 1);
        *piece = {};
    }
    for (const auto& piece : middle.pieces) text += piece.text;
    for (auto& piece : after.pieces) text += std::exchange(piece, {}).text;
    return text;
}

task<http::response> log_reader::context(http::request q) {
    http::source_shares::hold place;
    if (const auto said = contexts_.take(q.remote_address(), place);
        said != http::source_shares::verdict::granted)
        co_return http::over_limit(said, http::limited::request);
    auto asked = co_await queries_.read(q, of_a_context, &parse_context_query);
    if (asked.refusal) co_return *std::move(asked.refusal);
    log_query onwards;
    onwards.oldest_first = true;
    onwards.after = asked.value->seq - 1;
    onwards.limit = 1;
    const auto middle = co_await find_all(onwards);
    if (!middle) co_return http::response::of(middle.error());
    if (middle->pieces.empty() || middle->pieces.front().lines.front().seq != asked.value->seq)
        co_return http::response::problem(404, "No line with seq " + std::to_string(asked.value->seq) +
                                                   "; it may have been removed by retention.");
    onwards.filter = asked.value->filter;
    if (asked.value->same_service)
        if (const auto line = read_stored_line(middle->pieces.front().text))
            onwards.filter.service = line->service;
    onwards.after = asked.value->seq;
    onwards.limit = asked.value->after;
    auto back = onwards;
    back.oldest_first = false;
    back.limit = asked.value->before;
    auto before = co_await find_all(std::move(back));
    if (!before) co_return http::response::of(before.error());
    auto after = co_await find_all(std::move(onwards));
    if (!after) co_return http::response::of(after.error());
    std::string last;
    if (!before->is_end || !after->is_end) {
        const auto& reason = before->ended_by.empty() ? after->ended_by : before->ended_by;
        last = incomplete(reason.empty() ? "size" : reason, asked.value->seq);
    }
    auto text = joined(*std::move(before), *middle, *std::move(after));
    text += last;
    co_return http::response::text(200, std::move(text)).content_type(json_lines);
}

task<http::response> log_reader::tail(http::request q) {
    auto query = co_await queries_.read(q, of_a_tail, &parse_query);
    if (query.refusal) co_return *std::move(query.refusal);
    // A browser that reconnects says where it was; else a tail begins with what comes next.
    auto start = query.value->after;
    if (const auto last_id = q.header("Last-Event-ID"); !last_id.empty()) {
        auto resumed = parse_query({{"after", std::string(last_id)}});
        if (!resumed.value)
            co_return http::response::problem(400, "Last-Event-ID: expected the number of a line.");
        start = resumed.value->after;
    }
    // A number that was not given yet is of another store: its reader must not wait until this one gets
    // there.
    const auto last = store_.journal().next() - 1;
    query.value->after = std::min(start.value_or(last), last);
    query.value->oldest_first = true;
    query.value->limit = UINT64_MAX;
    auto s =
        begin(*std::move(query.value), search_budget(service_.time(), steady_point::max(), max_tail_step));
    co_return http::response::events([this, s](http::body_writer out) { return send_new(out, s); });
}

// What a tail shows comes from the journal, never from memory: each line once, in order, and a slow reader
// delays no other.
task<> log_reader::send_new(http::body_writer out, std::shared_ptr<search> s) {
    const gauge_hold here(tails_);
    announcer::listener commits(store_.commits(), service_.loop(), service_.time());
    auto sent = co_await out.comment("ready");
    while (sent) {
        auto found = co_await next_of_tail(s);
        if (!found || !out.holding(found->text.capacity() + s->kept_bytes())) co_return;
        for (std::size_t i = 0; i < found->lines.size() && sent; ++i) {
            const auto& l = found->lines[i];
            sent = co_await out.event(found->text.substr(l.start, l.size), std::to_string(l.seq));
        }
        if (sent && !found->ended_by.empty()) {
            const auto why = incomplete(found->ended_by, found->last_seen);
            static_cast<void>(co_await out.event(why.substr(0, why.size() - 1), {}, "incomplete"));
            co_return;
        }
        const bool is_end = found->is_end;
        *found = {};
        static_cast<void>(out.holding(s->kept_bytes()));  // less than before
        if (!sent || !is_end) continue;
        const bool silent = co_await commits.bell.wait_for(silence_on_a_tail);
        if (silent) sent = co_await out.comment("still here");
    }
}

task<result<found_lines>> log_reader::next(std::shared_ptr<search> s) {
    auto found = co_await store_.step(std::move(s));
    co_return judged(std::move(found));
}

task<result<found_lines>> log_reader::next_of_tail(std::shared_ptr<search> s) {
    auto& steps = s->is_costly() ? costly_tail_steps_ : tail_steps_;
    auto found = co_await steps.step(std::move(s));
    co_return judged(std::move(found));
}

result<found_lines> log_reader::judged(result<found_lines> found) {
    if (!found) return found;
    if (const auto readable = judge(*found); !readable) return readable.error();
    return found;
}

result<> log_reader::judge(const scan_progress& p) {
    for (const auto& d : p.damaged) report(d);
    if (p.failure.empty()) return {};
    service_.log().error("log_read_failed", {{"reason", p.failure}});
    return errc::storage_failed;
}

void log_reader::report(const damage& d) {
    if (reported_.size() >= max_places_reported || !reported_.emplace(d.file.string(), d.offset).second)
        return;
    damaged_places_.add();
    service_.log().warn(
        "log_damaged",
        {{"file", d.file.string()}, {"offset", d.offset}, {"bytes", d.bytes}, {"reason", d.reason}});
}

}  // namespace distd::logs
