// The frame of every page of the console: who may see it, the navigation around it, and how it is kept live.
// The pages mount themselves on it.
#pragma once

#include <distd/service.hpp>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "role/console/access/page_access.hpp"
#include "role/console/live/live_streams.hpp"
#include "role/console/model/filter.hpp"
#include "role/console/pages/live_page.hpp"
#include "role/web/templates.hpp"
#include "role/web/web_files.hpp"

namespace distd::ops::console {

class site {
public:
    explicit site(service&);

    // A page: a visit becomes a function that makes the page as it is now, for the page itself and for its
    // stream. The template is that of the page's name.
    struct visit {
        parameter_function find;  // what the address says: parameters of the path and of the query, by name
        std::string who;          // the visitor's name, as far as it was given
        std::string form;         // what forms that change something carry in the field `form`
    };
    using page_function = live_streams::page_function;
    using page_factory = std::function<page_function(const visit&)>;
    struct page_kind {
        std::string path;
        std::string name;
        std::string
            nav;  // which entry of the navigation is marked: now, logs, config, traffic, events, alerts
        page_factory make;
    };
    void add_page(page_kind);
    // What /live sends under that name to pages that are mounted in another way.
    void add_stream(std::string name, page_factory);

    // Whoever may not look is sent to the sign-in first; a change needs a form of ours as well.
    void get(std::string path, http::handler);
    void post(std::string path, http::handler);

    [[nodiscard]] http::response show(const http::request&, int status, std::string_view name,
                                      std::string_view nav, const live_page&);
    [[nodiscard]] http::response message(const http::request&, int status, std::string_view heading,
                                         std::string_view sentence);
    [[nodiscard]] page_access& access() noexcept { return access_; }
    [[nodiscard]] service& own() noexcept { return service_; }

private:
    void mount();
    [[nodiscard]] http::response render(int status, std::string_view name, std::string_view nav,
                                        const live_page&, const std::string& asked);
    [[nodiscard]] visit visit_of(const http::request&);
    [[nodiscard]] http::handler_result live(http::request);
    [[nodiscard]] http::response serve_asset(const http::request&);
    [[nodiscard]] http::response make_link(const http::request&);
    [[nodiscard]] http::response sign_in_by_link(const http::request&);
    [[nodiscard]] http::response show_sign_in(const http::request&, int status, std::string_view fault);
    [[nodiscard]] http::response sign_in(const http::request&);
    [[nodiscard]] http::response send_to_sign_in(const http::request&) const;
    [[nodiscard]] task<http::response> show_page(const page_kind*, http::request);

    service& service_;
    page_access access_;
    web::web_files files_;
    web::templates templates_;
    live_streams streams_;
    std::map<std::string, page_kind, std::less<>> pages_;  // by name
};

}  // namespace distd::ops::console
