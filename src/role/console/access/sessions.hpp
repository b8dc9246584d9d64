// Who is signed in: random ids in browsers' cookies, and links that sign in once. In memory only: a restart
// signs everybody out. Pure.
#pragma once

#include "role/console/access/expiring_map.hpp"

namespace distd::ops::console {

class sessions {
public:
    static constexpr std::size_t max_sessions = 256;
    static constexpr std::size_t max_links = 16;
    static constexpr milliseconds session_age = std::chrono::hours(12);  // since it was last used
    // Of the link that a start prints, and of one that somebody asks for and opens at once.
    static constexpr milliseconds start_link_age = std::chrono::minutes(15);
    static constexpr milliseconds asked_link_age = std::chrono::minutes(2);

    // The id of a new session; `name`: of the person, as given at the sign-in.
    [[nodiscard]] std::string begin(std::string name, steady_point now) {
        return sessions_.add(std::move(name), session_age, now);
    }
    // Null: no such session, or it is too old. Counts as a use.
    [[nodiscard]] const std::string* name_of(std::string_view id, steady_point now) {
        return sessions_.renew(id, session_age, now);
    }

    // A secret that `take_link` accepts once, until it is that old; `name`: as above.
    [[nodiscard]] std::string make_link(std::string name, milliseconds age, steady_point now) {
        return links_.add(std::move(name), age, now);
    }
    // The name; nullopt: it is no link, or no longer one.
    [[nodiscard]] std::optional<std::string> take_link(std::string_view secret, steady_point now) {
        return links_.take(secret, now);
    }

private:
    expiring_map<std::string> sessions_{max_sessions, 64};
    expiring_map<std::string> links_{max_links,
                                     32};  // a link works once, not for long, and is to fit a terminal
};

}  // namespace distd::ops::console
