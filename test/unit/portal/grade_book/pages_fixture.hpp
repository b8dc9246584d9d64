// The portal's pages without a portal: two students, and what a page holds.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "role/portal/grade_book/pages.hpp"

namespace distd::portal {

inline const student nick{
    1, "Nick", "Carter", {{"Quiz 1", "Quiz", 85}, {"Final Exam", "Exam", 94}, {"Quiz 2", "Quiz", 82}}};
inline const student newcomer{6, "Ada", "Lovelace", {}};

inline pages make_pages() { return {web::web_files("portal"), "Portald"}; }

inline const csrf_token csrf{"0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210", true};

// The list as a service of another make sends it, and as a page of one of ours.
inline std::string list_of(std::vector<student> students) {
    return make_pages().students({std::move(students), {}}, {});
}
inline std::string listed(std::vector<student> students, std::size_t total,
                          const student_list_query& asked = {}) {
    return make_pages().students({std::move(students), total}, asked);
}

inline bool holds(const std::string& page, std::string_view part) {
    return page.find(part) != std::string::npos;
}

inline std::size_t times(const std::string& page, std::string_view part) {
    std::size_t count = 0;
    for (auto at = page.find(part); at != std::string::npos; at = page.find(part, at + part.size())) ++count;
    return count;
}

// As the portal says it of the service that it needs most.
inline outage missing_service() {
    outage o;
    o.sentence = "GradingService is missing: no instance of it is registered.";
    o.since = wall_point(seconds(1'800'000'000));
    o.consequence = "The students cannot be shown until it is back.";
    o.retry_url = "/students";
    return o;
}

}  // namespace distd::portal
