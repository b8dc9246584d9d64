// What changes on a page while somebody looks at it, as server-sent events: once a second at most, and only
// the parts whose values differ from those that this stream, or the page before it, has sent. Bounds:
// `max_streams`, of which one source has its share, and beyond which a page's script asks for the page again
// instead; and `max_pages` that wait for their stream.
#pragma once

#include <deque>
#include <distd/service.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "http/server/source_shares.hpp"
#include "role/console/pages/live_page.hpp"
#include "role/web/templates.hpp"

namespace distd::ops::console {

class live_streams {
public:
    static constexpr std::size_t max_streams = 64;
    static constexpr std::size_t max_pages = 32;
    static constexpr milliseconds interval{1000};  // from one page to the next
    static constexpr milliseconds min_pause{250};

    using page_function = std::function<task<live_page>()>;

    live_streams(service&, const web::templates&);

    // Remembers what a page shows, so that its stream begins with what has changed since. Returns the word by
    // which the stream is asked for it.
    [[nodiscard]] std::string remember(const live_page&);
    // `address`: of the client.
    [[nodiscard]] http::response open(page_function, std::string_view remembered, std::string_view address);

private:
    // Of the values of each part, by its id; the title and the order of rows are parts, too.
    using shown_parts = std::map<std::string, std::size_t, std::less<>>;

    using stream = std::shared_ptr<http::source_shares::hold>;  // counts it as long as anybody has it

    [[nodiscard]] task<> send(http::body_writer, page_function, shown_parts, stream);
    // JSON of what differs; empty: nothing does.
    [[nodiscard]] std::string changes(const live_page&, shown_parts&) const;

    service& service_;
    const web::templates& templates_;
    std::deque<std::pair<std::string, shown_parts>> pages_;
    http::source_shares streams_;
};

}  // namespace distd::ops::console
