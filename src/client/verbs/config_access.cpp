#include "client/verbs/config_access.hpp"

#include <distd/json.hpp>
#include <utility>

#include "client/system/verb_failure.hpp"
#include "ops/answers/call_words.hpp"
#include "wire/header_names.hpp"

namespace distd::ops::client {
namespace {

struct put_answer {
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(put_answer, (), (version))

// Nothing for 404; the reply for 200.
task<std::optional<http::reply>> read_if_there(context& c, std::string path) {
    auto question = make_question(std::move(path));
    auto r = co_await c.roles.ask_registry(std::move(question));
    if (r.status == 404) co_return std::nullopt;
    if (r.status != 200)
        throw verb_failure(r.status == 400 ? exit_code::wrong_use : exit_code::cannot_reach,
                           "the registry: " + without_end(refusal_of(r)));
    co_return r;
}

task<std::optional<config_value>> read_value_at(context& c, std::string path) {
    const auto r = co_await read_if_there(c, std::move(path));
    if (!r) co_return std::nullopt;
    co_return value_in(*r);
}

}  // namespace

http::call config_change(const context& c, std::string method, std::string path) {
    auto call = c.change(std::move(method), std::move(path));
    if (const auto& reason = c.given.text("reason"); !reason.empty())
        call.headers.set(wire::reason_header, reason);
    return call;
}

task<std::optional<config_value>> read_value_of(context& c, std::string key) {
    return read_value_at(c, config_path(key));
}

task<std::optional<config_value>> read_version_of(context& c, std::string key, std::int64_t version) {
    return read_value_at(c, config_version_path(key, version));
}

task<std::vector<config_version>> read_history_of(context& c, std::string key) {
    auto path = config_history_path(key);
    const auto r = co_await read_if_there(c, std::move(path));
    if (!r) throw verb_failure(exit_code::answer_is_no, "there is no key " + key);
    co_return read_config_history(r->body);
}

task<http::reply> put_value(context& c, std::string key, std::string bytes, std::string media_type,
                            std::optional<std::string> etag) {
    auto call = config_change(c, "PUT", config_path(key)).with_body(std::move(bytes), std::move(media_type));
    if (etag) make_conditional(call, *etag);
    co_return co_await c.roles.ask_registry(std::move(call));
}

void expect_changed(const http::reply& r) {
    if (r.status >= 200 && r.status <= 299) return;
    const auto code = r.status == 400 ? exit_code::wrong_use : exit_code::answer_is_no;
    throw verb_failure(code, "the registry: " + without_end(refusal_of(r)));
}

std::int64_t version_in(const http::reply& r) {
    json_error ignored;
    const auto answer = from_json<put_answer>(r.body, ignored);
    return answer ? answer->version : 0;
}

std::string media_type_of(std::string_view bytes) {
    const auto first = bytes.find_first_not_of(" \t\r\n");
    json_error ignored;
    const bool may_be_json = first != bytes.npos && (bytes[first] == '{' || bytes[first] == '[');
    return may_be_json && parse_json(bytes, ignored) ? "application/json" : "text/plain";
}

}  // namespace distd::ops::client
