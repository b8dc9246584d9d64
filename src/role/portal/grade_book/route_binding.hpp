// Member functions as handlers of the grade book's pages.
#pragma once

#include <distd/service.hpp>
#include <utility>

#include "role/portal/grade_book/page_responder.hpp"

namespace distd::portal {

template <class Routes>
[[nodiscard]] auto bound(Routes* routes, task<http::response> (Routes::*member)(http::request)) {
    return [routes, member](http::request q) { return (routes->*member)(std::move(q)); };
}

template <class Routes>
[[nodiscard]] auto bound(Routes* routes, task<http::response> (Routes::*member)(http::request, kept_form)) {
    return [routes, member](http::request q, kept_form sent) {
        return (routes->*member)(std::move(q), std::move(sent));
    };
}

}  // namespace distd::portal
