// The portal: the grade book's pages and the gateway to registered services. Its only state is since when a
// service is unavailable.
#include <distd/service.hpp>
#include <optional>
#include <utility>

#include "base/settings/setting_group.hpp"
#include "http/message/url.hpp"
#include "http/server/exchange.hpp"
#include "role/portal/acme_certificate.hpp"
#include "role/portal/console/console_link.hpp"
#include "role/portal/gateway/gateway.hpp"
#include "role/portal/gateway/gateway_settings.hpp"
#include "role/portal/grade_book/grade_routes.hpp"
#include "role/portal/grade_book/grading_client.hpp"
#include "role/portal/grade_book/page_responder.hpp"
#include "role/portal/grade_book/pages.hpp"
#include "role/portal/grade_book/service_watch.hpp"
#include "role/portal/grade_book/student_routes.hpp"
#include "role/portal/grade_book/test_routes.hpp"
#include "role/role.hpp"
#include "role/web/page_headers.hpp"
#include "role/web/web_files.hpp"
#include "sdk/role_services.hpp"
#include "wire/service_names.hpp"

namespace distd {
namespace portal {
namespace {

class portal_role final : public role {
public:
    explicit portal_role(service& s)
        : service_(s),
          files_("portal", s.config().text("web-root")),
          pages_(files_, s.name(), static_cast<double>(s.config().integer("portal-highest-score"))),
          grading_watch_(s.time().wall()),
          log_watch_(s.time().wall()),
          grading_(s, grading_watch_),
          link_(console_url_in(s.config()), [this] { return gateway_.console_on_this_machine(); }),
          gateway_(s, [this](const http::exchange& x, int status, const std::string& sentence) {
              return show_failure(x, status, sentence);
          }) {
        mount();
        service_.background("watch services", [this] { return watch_services(); });
    }

    std::string entry_path() override { return "/"; }

private:
    void mount();
    [[nodiscard]] task<> watch_services();
    void poll_providers();

    [[nodiscard]] http::response show_failure(const http::exchange&, int status, const std::string& sentence);
    [[nodiscard]] http::response show_status();
    [[nodiscard]] http::response serve_asset(http::request q);

    service& service_;
    web::web_files files_;
    pages pages_;
    service_watch grading_watch_;
    service_watch log_watch_;
    grading_client grading_;
    console_link link_;
    page_responder responder_{service_, pages_, link_, grading_watch_};
    student_routes students_{service_, responder_, grading_};
    grade_routes grades_{service_, responder_, grading_};
    test_routes class_{service_, responder_, grading_};
    gateway gateway_;
    std::optional<acme_certificate> certificate_;  // where a CA is to issue it
};

// Where the address that is announced has https://: the port of the listener may be another one, which a
// machine in front maps to it.
std::optional<std::uint16_t> https_port_of(const std::string& announced) {
    const auto parsed = http::split_url(announced);
    if (!parsed || !parsed->is_secure) return std::nullopt;
    return parsed->port;
}

void portal_role::mount() {
    if (wants_acme(service_.config())) certificate_.emplace(service_);
    if (service_.config().text("portal-http") == "redirect")
        routes_of(service_).send_plain_to_https(
            {[this](const http::exchange& x) { return gateway_.has_come_with_tls(x); },
             [this] { return https_port_of(service_.url()); }});
    const auto strict = std::chrono::duration_cast<seconds>(service_.config().duration("portal-hsts"));
    if (strict.count() > 0)
        routes_of(service_).set_strict_transport("max-age=" + std::to_string(strict.count()));
    routes_of(service_).set_error_page(
        [this](const http::exchange& x, int status, const std::string& sentence) {
            return show_failure(x, status, sentence);
        });
    service_.get("/", [](http::request) { return http::response::redirect(301, "/students"); })
        .get("/status", [this](http::request) { return show_status(); })
        .get("/assets/{path...}", [this](http::request q) { return serve_asset(q); }, {.routine = true});
    students_.mount();
    grades_.mount();
    class_.mount();
}

// Patches trigger no callback, so a lost service is detected by polling.
task<> portal_role::watch_services() {
    for (;;) {
        poll_providers();
        co_await sleep_for(service_.time(), seconds(1));
    }
}

void portal_role::poll_providers() {
    const auto now = service_.time().wall();
    grading_watch_.on_listed(!service_.providers(wire::grading_service).empty(), now);
    log_watch_.on_listed(!service_.providers(wire::log_service).empty(), now);
}

http::response portal_role::show_failure(const http::exchange& x, int status, const std::string& sentence) {
    const auto heading = std::string(http::reason_phrase(status));
    return responder_.show(status, pages_.message(heading, sentence, link_.of(x)));
}

http::response portal_role::show_status() {
    poll_providers();
    const auto state = [this](std::string_view name, const service_watch& watch) {
        return service_state{std::string(name), service_.providers(name), watch.away_since()};
    };
    return responder_.show(200, pages_.status({state(wire::grading_service, grading_watch_),
                                               state(wire::log_service, log_watch_)},
                                              certificates_of(service_)));
}

http::response portal_role::serve_asset(http::request q) {
    auto found = web::asset(files_, q);
    if (!found) return responder_.message(404, "No such page", "There is nothing at this address.", q);
    return *std::move(found);
}

std::vector<setting> rows() {
    using enum setting_kind;
    std::vector<setting> all{
        {.name = "portal-highest-score",
         .kind = integer,
         .fallback = "100",
         .help = "The highest score that the pages take and measure by, as the grading service has it",
         .min = 1,
         .max = 1'000'000},
        {.name = "portal-http",
         .kind = choice,
         .fallback = "serve",
         .help = "What becomes of requests without TLS: they are served, or sent on to --tls-listen (308)",
         .choices = {"serve", "redirect"}},
        {.name = "portal-hsts",
         .kind = duration,
         .fallback = "0s",
         .help =
             "How long browsers that came with TLS come with nothing else (Strict-Transport-Security); 0s "
             "does not tell them",
         .max = std::int64_t{2} * 365 * 24 * 3'600'000},
    };
    for (auto& one : acme_settings()) all.push_back(std::move(one));
    all.push_back(console_url_setting());
    for (auto& one : gateway_settings()) all.push_back(std::move(one));
    return in_group("Portal", std::move(all));
}

void check_settings(const settings& given) {
    check_gateway_settings(given);
    static_cast<void>(console_url_in(given));
    check_acme_settings(given);
    const auto strict = given.duration("portal-hsts");
    if (strict > milliseconds(0) && strict < seconds(1))
        throw settings_error("--portal-hsts: browsers are told whole seconds; set 1s or more, or 0s");
}

std::string needs_tls(const settings& given) {
    if (given.text("portal-http") == "redirect") return "--portal-http=redirect";
    return given.duration("portal-hsts") > milliseconds(0) ? "--portal-hsts" : std::string();
}

std::unique_ptr<role> make_portal(service& s) { return std::make_unique<portal_role>(s); }

}  // namespace
}  // namespace portal

role_description describe_portal() {
    role_description row;
    row.name = "portal";
    row.service_name = "Portald";
    row.default_address = "127.0.0.1:5005";
    row.summary = "the grade book's pages, and the gateway";
    row.depends_on = {std::string(wire::log_service), std::string(wire::grading_service)};
    row.settings = portal::rows();
    row.make = &portal::make_portal;
    row.takes_other_sites = true;  // forms have CSRF tokens, and the gateway checks by itself
    row.check = &portal::check_settings;
    row.brings_certificate = &portal::wants_acme;
    row.needs_tls = &portal::needs_tls;
    return row;
}

}  // namespace distd
