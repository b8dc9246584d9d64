// Searches and sorts students, page by page. A sort order is built on first use and maintained from then on,
// so that a page costs the same however many students there are. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::grading {

enum class sort_key : std::uint8_t { id, name, average };

// Ties are ordered by ascending ID, in either direction; students without an average come last.
struct roster_order {
    sort_key key = sort_key::id;
    bool descending = false;

    friend auto operator<=>(const roster_order&, const roster_order&) = default;
};

// "name", "-average": id, name (last name first) or average; a leading minus means descending.
[[nodiscard]] std::optional<roster_order> parse_order(std::string_view);

struct roster_query {
    std::string text;  // words that must all be in the name, ignoring case and accents; empty: all
    roster_order order{};
    std::size_t skip = 0;
    std::size_t limit = 50;
};

class roster {
public:
    struct page {
        std::vector<std::int64_t> ids;
        std::size_t total = 0;  // on all pages
    };

    // Adds or updates a student.
    void put(std::int64_t id, std::string_view first_name, std::string_view last_name,
             std::optional<double> average);
    // Updates a student whose name is unchanged.
    void put_average(std::int64_t id, std::optional<double> average);
    void remove(std::int64_t id);
    [[nodiscard]] page select(const roster_query&);

private:
    struct row {
        std::int64_t id = 0;
        std::string sorted_name;    // folded: last name, first name
        std::string searched_name;  // folded: first name, last name
        std::optional<double> average;
    };
    using sorted_rows = std::vector<const row*>;

    [[nodiscard]] static bool is_before(const roster_order&, const row&, const row&);
    [[nodiscard]] const sorted_rows& in_order(const roster_order&);
    [[nodiscard]] static sorted_rows::iterator place_of(const roster_order&, sorted_rows&, const row&);

    std::map<std::int64_t, row> rows_;
    std::map<roster_order, sorted_rows> orders_;  // those in use
};

}  // namespace distd::grading
