// What readers of the registry get: lists with filters, the graph, the timeline, the health over time,
// targets for Prometheus. All but the last two can be watched, with blocking reads and as streams.
#pragma once

#include <distd/http.hpp>
#include <distd/service.hpp>
#include <memory>

#include "role/large_answers.hpp"
#include "role/registry/registry.hpp"
#include "role/registry/watch/watch_query.hpp"

namespace distd::registry {

class registry_reads {
public:
    registry_reads(service& s, registry& r) : registry_(r), large_(s) {}
    registry_reads(const registry_reads&) = delete;
    registry_reads& operator=(const registry_reads&) = delete;

    // Adds the routes. This object outlives the service's run.
    void mount(service&);

private:
    struct events_query {
        watch_query watch;
        std::uint64_t after = 0;
        bool from_the_end = false;  // no place was named: the newest
        std::size_t limit = 0;
        event_filter filter;
    };

    using read_function = http::handler_result (registry_reads::*)(const http::request&);
    void mount(service&, const char* path, read_function, http::route_options = {});

    [[nodiscard]] http::handler_result list(const http::request&);
    [[nodiscard]] http::handler_result show(const http::request&);
    [[nodiscard]] http::handler_result graph(const http::request&);
    [[nodiscard]] http::handler_result events(const http::request&);
    [[nodiscard]] http::handler_result histories(const http::request&);
    [[nodiscard]] http::handler_result targets(const http::request&);

    [[nodiscard]] http::response list_of(const list_filter&);
    [[nodiscard]] http::shared_text text_of(const list_filter&);
    [[nodiscard]] http::response instances_of(const list_filter&);
    [[nodiscard]] http::shared_text instances_text(const list_filter&);
    [[nodiscard]] std::uint64_t index_of(const list_filter&) const;
    [[nodiscard]] http::response text_answer(const tagged_text&) const;

    [[nodiscard]] std::optional<http::response> read_events_query(const http::request&, events_query&);
    [[nodiscard]] bool has_news(const events_query&) const;
    [[nodiscard]] http::handler_result answer_events(const http::request&,
                                                     const std::shared_ptr<const events_query>&);
    [[nodiscard]] std::vector<const event*> find(const events_query&) const;
    [[nodiscard]] http::response events_now(const std::vector<const event*>& found) const;
    [[nodiscard]] task<> send_events(http::body_writer, std::shared_ptr<const events_query>);

    registry& registry_;
    large_answers large_;
};

}  // namespace distd::registry
