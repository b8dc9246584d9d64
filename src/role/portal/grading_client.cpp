#include "role/portal/grading_client.hpp"

#include <utility>

namespace distd::portal {
namespace {

constexpr milliseconds patience{4000};         // less than a visitor's: they are told, not left waiting
constexpr std::size_t shown_characters = 300;  // of a foreign service's error text

http::call make_call(std::string method, const std::string& path, const http::request& cause) {
    http::call call(std::move(method), path);
    call.deadline = patience;
    std::move(call).caused_by(cause);
    return call;
}

std::string path_of(std::int64_t id) { return "/students/" + std::to_string(id); }

trouble trouble_of(const boost::system::error_code& failure) {
    if (failure == make_error_code(errc::no_provider)) return trouble::missing;
    // These can only come before a byte of the request was sent.
    for (const auto certain : {errc::unreachable, errc::overloaded, errc::bad_address, errc::stopped}) {
        if (failure == make_error_code(certain)) return trouble::silent;
    }
    return trouble::unsure;
}

// The sentence of an error answer: a problem document's detail, or a short plain text.
std::string sentence_of(const http::reply& reply) {
    json_error ignored;
    const auto document = parse_json(reply.body, ignored);
    if (document && document->is_object()) {
        const auto* detail = find_field(document->get_object(), "detail");
        if (detail && detail->is_string()) return std::string(detail->get_string());
        return {};
    }
    const bool is_markup = reply.body.find('<') != std::string::npos;
    return is_markup || reply.body.size() > shown_characters ? std::string() : reply.body;
}

}  // namespace

grading_client::grading_client(service& s, service_watch& watch) : service_(s), watch_(watch) {}

answer<stored> grading_client::judge_reply(const result<http::reply>& reply, const std::string& path) {
    const auto name = std::string(grading_service);
    if (!reply) {
        const auto why = trouble_of(reply.error());
        if (why != trouble::missing) watch_.saw_answer(false, service_.time().wall());
        service_.log().warn("grading_call_failed", {{"path", path}, {"reason", reply.error().message()}});
        return {std::nullopt, why, {}};
    }
    const auto status = reply->status;
    watch_.saw_answer(true, service_.time().wall());
    if (status >= 200 && status < 300) return {stored{}, trouble::none, {}};
    if (status == 404) return {std::nullopt, trouble::not_found, {}};
    if (status >= 400 && status < 500) return {std::nullopt, trouble::refused, sentence_of(*reply)};
    service_.log().warn("grading_call_failed", {{"path", path}, {"status", status}});
    return {std::nullopt, trouble::broken,
            name + " answered with the status " + std::to_string(status) + "."};
}

template <class T>
task<answer<T>> grading_client::get(std::string path, http::request cause) {
    auto call = make_call("GET", path, cause);
    auto reply = co_await service_.send_to(std::string(grading_service), std::move(call));
    auto verdict = judge_reply(reply, path);
    // Reading changes nothing, so there is no doubt about it; and there is no reason for refusing it.
    if (verdict.why == trouble::unsure) verdict.why = trouble::silent;
    if (verdict.why == trouble::refused) verdict.why = trouble::broken;
    if (verdict.why != trouble::none)
        co_return answer<T>{std::nullopt, verdict.why, std::move(verdict.detail)};

    json_error error;
    auto value = from_json<T>(std::string_view(reply->body), error);
    if (value) co_return answer<T>{std::move(value), trouble::none, {}};
    service_.log().warn("grading_answer_unreadable", {{"path", path}, {"reason", error.text}});
    co_return answer<T>{
        std::nullopt, trouble::broken,
        std::string(grading_service) + " answered something that cannot be read: " + error.text};
}

task<answer<std::vector<student>>> grading_client::students(http::request cause) {
    return get<std::vector<student>>("/students", cause);
}

task<answer<student>> grading_client::find(std::int64_t id, http::request cause) {
    return get<student>(path_of(id), cause);
}

task<answer<stored>> grading_client::add(std::int64_t id, grade g, http::request cause) {
    const auto path = path_of(id) + "/grades";
    auto call = make_call("POST", path, cause);
    std::move(call).with_body(to_wire(g), "application/json");
    const auto reply = co_await service_.send_to(std::string(grading_service), std::move(call));
    co_return judge_reply(reply, path);
}

}  // namespace distd::portal
