// The portal: the grade book's pages for people, and the gateway to registered services. It keeps nothing of
// its own but since when a service is away.
#include <array>
#include <distd/service.hpp>
#include <utility>

#include "role/portal/core/grade_book.hpp"
#include "role/portal/core/service_watch.hpp"
#include "role/portal/core/site_check.hpp"
#include "role/portal/gateway/gateway.hpp"
#include "role/portal/grading_client.hpp"
#include "role/portal/pages.hpp"
#include "role/portal/web_files.hpp"
#include "role/role.hpp"

namespace distd {
namespace portal {
namespace {

constexpr std::string_view log_service = "LogService";

// For every page: nothing from elsewhere, no script or style that is not a file of ours, in nobody's frame.
// That a type is not to be guessed the server says by itself.
constexpr auto content_policy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

http::response page(int status, std::string html) {
    return http::response::html(status, std::move(html))
        .header("Content-Security-Policy", content_policy)
        .header("Referrer-Policy", "same-origin")
        .header("Cache-Control", "private, no-cache");
}

std::string list_names(const std::vector<std::string>& urls) {
    std::string text;
    for (const auto& url : urls) text += (text.empty() ? "" : ", ") + url;
    return text;
}

class portal_role final : public role {
public:
    explicit portal_role(service& s)
        : service_(s),
          files_(s.config().text("portal-web-root")),
          pages_(files_, s.name()),
          grading_watch_(s.time().wall()),
          log_watch_(s.time().wall()),
          grading_(s, grading_watch_),
          gateway_(s, [this](int status, const std::string& heading, const std::string& sentence,
                             std::string_view id) {
              return page(status, pages_.message(heading, sentence, id));
          }) {
        mount();
        service_.background("watch services", [this] { return watch_services(); });
    }

private:
    void mount();
    [[nodiscard]] task<> watch_services();
    void look_around();

    [[nodiscard]] task<http::response> list_students(http::request q);
    [[nodiscard]] task<http::response> show_student(http::request q);
    [[nodiscard]] task<http::response> add_grade(http::request q);
    [[nodiscard]] task<http::response> show_form_again(std::int64_t id, grade_form form, http::request q);
    [[nodiscard]] http::response show_status();
    [[nodiscard]] http::response serve_asset(http::request q);

    [[nodiscard]] http::response no_such_student(http::request q) const;
    [[nodiscard]] http::response apologise(trouble why, const std::string& detail, outage o, http::request q);
    [[nodiscard]] std::string sentence_of(trouble why, const std::string& detail) const;

    service& service_;
    web_files files_;
    pages pages_;
    service_watch grading_watch_;
    service_watch log_watch_;
    grading_client grading_;
    gateway gateway_;
};

void portal_role::mount() {
    service_.get("/", [](http::request) { return http::response::redirect(301, "/students"); })
        .get("/students", [this](http::request q) { return list_students(q); })
        .get("/students/{id}", [this](http::request q) { return show_student(q); })
        .get("/status", [this](http::request) { return show_status(); })
        .get("/assets/{path...}", [this](http::request q) { return serve_asset(q); });
    constexpr http::route_options small_form{.body_limit = 64 * 1024};
    service_.post(
        "/students/{id}/grades", [this](http::request q) { return add_grade(q); }, small_form);
}

// Patches arrive silently, so the moment at which a service went away is seen by looking.
task<> portal_role::watch_services() {
    for (;;) {
        look_around();
        co_await sleep_for(service_.time(), seconds(1));
    }
}

void portal_role::look_around() {
    const auto now = service_.time().wall();
    grading_watch_.saw_listed(!service_.providers(grading_service).empty(), now);
    log_watch_.saw_listed(!service_.providers(log_service).empty(), now);
}

task<http::response> portal_role::list_students(http::request q) {
    auto got = co_await grading_.students(q);
    if (got.value) co_return page(200, pages_.students(*got.value));
    outage o;
    o.consequence = "The students cannot be shown until it is back.";
    o.retry_url = "/students";
    co_return apologise(got.why, got.detail, std::move(o), q);
}

task<http::response> portal_role::show_student(http::request q) {
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return no_such_student(q);
    auto got = co_await grading_.find(*id, q);
    if (got.value) co_return page(200, pages_.student_page(*got.value));
    outage o;
    o.consequence = "The grades cannot be shown until it is back.";
    o.retry_url = "/students/" + std::to_string(*id);
    co_return apologise(got.why, got.detail, std::move(o), q);
}

task<http::response> portal_role::add_grade(http::request q) {
    if (is_from_another_site(q.header("Sec-Fetch-Site"), q.header("Origin"), q.header("Host"))) {
        service_.log().warn("form_of_another_site_refused", {{"origin", q.header("Origin")}});
        co_return page(403,
                       pages_.message("Not from this site",
                                      "This form was sent by a page of another site, so nothing was stored. "
                                      "Open the grade book here and enter the grade again.",
                                      q.id()));
    }
    const auto id = parse_student_id(q.param("id"));
    if (!id) co_return no_such_student(q);

    grade_form form;
    form.typed = {q.form("Title").value_or(""), q.form("Type").value_or(""), q.form("Score").value_or("")};
    auto verdict = judge(form.typed);
    form.errors = std::move(verdict.errors);
    if (!verdict.accepted) co_return co_await show_form_again(*id, std::move(form), q);

    auto kept = co_await grading_.add(*id, std::move(*verdict.accepted), q);
    auto home = "/students/" + std::to_string(*id);
    if (kept.value) co_return http::response::redirect(303, std::move(home));
    if (kept.why == trouble::refused) {
        form.problem =
            "The grade was not stored: " +
            (kept.detail.empty() ? std::string(grading_service) + " did not take it." : kept.detail);
        co_return co_await show_form_again(*id, std::move(form), q);
    }
    outage o;
    o.consequence =
        kept.why == trouble::unsure || kept.why == trouble::broken
            ? "It is not known whether the grade was stored: look at the student’s page before you try again."
            : "The grade was not stored. What you typed is kept here.";
    o.retry_url = std::move(home);
    o.student_id = id;
    o.form = std::move(form);
    co_return apologise(kept.why, kept.detail, std::move(o), q);
}

// The student's page once more with what was typed and what is wrong with it.
task<http::response> portal_role::show_form_again(std::int64_t id, grade_form form, http::request q) {
    auto got = co_await grading_.find(id, q);
    if (got.value) co_return page(422, pages_.student_page(*got.value, form));
    outage o;
    o.consequence = "The grade was not stored. What you typed is kept here.";
    o.retry_url = "/students/" + std::to_string(id);
    o.student_id = id;
    o.form = std::move(form);
    co_return apologise(got.why, got.detail, std::move(o), q);
}

http::response portal_role::show_status() {
    look_around();
    const auto state = [this](std::string_view name, const service_watch& watch) {
        return service_state{std::string(name), service_.providers(name), watch.away_since()};
    };
    return page(200, pages_.status({state(grading_service, grading_watch_), state(log_service, log_watch_)}));
}

http::response portal_role::serve_asset(http::request q) {
    const auto path = "assets/" + q.param("path");
    auto file = files_.find(path);
    if (!file) return page(404, pages_.message("No such page", "There is nothing at this address.", q.id()));
    const bool named_by_content = !file->tag.empty() && q.query("v") == file->tag;
    auto answer =
        http::response(200)
            .content_type(std::string(content_type_of(path)))
            .header("Cache-Control", named_by_content ? "public, max-age=31536000, immutable" : "no-cache");
    if (!file->tag.empty()) std::move(answer).etag(file->tag);
    answer.body() = std::move(file->bytes);
    return std::move(answer).compressible();
}

http::response portal_role::no_such_student(http::request q) const {
    return page(
        404, pages_.message("No such student",
                            "The grade book has no student with the number " + q.param("id") + ".", q.id()));
}

std::string portal_role::sentence_of(trouble why, const std::string& detail) const {
    const auto name = std::string(grading_service);
    switch (why) {
        case trouble::missing: return name + " is missing: no instance of it is registered.";
        case trouble::silent:
        case trouble::unsure: {
            const auto known = list_names(service_.providers(grading_service));
            return name + " does not answer" + (known.empty() ? "." : " (registered: " + known + ").");
        }
        case trouble::broken:
        case trouble::refused: return detail;
        case trouble::none:
        case trouble::not_found: return {};
    }
    return {};
}

http::response portal_role::apologise(trouble why, const std::string& detail, outage o, http::request q) {
    if (why == trouble::not_found) return no_such_student(q);
    if (why == trouble::missing) look_around();
    o.sentence = sentence_of(why, detail);
    const bool away = why == trouble::missing || why == trouble::silent || why == trouble::unsure;
    if (away) o.since = grading_watch_.away_since();
    const int status = why == trouble::unsure ? 504 : away ? 503 : 502;
    auto answer = page(status, pages_.outage_page(o, q.id()));
    if (status == 503) answer.header("Retry-After", "5");
    return answer;
}

std::unique_ptr<role> make_portal(service& s) { return std::make_unique<portal_role>(s); }

}  // namespace
}  // namespace portal

role_description describe_portal() {
    setting web_root;
    web_root.name = "portal-web-root";
    web_root.kind = setting_kind::path;
    web_root.help =
        "Serve the pages' templates and assets from this copy of web/ instead of the built-in ones";
    web_root.group = "Portal";
    web_root.placeholder = "DIR";

    role_description row;
    row.name = "portal";
    row.service_name = "Portald";
    row.default_address = "127.0.0.1:5005";
    row.summary = "the grade book's pages for people";
    row.depends_on = {std::string(portal::log_service), std::string(portal::grading_service)};
    row.settings = portal::gateway_settings();
    row.settings.insert(row.settings.begin(), std::move(web_root));
    row.make = &portal::make_portal;
    return row;
}

}  // namespace distd
