#include "role/log/log_intake.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace distd::logs {
namespace {

// A larger batch is read on another thread: the loop is held up for at most a tenth of a millisecond.
constexpr std::size_t read_at_once_bytes = 64 << 10;

enum class body_kind : std::uint8_t { text, json_lines, json_document, unknown };

body_kind kind_of(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    while (type.ends_with(' ')) type.pop_back();
    for (auto& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    // The form type is what `curl -d` says when nobody tells it otherwise; the text is kept as it was sent.
    if (type.empty() || type == "text/plain" || type == "application/x-www-form-urlencoded")
        return body_kind::text;
    if (type == "application/x-ndjson" || type == "application/jsonl") return body_kind::json_lines;
    if (type == "application/json") return body_kind::json_document;
    return body_kind::unknown;
}

http::response unsupported(std::string detail) {
    return http::response::problem(415, std::move(detail)).header("Accept-Post", std::string(accepted_types));
}

json::object report_of(const batch& b) {
    json::object report{{"accepted", b.accepted}, {"rejected", b.refused}};
    json::array errors;
    for (const auto& r : b.reported) errors.push_back(json::object{{"line", r.line}, {"reason", r.reason}});
    if (!errors.empty()) report["errors"] = std::move(errors);
    return report;
}

http::response refuse_all(const batch& b) {
    if (!b.malformed.empty())
        return http::response::problem(400, "The batch cannot be read: " + b.malformed + ".");
    if (b.refused == 0) return http::response::problem(400, "The body is empty: there is no record in it.");
    auto report = report_of(b);
    return http::response::problem(400,
                                   "No record of the batch could be stored; the first: line " +
                                       std::to_string(b.reported.front().line) + ": " +
                                       b.reported.front().reason + ".",
                                   std::move(report));
}

}  // namespace

log_intake::log_intake(service& s, log_store& store)
    : service_(s),
      store_(store),
      stored_(s.metrics().count("distd_log_records_total", "Log records stored")),
      refused_(s.metrics().count("distd_log_refused_records_total", "Log records refused, and answered so")),
      repeated_(
          s.metrics().count("distd_log_repeated_batches_total", "Batches that came again under their id")) {}

task<http::response> log_intake::take(http::request q) {
    const auto encoding = q.header("Content-Encoding");
    if (!encoding.empty() && encoding != "identity")
        co_return unsupported("Encoded bodies are not understood here; send it without Content-Encoding.");
    const auto kind = kind_of(q.header("Content-Type"));
    if (kind == body_kind::unknown)
        co_return unsupported("Lines are taken as " + std::string(accepted_types) + ".");
    std::string id(q.header("X-Batch-Id"));
    if (!id.empty() && !is_batch_id(id))
        co_return http::response::problem(
            400, "X-Batch-Id: expected 1 to 128 visible ASCII characters without quotes and backslashes.");
    if (q.body().empty())
        co_return http::response::problem(400, "The body is empty: there is no line in it.");
    if (kind == body_kind::text) co_return co_await take_text(q, std::move(id));
    co_return co_await take_batch(q, std::move(id), kind == body_kind::json_lines);
}

task<http::response> log_intake::take_text(http::request q, std::string id) {
    if (q.body().size() > longest_line) {
        refused_.add();
        co_return http::response::problem(413, "A line may have " + std::to_string(longest_line) +
                                                   " bytes, this one has " + std::to_string(q.body().size()) +
                                                   ".");
    }
    std::string line;
    append_text_record(line, q.body(), now_ns());
    const auto placed = co_await store_.append(std::move(line), 1, std::move(id));
    if (!placed) co_return http::response::of(placed.error());
    (placed->repeated ? repeated_ : stored_).add();
    co_return http::response::json_text(200, "{\"seq\":" + std::to_string(placed->first) + "}");
}

task<http::response> log_intake::take_batch(http::request q, std::string id, bool is_lines) {
    auto b = co_await read(q.body(), is_lines);
    if (!b) co_return http::response::of(b.error());
    refused_.add(b->refused);
    if (b->accepted == 0) co_return refuse_all(*b);
    const auto placed = co_await store_.append(std::move(b->lines), b->accepted, std::move(id));
    if (!placed) co_return http::response::of(placed.error());
    if (placed->repeated)
        repeated_.add();
    else
        stored_.add(b->accepted);

    auto report = report_of(*b);
    report["first"] = placed->first;
    report["last"] = placed->first + placed->lines - 1;
    if (placed->repeated) report["repeated"] = true;
    // 207: delivered, and yet not all of it; a sender that looks at 200 only will look here.
    co_return http::response::json(b->refused == 0 ? 200 : 207, std::move(report));
}

task<result<batch>> log_intake::read(std::string_view body, bool is_lines) {
    const auto now = now_ns();
    if (body.size() <= read_at_once_bytes)
        co_return is_lines ? read_json_lines(body, now) : read_json_document(body, now);
    // A copy: the request may be gone before the thread is done, if this coroutine is cancelled.
    auto job = [text = std::string(body), is_lines, now]() -> result<batch> {
        return is_lines ? read_json_lines(text, now) : read_json_document(text, now);
    };
    co_return co_await store_.beside_the_loop(std::move(job));
}

std::int64_t log_intake::now_ns() const {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(service_.time().wall().time_since_epoch())
        .count();
}

}  // namespace distd::logs
