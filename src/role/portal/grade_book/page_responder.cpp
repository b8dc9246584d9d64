#include "role/portal/grade_book/page_responder.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "http/message/request_origin.hpp"
#include "http/message/url.hpp"
#include "role/portal/grade_book/multipart.hpp"
#include "role/web/page_headers.hpp"
#include "wire/service_names.hpp"

namespace distd::portal {
namespace {

// Unpredictable.
std::string secret_text() {
    std::array<unsigned char, csrf_digits / 2> bytes{};
    if (getentropy(bytes.data(), bytes.size()) != 0)
        throw std::system_error(errno, std::generic_category(), "no random numbers from the system");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::string list_names(const std::vector<std::string>& urls) {
    std::string text;
    for (const auto& url : urls) text += (text.empty() ? "" : ", ") + url;
    return text;
}

}  // namespace

page_responder::page_responder(service& s, const pages& p, const console_link& link, service_watch& grading)
    : service_(s), pages_(p), link_(link), watch_(grading) {}

csrf_token page_responder::csrf(const http::request& q) const {
    auto known = token_of(q.header("Cookie"));
    const bool is_new = !known;
    // A form that is shown again keeps its key.
    auto key = q.method() == http::verb::post ? field(read_form(q), "Key") : std::string();
    if (!is_csrf_text(key)) key = secret_text();
    return {is_new ? secret_text() : *std::move(known), std::move(key), is_new};
}

http::response page_responder::show(int status, std::string html) const {
    return web::page(status, std::move(html));
}

http::response page_responder::show(int status, std::string html, const csrf_token& csrf) const {
    auto r = show(status, std::move(html));
    // Lax: a visitor who follows a link from elsewhere keeps the token of pages already open.
    if (csrf.is_new)
        r.header("Set-Cookie",
                 std::string(csrf_cookie) + '=' + csrf.token + "; Path=/; HttpOnly; SameSite=Lax");
    return r;
}

http::response page_responder::ask(int status, const question& what, const http::request& q) const {
    const auto own = csrf(q);
    return show(status, pages_.ask(what, own), own);
}

http::handler page_responder::on_form(form_handler handle, form_kind kind) const {
    return [this, handle = std::move(handle), kind](http::request q) -> http::handler_result {
        kept_form sent{std::string(q.path()), read_form(q), kind == form_kind::table};
        if (auto no = refuse(q, sent, kind)) return *std::move(no);
        return handle(std::move(q), std::move(sent));
    };
}

std::optional<http::response> page_responder::refuse(const http::request& q, const kept_form& form,
                                                     form_kind kind) const {
    if (http::is_from_other_site(q)) {
        service_.log().warn("form_of_another_site_refused", {{"origin", q.header("Origin")}});
        return message(403, "Not from this site",
                       "This form was sent by a page of another site, so nothing was stored. "
                       "Open the grade book here and enter it again.",
                       q);
    }
    const auto named = [](const auto& f) { return f.first == "Token"; };
    const auto token = std::find_if(form.fields.begin(), form.fields.end(), named);
    const auto state = check_csrf(q.header("Cookie"),
                                  token == form.fields.end() ? std::nullopt : std::optional(token->second));
    if (state == csrf_check::ok) return std::nullopt;
    if (state == csrf_check::none && kind == form_kind::for_programs) return std::nullopt;
    service_.log().warn("form_without_token_refused", {{"path", q.path()}});
    const auto fresh = csrf(q);
    return show(403, pages_.send_again(form, fresh, link_.of(q)), fresh);
}

http::response page_responder::message(int status, std::string heading, std::string sentence,
                                       const http::request& q) const {
    return show(status, pages_.message(std::move(heading), std::move(sentence), link_.of(q)));
}

http::response page_responder::no_such_student(const http::request& q) const {
    return message(404, "No such student",
                   "The grade book has no student with the number " + q.param("id") + ".", q);
}

http::response page_responder::not_offered(const http::request& q) const {
    return message(404, "Not offered",
                   "The grading service behind this portal does not support this. "
                   "Grades can still be shown and added.",
                   q);
}

http::response page_responder::read_failed(trouble why, const std::string& detail, std::string retry_url,
                                           const http::request& q) const {
    outage o;
    o.consequence = "This page cannot be shown until it is back.";
    o.retry_url = std::move(retry_url);
    return apologise(why, detail, std::move(o), q);
}

http::response page_responder::change_failed(trouble why, const std::string& detail, kept_form form,
                                             const http::request& q) const {
    outage o;
    const bool is_unsure = why == trouble::unsure || why == trouble::broken;
    o.consequence = is_unsure ? "It is not known whether this was done: look at the grade book before you "
                                "try again. What you sent is kept here."
                              : "Nothing was changed. What you sent is kept here.";
    o.kept = std::move(form);
    return apologise(why, detail, std::move(o), q);
}

std::string page_responder::sentence_of(trouble why, const std::string& detail) const {
    const auto name = std::string(wire::grading_service);
    switch (why) {
        case trouble::missing: return name + " is missing: no instance of it is registered.";
        case trouble::silent:
        case trouble::unsure: {
            const auto known = list_names(service_.providers(wire::grading_service));
            return name + " does not answer" + (known.empty() ? "." : " (registered: " + known + ").");
        }
        case trouble::refused:
        case trouble::conflict: return detail.empty() ? name + " did not accept this." : detail;
        case trouble::broken: return detail;
        case trouble::none:
        case trouble::not_offered:
        case trouble::not_found: return {};
    }
    return {};
}

http::response page_responder::apologise(trouble why, const std::string& detail, outage o,
                                         const http::request& q) const {
    if (why == trouble::not_found) return no_such_student(q);
    if (why == trouble::not_offered) return not_offered(q);
    if (why == trouble::missing) watch_.on_listed(false, service_.time().wall());
    o.sentence = sentence_of(why, detail);
    const bool away = why == trouble::missing || why == trouble::silent || why == trouble::unsure;
    if (away) o.since = watch_.away_since();
    const bool is_judged = why == trouble::refused || why == trouble::conflict;
    if (is_judged) o.heading = "This was not accepted";
    const int status = why == trouble::unsure ? 504 : away ? 503 : is_judged ? 422 : 502;
    const auto fresh = csrf(q);
    auto answer = show(status, pages_.outage_page(o, link_.of(q), fresh), fresh);
    if (status == 503) answer.header("Retry-After", "5");
    return answer;
}

form_fields read_form(const http::request& q) {
    if (auto parts = split_multipart(q.header("Content-Type"), q.body())) return *std::move(parts);
    form_fields fields;
    for (auto rest = q.body(); const auto sent = http::take_field(rest);) {
        auto name = http::form_decode(sent->name);
        auto value = http::form_decode(sent->value);
        if (name && value) fields.emplace_back(*std::move(name), *std::move(value));
    }
    return fields;
}

std::string field(const form_fields& fields, std::string_view name) {
    const auto named = [name](const auto& f) { return f.first == name; };
    const auto it = std::find_if(fields.begin(), fields.end(), named);
    return it == fields.end() ? std::string() : it->second;
}

}  // namespace distd::portal
