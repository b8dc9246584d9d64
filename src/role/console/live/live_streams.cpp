#include "role/console/live/live_streams.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <distd/json.hpp>
#include <set>
#include <utility>

#include "base/random.hpp"
#include "base/timestamp.hpp"
#include "http/server/over_limit.hpp"
#include "role/web/template_values.hpp"
#include "sdk/role_services.hpp"

namespace distd::ops::console {
namespace {

constexpr std::string_view title_part = "(title)";
constexpr std::string_view order_part = "(order)";

std::size_t hash_of(const json::object& values) { return std::hash<json::object>()(values); }

std::size_t hash_of(const std::string& text) { return std::hash<std::string>()(text); }

std::string tab_of(const live_page& page) { return page.title + '\n' + std::string(page.tone); }

std::string joined(const std::vector<std::string>& ids) {
    std::string out;
    for (const auto& id : ids) out.append(id).append(" ");
    return out;
}

// Lines of the log come and go: what a page no longer shows is not kept for as long as its stream lasts.
template <class Shown>
void forget_others(const live_page& page, Shown& shown) {
    std::set<std::string_view> ids{title_part, order_part};
    for (const auto& part : page.parts) ids.insert(part.id);
    std::erase_if(shown, [&](const auto& one) { return !ids.contains(one.first); });
}

}  // namespace

live_streams::live_streams(service& s, const web::templates& t)
    : service_(s),
      templates_(t),
      streams_(http::source_shares::bounds::of(max_streams,
                                               static_cast<unsigned>(s.config().integer("source-share")),
                                               !listens_beyond_loopback(s))) {}

std::string live_streams::remember(const live_page& page) {
    shown_parts shown;
    for (const auto& part : page.parts) shown[part.id] = hash_of(page.values_of(part));
    shown.emplace(title_part, hash_of(tab_of(page)));
    shown.emplace(order_part, hash_of(joined(page.order)));
    if (pages_.size() >= max_pages) pages_.pop_front();
    pages_.emplace_back(random_hex(16), std::move(shown));
    return pages_.back().first;
}

http::response live_streams::open(page_function make, std::string_view remembered, std::string_view address) {
    auto place = std::make_shared<http::source_shares::hold>();
    if (const auto said = streams_.take(address, *place); said != http::source_shares::verdict::granted)
        return http::over_limit(said, http::limited::stream);
    shown_parts shown;
    const auto found = std::ranges::find(pages_, remembered, &std::pair<std::string, shown_parts>::first);
    if (found != pages_.end()) shown = found->second;
    return http::response::events(
        [this, make = std::move(make), shown = std::move(shown),
         place = std::move(place)](http::body_writer out) { return send(out, make, shown, place); });
}

std::string live_streams::changes(const live_page& page, shown_parts& shown) const {
    const auto differs = [&](std::string_view id, std::size_t hash) {
        const auto at = shown.find(id);
        if (at != shown.end() && at->second == hash) return false;
        shown.insert_or_assign(std::string(id), hash);
        return true;
    };
    json::object out;
    if (differs(title_part, hash_of(tab_of(page)))) {
        out["title"] = web::text(page.title);
        out["tone"] = web::text(page.tone);
    }
    if (differs(order_part, hash_of(joined(page.order)))) {
        auto& order = out["order"].emplace_array();
        for (const auto& id : page.order) order.push_back(web::text(id));
    }
    json::array parts;
    for (const auto& part : page.parts) {
        const auto& values = page.values_of(part);
        if (!differs(part.id, hash_of(values))) continue;
        parts.push_back(
            json::array{web::text(part.id), web::text(templates_.render_part(part.template_name, values))});
    }
    if (!parts.empty()) out["parts"] = std::move(parts);
    if (shown.size() > 2 * (page.parts.size() + 2)) forget_others(page, shown);
    return out.empty() ? std::string() : to_text(out);
}

task<> live_streams::send(http::body_writer out, page_function make, shown_parts shown, stream /*is open*/) {
    alarm_clock bell(service_.loop(), service_.time());
    for (result<> sent; sent;) {
        const auto begun = service_.time().now();
        const auto page = co_await make();
        auto text = changes(page, shown);
        if (!text.empty()) sent = co_await out.event(std::move(text), {}, "page");
        if (!sent) break;
        auto now = rfc3339(service_.time().wall());
        sent = co_await out.event(std::move(now), {}, "tick");
        if (sent) co_await bell.wait_until(std::max(begun + interval, service_.time().now() + min_pause));
    }
}

}  // namespace distd::ops::console
