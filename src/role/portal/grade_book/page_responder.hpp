// The common part of all page routes: sending a page, checking forms, and error pages. Lives as long as the
// role.
#pragma once

#include <cstdint>
#include <distd/service.hpp>
#include <functional>
#include <optional>
#include <string>

#include "role/portal/console/console_link.hpp"
#include "role/portal/csrf/csrf_token.hpp"
#include "role/portal/grade_book/grading_client.hpp"
#include "role/portal/grade_book/pages.hpp"
#include "role/portal/grade_book/service_watch.hpp"

namespace distd::portal {

class page_responder {
public:
    page_responder(service&, const pages&, const console_link&, service_watch& grading);

    [[nodiscard]] const pages& page() const noexcept { return pages_; }

    // The visitor's token and the key of the submitted form; each is created if missing.
    [[nodiscard]] csrf_token csrf(const http::request& q) const;
    [[nodiscard]] http::response show(int status, std::string html) const;
    // A page with a form: sets the cookie that belongs to it.
    [[nodiscard]] http::response show(int status, std::string html, const csrf_token&) const;
    [[nodiscard]] http::response ask(int status, const question&, const http::request& q) const;

    // The handler for a form: one that does not come from our pages is answered 403, others go to `handle`.
    // for_programs: a form without a token is accepted, too, unless the browser says that another site made
    // it send the form. table: it is sent as multipart.
    enum class form_kind : std::uint8_t { plain, for_programs, table };
    using form_handler = std::function<task<http::response>(http::request, kept_form)>;
    [[nodiscard]] http::handler on_form(form_handler handle, form_kind = form_kind::plain) const;

    [[nodiscard]] http::response message(int status, std::string heading, std::string sentence,
                                         const http::request& q) const;
    [[nodiscard]] http::response no_such_student(const http::request& q) const;
    [[nodiscard]] http::response not_offered(const http::request& q) const;
    // For a read that failed.
    [[nodiscard]] http::response read_failed(trouble, const std::string& detail, std::string retry_url,
                                             const http::request& q) const;
    // For a change that failed although the form was valid: shows the form again.
    [[nodiscard]] http::response change_failed(trouble, const std::string& detail, kept_form,
                                               const http::request& q) const;
    [[nodiscard]] http::response apologise(trouble, const std::string& detail, outage,
                                           const http::request& q) const;

private:
    // nullopt: it comes from one of our pages, or need not.
    [[nodiscard]] std::optional<http::response> refuse(const http::request& q, const kept_form&,
                                                       form_kind) const;
    [[nodiscard]] std::string sentence_of(trouble, const std::string& detail) const;

    service& service_;
    const pages& pages_;
    const console_link& link_;
    service_watch& watch_;
};

// The fields of a submitted form: urlencoded, or multipart if it has a file.
[[nodiscard]] form_fields read_form(const http::request& q);
[[nodiscard]] std::string field(const form_fields&, std::string_view name);  // "" if missing

}  // namespace distd::portal
