#include "role/log/intake/log_intake.hpp"

#include <boost/json/object.hpp>

#include "base/ascii.hpp"
#include "base/digest.hpp"
#include "role/log/intake/batch_report.hpp"

namespace distd::logs {
namespace {

using body_reader = batch (*)(std::string_view, const arrival&);

// Null: of no type that is taken.
body_reader reader_of(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    type = ascii::lowered(std::move(type));
    // The form type is the default of `curl -d`; the text is kept as it was sent.
    if (type.empty() || type == "text/plain" || type == "application/x-www-form-urlencoded")
        return &read_text;
    if (type == "application/x-ndjson" || type == "application/ndjson" || type == "application/jsonl")
        return &read_json_lines;
    if (type == "application/json") return &read_json_document;
    return nullptr;
}

// Also hashes the body, to distinguish a retry under the same id from another batch. Half of a SHA-256 is
// enough to make a second body with the same hash infeasible.
template <body_reader Reader>
batch read_named(std::string_view text, const arrival& from) {
    auto b = Reader(text, from);
    b.content = to_hex(sha256(text)).substr(0, 32);
    return b;
}

body_reader named(body_reader reader) {
    if (reader == &read_text) return &read_named<&read_text>;
    if (reader == &read_json_lines) return &read_named<&read_json_lines>;
    return &read_named<&read_json_document>;
}

http::response unsupported(std::string detail) {
    return http::response::problem(415, std::move(detail)).header("Accept-Post", std::string(accepted_types));
}

http::response refuse_all(const batch& b) {
    if (!b.malformed.empty())
        return http::response::problem(b.is_too_large ? 413 : 400,
                                       "The body cannot be read: " + b.malformed + ".");
    if (b.refused == 0) return http::response::problem(400, "The body is empty: there is no record in it.");
    auto report = report_of(b);
    return http::response::problem(400,
                                   "No record of the batch could be stored; the first: line " +
                                       std::to_string(b.reported.front().line) + ": " +
                                       b.reported.front().reason + ".",
                                   std::move(report));
}

http::response answer_batch(const batch& b, const segment_journal::placed& where) {
    auto report = report_of(b);
    report["first"] = where.first;
    report["last"] = where.first + where.lines - 1;
    if (where.repeated) report["repeated"] = true;
    // 207: delivered, and yet not all of it; a sender that looks at 200 only will look here.
    return http::response::json(b.refused == 0 ? 200 : 207, std::move(report));
}

http::response answer(body_reader reader, const batch& b, const result<segment_journal::placed>& where) {
    if (!where && where.error() == errc::outcome_unknown)
        return http::response::problem(500,
                                       "The disk failed while this was stored: it is not known whether it "
                                       "was. Sent again under the same X-Batch-Id it counts once.");
    if (!where) return http::response::of(where.error());
    if (where->contradicts)
        return http::response::problem(409,
                                       "Another batch was taken under this X-Batch-Id from this address; "
                                       "nothing of this one was stored. Send it under an id of its own.");
    if (reader != &read_text) return answer_batch(b, *where);
    return http::response::json_text(200, "{\"seq\":" + std::to_string(where->first) + "}");
}

}  // namespace

// A request with lines, as its head describes it.
struct log_intake::submission {
    body_reader reader = nullptr;
    batch_label label;

    // Hashes the body, too, where it is a batch with an id.
    [[nodiscard]] body_reader reader_of_body() const { return label.id.empty() ? reader : named(reader); }
};

log_intake::log_intake(service& s, intake_control& control)
    : control_(control), text_(s.metrics(), "text"), json_(s.metrics(), "json") {}

http::handler_result log_intake::take(http::request q) {
    if (auto refusal = control_.refuse(q)) return *std::move(refusal);
    submission s;
    if (auto refusal = read_head(q, s)) return *std::move(refusal);
    if (control_.takes_at_once(q)) return take_at_once(q, std::move(s));
    return take_in_turn(std::move(q), std::move(s));
}

std::optional<http::response> log_intake::read_head(const http::request& q, submission& s) {
    s.reader = reader_of(q.header("Content-Type"));
    // One of two would decide what counts as the same batch; others on the way may have seen the other one.
    if (q.header_count("X-Batch-Id") > 1) return http::response::problem(400, "X-Batch-Id: expected once.");
    s.label.id = q.header("X-Batch-Id");
    if (!s.label.id.empty()) s.label.sender = q.remote_address();
    if (!s.label.id.empty() && !is_batch_id(s.label.id))
        return http::response::problem(
            400, "X-Batch-Id: expected 1 to 128 visible ASCII characters without quotes and backslashes.");
    if (s.reader == nullptr) return unsupported("Lines are taken as " + std::string(accepted_types) + ".");
    return std::nullopt;
}

intake_counters& log_intake::counters_of(const submission& s) {
    return s.reader == &read_text ? text_ : json_;
}

http::handler_result log_intake::take_at_once(const http::request& q, submission s) {
    auto& counters = counters_of(s);
    const auto b = std::make_shared<batch>(control_.read_at_once(q, counters, s.reader_of_body()));
    if (b->accepted == 0) return refuse_all(*b);
    s.label.content = b->content;
    auto store = [this, &counters, b, s = std::move(s)](http::request, http::pending_answer a) {
        auto stored = [b, reader = s.reader,
                       waiting = std::move(a)](const result<segment_journal::placed>& placed) mutable {
            waiting.give(answer(reader, *b, placed));
        };
        control_.store(counters, std::move(b->lines), b->accepted, s.label, std::move(stored));
    };
    return http::deferred(http::buffers::keep, std::move(store));
}

task<http::response> log_intake::take_in_turn(http::request q, submission s) {
    auto& counters = counters_of(s);
    auto room = co_await control_.room_for(q);
    auto b = co_await control_.read(q, counters, s.reader_of_body());
    if (!b) co_return http::response::of(b.error());
    room.shrink(b->lines.size());
    if (b->accepted == 0) co_return refuse_all(*b);
    s.label.content = b->content;
    co_await control_.until_store_has_room();
    const auto placed =
        co_await control_.store(counters, std::move(b->lines), b->accepted, std::move(s.label));
    co_return answer(s.reader, *b, placed);
}

}  // namespace distd::logs
