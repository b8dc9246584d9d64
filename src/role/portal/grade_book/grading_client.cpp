#include "role/portal/grade_book/grading_client.hpp"

#include <algorithm>
#include <utility>

#include "base/parse_number.hpp"
#include "http/message/url.hpp"
#include "wire/service_names.hpp"

namespace distd::portal {
namespace {

constexpr milliseconds patience{
    4000};  // shorter than a visitor's patience: an error page is better than waiting
constexpr std::size_t shown_characters = 300;  // of a foreign service's error text

constexpr std::size_t max_answer_bytes = 32 << 20;
constexpr int max_history_pages = 10;  // of a thousand changes each: more than a student ever has

std::string path_of(std::int64_t id) { return "/students/" + std::to_string(id); }
std::string path_of(std::int64_t id, std::int64_t grade_id) {
    return path_of(id) + "/grades/" + std::to_string(grade_id);
}

http::call json_call(std::string method, std::string path, std::string body) {
    http::call call(std::move(method), std::move(path));
    std::move(call).with_body(std::move(body), "application/json");
    return call;
}

std::optional<std::size_t> read_total(const http::reply& reply) {
    return parse_number<std::size_t>(reply.headers.find("X-Total-Count"));
}

trouble trouble_of(const boost::system::error_code& failure) {
    if (failure == make_error_code(errc::no_provider)) return trouble::missing;
    // These can only come before a byte of the request was sent.
    for (const auto certain :
         {errc::unreachable, errc::untrusted, errc::overloaded, errc::bad_address, errc::stopped}) {
        if (failure == make_error_code(certain)) return trouble::silent;
    }
    return trouble::unsure;
}

// What an error answer says: a problem document's members, as far as they are ours, or a short plain text.
refusal refusal_in(const http::reply& reply) {
    json_error ignored;
    const auto document = parse_json(reply.body, ignored);
    if (document) {
        if (auto said = from_json<refusal>(*document, ignored)) return *std::move(said);
        const auto* detail = document->is_object() ? find_field(document->get_object(), "detail") : nullptr;
        if (detail && detail->is_string()) return {std::string(detail->get_string()), {}, {}, {}};
        return {};
    }
    const bool is_markup = reply.body.find('<') != std::string::npos;
    return {is_markup || reply.body.size() > shown_characters ? std::string() : reply.body, {}, {}, {}};
}

}  // namespace

grading_client::grading_client(service& s, service_watch& watch) : service_(s), watch_(watch) {}

task<result<http::reply>> grading_client::send(http::call call, const http::request& cause) {
    call.deadline = patience;
    call.answer_limit = max_answer_bytes;
    std::move(call).caused_by(cause);
    return service_.send_to(std::string(wire::grading_service), std::move(call));
}

answer<stored> grading_client::classify_reply(const result<http::reply>& reply, const std::string& path) {
    if (!reply) {
        const auto why = trouble_of(reply.error());
        if (why != trouble::missing) watch_.on_answer(false, service_.time().wall());
        service_.log().warn("grading_call_failed", {{"path", path}, {"reason", reply.error().message()}});
        return {std::nullopt, why, {}};
    }
    const auto status = reply->status;
    watch_.on_answer(true, service_.time().wall());
    if (status >= 200 && status < 300) return {stored{}, trouble::none, {}};
    switch (status) {
        case 404: return {std::nullopt, trouble::not_found, {}};
        case 405:
        case 501: return {std::nullopt, trouble::not_offered, {}};
        case 409:
        case 412: return {std::nullopt, trouble::conflict, refusal_in(*reply)};
        default: break;
    }
    if (status >= 400 && status < 500) return {std::nullopt, trouble::refused, refusal_in(*reply)};
    service_.log().warn("grading_call_failed", {{"path", path}, {"status", status}});
    refusal said;
    said.detail =
        std::string(wire::grading_service) + " answered with the status " + std::to_string(status) + ".";
    return {std::nullopt, trouble::broken, std::move(said)};
}

template <class T>
answer<T> grading_client::read(const http::reply& reply, const std::string& path) {
    json_error error;
    auto value = from_json<T>(std::string_view(reply.body), error);
    if (value) return {std::move(value), trouble::none, {}};
    service_.log().warn("grading_answer_unreadable", {{"path", path}, {"reason", error.text}});
    refusal said;
    said.detail = std::string(wire::grading_service) + " sent an answer that cannot be parsed: " + error.text;
    return {std::nullopt, trouble::broken, std::move(said)};
}

namespace {

// The same trouble about something else. Reading changes nothing, so there is no doubt about it; and there is
// no reason for refusing it.
template <class T>
answer<T> failed_read(answer<stored> verdict) {
    if (verdict.why == trouble::unsure) verdict.why = trouble::silent;
    if (verdict.why == trouble::refused || verdict.why == trouble::conflict) verdict.why = trouble::broken;
    if (verdict.why == trouble::broken && verdict.said.detail.empty())
        verdict.said.detail = std::string(wire::grading_service) + " refused to show this.";
    return {std::nullopt, verdict.why, std::move(verdict.said)};
}

}  // namespace

template <class T>
task<answer<T>> grading_client::get(std::string path, http::request cause) {
    http::call call("GET", path);
    auto reply = co_await send(std::move(call), cause);
    auto verdict = classify_reply(reply, path);
    if (verdict.why != trouble::none) co_return failed_read<T>(std::move(verdict));
    co_return read<T>(*reply, path);
}

template <class T>
task<answer<T>> grading_client::get_offered(std::string path, http::request cause) {
    auto got = co_await get<T>(std::move(path), cause);
    if (got.why == trouble::not_found) got.why = trouble::not_offered;
    co_return got;
}

task<answer<student_list>> grading_client::list(student_list_query wanted, http::request cause,
                                                std::string known) {
    auto path = "/students?sort=" + http::percent_encode(wanted.sort) +
                "&page=" + std::to_string(wanted.page) + "&limit=" + std::to_string(wanted.limit);
    http::append_parameter(path, "q", wanted.search);
    http::call call("GET", path);
    auto reply = co_await send(std::move(call), cause);
    auto verdict = classify_reply(reply, path);
    // Another make may take such a query for a path that it does not know.
    const bool is_strange = verdict.why == trouble::not_found || verdict.why == trouble::not_offered ||
                            verdict.why == trouble::refused;
    if (is_strange) {
        path = "/students";
        http::call plain("GET", path);
        reply = co_await send(std::move(plain), cause);
        verdict = classify_reply(reply, path);
    }
    if (verdict.why != trouble::none) co_return failed_read<student_list>(std::move(verdict));
    student_list found;
    found.as_sent.append(reply->headers.find("X-Total-Count")).append("\n").append(reply->body);
    found.is_known = found.as_sent == known;
    if (!found.is_known) {
        // Some makes write null for a list that nobody is on.
        auto students = read<std::optional<std::vector<student>>>(*reply, path);
        if (!students.value)
            co_return answer<student_list>{std::nullopt, students.why, std::move(students.said)};
        found.students = (*std::move(students.value)).value_or(std::vector<student>{});
        found.total = read_total(*reply);
    }
    co_return answer<student_list>{std::move(found), trouble::none, {}};
}

task<answer<student>> grading_client::find(std::int64_t id, http::request cause) {
    return get<student>(path_of(id), cause);
}

task<answer<std::vector<history_entry>>> grading_client::history(std::int64_t id, http::request cause) {
    answer<std::vector<history_entry>> all;
    all.value.emplace();
    std::int64_t after = 0;
    for (int page = 0; page < max_history_pages; ++page) {
        auto path = path_of(id) + "/history?limit=1000&after=" + std::to_string(after);
        auto got = co_await get_offered<std::vector<history_entry>>(std::move(path), cause);
        if (!got.value) co_return got;
        if (got.value->empty()) break;
        after = got.value->back().id;
        const bool is_last = got.value->size() < 1000;
        std::move(got.value->begin(), got.value->end(), std::back_inserter(*all.value));
        if (is_last) break;
    }
    co_return all;
}

task<answer<std::vector<test_figures>>> grading_client::tests(http::request cause) {
    return get_offered<std::vector<test_figures>>("/tests", cause);
}

task<answer<std::string>> grading_client::table(http::request cause) {
    const std::string path = "/export.csv";
    http::call call("GET", path);
    auto reply = co_await send(std::move(call), cause);
    auto verdict = classify_reply(reply, path);
    if (verdict.why == trouble::not_found) verdict.why = trouble::not_offered;
    if (verdict.why != trouble::none) co_return failed_read<std::string>(std::move(verdict));
    co_return answer<std::string>{std::move(reply->body), trouble::none, {}};
}

task<answer<stored>> grading_client::change_by(http::call call, version when, http::request cause) {
    const auto path = call.url;
    if (when) call.headers.set("If-Match", '"' + std::to_string(*when) + '"');
    const auto reply = co_await send(std::move(call), cause);
    co_return classify_reply(reply, path);
}

task<answer<stored>> grading_client::add(std::int64_t id, grade g, std::string key, http::request cause) {
    auto call = json_call("POST", path_of(id) + "/grades", to_wire(g));
    if (!key.empty()) call.headers.set("Idempotency-Key", std::move(key));
    return change_by(std::move(call), {}, cause);
}

task<answer<student>> grading_client::enrol(std::string first, std::string last, std::string key,
                                            http::request cause) {
    auto call = json_call("POST", "/students", to_wire(first, last));
    if (!key.empty()) call.headers.set("Idempotency-Key", std::move(key));
    const auto reply = co_await send(std::move(call), cause);
    auto verdict = classify_reply(reply, "/students");
    if (verdict.why == trouble::not_found) verdict.why = trouble::not_offered;
    if (verdict.why != trouble::none)
        co_return answer<student>{std::nullopt, verdict.why, std::move(verdict.said)};
    co_return read<student>(*reply, "/students");
}

task<answer<stored>> grading_client::undo(std::int64_t entry, std::string key, http::request cause) {
    http::call call("POST", "/history/" + std::to_string(entry) + "/undo");
    if (!key.empty()) call.headers.set("Idempotency-Key", std::move(key));
    return change_by(std::move(call), {}, cause);
}

task<answer<stored>> grading_client::change(std::int64_t id, std::int64_t grade_id, grade g, version when,
                                            http::request cause) {
    return change_by(json_call("PUT", path_of(id, grade_id), to_wire(g)), when, cause);
}

task<answer<stored>> grading_client::remove(std::int64_t id, std::int64_t grade_id, version when,
                                            http::request cause) {
    return change_by(http::call("DELETE", path_of(id, grade_id)), when, cause);
}

task<answer<stored>> grading_client::rename(std::int64_t id, std::string first, std::string last,
                                            version when, http::request cause) {
    return change_by(json_call("PUT", path_of(id), to_wire(first, last)), when, cause);
}

task<answer<stored>> grading_client::remove_student(std::int64_t id, version when, http::request cause) {
    return change_by(http::call("DELETE", path_of(id)), when, cause);
}

task<answer<import_report>> grading_client::import(std::string table, std::string token, std::string key,
                                                   http::request cause) {
    auto path = token.empty() ? std::string("/import?dry_run=true")
                              : "/import?dry_run=false&token=" + http::percent_encode(token);
    http::call call("POST", path);
    std::move(call).with_body(std::move(table), "text/csv");
    if (!key.empty()) call.headers.set("Idempotency-Key", std::move(key));
    const auto reply = co_await send(std::move(call), cause);
    auto verdict = classify_reply(reply, path);
    if (verdict.why == trouble::not_found) verdict.why = trouble::not_offered;
    if (token.empty() && verdict.why == trouble::unsure) verdict.why = trouble::silent;
    if (verdict.why != trouble::none)
        co_return answer<import_report>{std::nullopt, verdict.why, std::move(verdict.said)};
    co_return read<import_report>(*reply, path);
}

}  // namespace distd::portal
