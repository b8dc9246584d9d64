#include "role/grading/student_listing.hpp"

#include <algorithm>

#include "http/message/url.hpp"

namespace distd::grading {
namespace {

constexpr std::int64_t max_page = 1000;
constexpr std::int64_t last_page_number = 1'000'000'000;
constexpr std::size_t max_search = 200;  // bytes

}  // namespace

std::optional<http::response> read_listing(http::request q, listing_query& wanted) {
    std::int64_t limit = 50;
    if (auto wrong = read_number(q, "limit", 1, max_page, limit)) return wrong;
    if (auto wrong = read_number(q, "page", 1, last_page_number, wanted.page)) return wrong;
    if (const auto sort = q.query("sort")) {
        const auto order = parse_order(*sort);
        if (!order)
            return wrong_parameter("sort must be id, name or average, with a leading minus for descending");
        wanted.of.order = *order;
        wanted.sort = *sort;
    }
    wanted.of.text = q.query("q").value_or("");
    if (wanted.of.text.size() > max_search) return wrong_parameter("q must have at most 200 bytes");
    wanted.of.limit = static_cast<std::size_t>(limit);
    wanted.of.skip = static_cast<std::size_t>((wanted.page - 1) * limit);
    return std::nullopt;
}

std::string page_links(const listing_query& wanted, std::size_t total) {
    const auto limit = static_cast<std::int64_t>(wanted.of.limit);
    const auto last = std::max<std::int64_t>(1, (static_cast<std::int64_t>(total) + limit - 1) / limit);
    std::string base = "</students?";
    http::append_parameter(base, "q", wanted.of.text);
    http::append_parameter(base, "sort", wanted.sort);
    base += "&limit=" + std::to_string(limit) + "&page=";
    std::string links;
    const auto link = [&](const char* relation, std::int64_t page) {
        if (!links.empty()) links += ", ";
        links += base + std::to_string(page) + ">; rel=\"" + relation + '"';
    };
    link("first", 1);
    if (wanted.page > 1) link("prev", std::min(wanted.page - 1, last));
    if (wanted.page < last) link("next", wanted.page + 1);
    link("last", last);
    return links;
}

}  // namespace distd::grading
