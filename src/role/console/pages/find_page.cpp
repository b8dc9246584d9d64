#include "role/console/pages/find_page.hpp"

#include <algorithm>
#include <utility>

#include "base/ascii.hpp"
#include "http/message/url.hpp"
#include "role/console/pages/common_values.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t max_shown = 30;  // of each kind

// Of W3C traces and of our requests.
bool is_id(std::string_view text) {
    return (text.size() == 32 || text.size() == 16) &&
           std::ranges::all_of(text, [](char c) { return ascii::hex_value(c) >= 0; });
}

bool is_like(std::string_view text, std::string_view part) {
    return ascii::lowered(std::string(text)).find(ascii::lowered(std::string(part))) != std::string::npos;
}

std::string url_of_search(std::string_view asked) { return "/logs?q=" + http::percent_encode(asked); }

const std::vector<instance>& instances_of(const page_snapshot& p) {
    static const std::vector<instance> none;
    return p.registry.good && p.registry.good->instances ? *p.registry.good->instances : none;
}

json::object entry(std::string_view what, std::string_view name, std::string href) {
    return {{"what", text(what)}, {"name", text(one_line(name, 200))}, {"href", text(href)}};
}

}  // namespace

std::optional<std::string> place_of(std::string_view asked, const page_snapshot& p,
                                    const std::vector<std::string>& keys) {
    for (const auto& i : instances_of(p)) {
        if (i.name == asked) return url_of_service(i.name);
        if (i.url == asked || without_scheme(i.url) == asked)
            return url_of_service(i.name) + "#" + id_of('i', i.url);
    }
    if (std::ranges::any_of(instances_of(p), [&](const auto& i) { return i.machine == asked; }))
        return "/?machine=" + http::percent_encode(asked);
    if (std::ranges::find(keys, asked) != keys.end()) return url_of_key(asked);
    if (is_id(asked)) return "/requests/" + std::string(asked);
    return std::nullopt;
}

live_page make_find_page(std::string_view asked, const page_snapshot& p,
                         const std::vector<std::string>& keys) {
    json::array found;
    std::string last_name;
    for (const auto& i : instances_of(p)) {
        if (found.size() == max_shown) break;
        if (is_like(i.name, asked) && i.name != last_name) {
            last_name = i.name;
            const auto known = entry("service", i.name, url_of_service(i.name));
            if (std::ranges::find(found, json::value(known)) == found.end()) found.push_back(known);
        }
        if (is_like(i.url, asked))
            found.push_back(entry("instance", i.url, url_of_service(i.name) + "#" + id_of('i', i.url)));
    }
    std::size_t shown_keys = 0;
    for (const auto& key : keys) {
        if (shown_keys == max_shown) break;
        if (!is_like(key, asked)) continue;
        found.push_back(entry("key", key, url_of_key(key)));
        ++shown_keys;
    }
    live_page page;
    page.title = std::string(asked == "?" ? "Keys" : "Find") + " · distd";
    page.values["asks_for_keys"] = asked == "?";
    page.values["any"] = !found.empty();
    page.values["found"] = std::move(found);
    page.values["words"] = text(one_line(asked, 200));
    page.values["log_href"] = text(url_of_search(asked));
    return page;
}

}  // namespace distd::ops::console
