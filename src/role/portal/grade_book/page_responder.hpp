// What all pages answer alike: how a page goes out, which forms are taken, and what a visitor is told when
// something cannot be done. Lives as long as the role.
#pragma once

#include <distd/service.hpp>
#include <optional>
#include <string>

#include "role/portal/csrf/csrf_token.hpp"
#include "role/portal/grade_book/grading_client.hpp"
#include "role/portal/grade_book/pages.hpp"
#include "role/portal/grade_book/service_watch.hpp"

namespace distd::portal {

class page_responder {
public:
    page_responder(service&, const pages&, service_watch& grading);

    [[nodiscard]] const pages& page() const noexcept { return pages_; }

    // The visitor's token, or a new one, and the key of the form that was sent, or a new one.
    [[nodiscard]] csrf_token csrf(const http::request& q) const;
    // With what a browser may do with it, page or not.
    [[nodiscard]] static http::response guarded(http::response);
    [[nodiscard]] http::response show(int status, std::string html) const;
    // A page with a form: the cookie that belongs to it goes along.
    [[nodiscard]] http::response show(int status, std::string html, const csrf_token&) const;
    [[nodiscard]] http::response ask(int status, const question&, const http::request& q) const;

    // Nothing when the form is one of our own pages'. `for_programs`: one without a token is taken unless a
    // browser says that another site made it send the form.
    [[nodiscard]] std::optional<http::response> refuse(const http::request& q, const kept_form&,
                                                       bool for_programs = false) const;

    [[nodiscard]] http::response message(int status, std::string heading, std::string sentence,
                                         const http::request& q) const;
    [[nodiscard]] http::response no_such_student(const http::request& q) const;
    [[nodiscard]] http::response not_offered(const http::request& q) const;
    // Reading failed.
    [[nodiscard]] http::response cannot_show(trouble, const std::string& detail, std::string retry_url,
                                             const http::request& q) const;
    // A change failed, and not by a fault in the form: it is offered again.
    [[nodiscard]] http::response cannot_change(trouble, const std::string& detail, kept_form,
                                               const http::request& q) const;
    [[nodiscard]] http::response apologise(trouble, const std::string& detail, outage,
                                           const http::request& q) const;

private:
    [[nodiscard]] std::string sentence_of(trouble, const std::string& detail) const;

    service& service_;
    const pages& pages_;
    service_watch& watch_;
};

// The fields of a form as it was sent: urlencoded, or multipart when it holds a file.
[[nodiscard]] form_fields read_form(const http::request& q);
[[nodiscard]] std::string field(const form_fields&, std::string_view name);  // "" when it is not there

}  // namespace distd::portal
