// Who is signed in: random ids in browsers' cookies, and links that sign in once. In memory only: a restart
// signs everybody out. Pure. Bounds: `max_sessions`, of which the one that was used longest ago makes room,
// and `max_links`.
#pragma once

#include <distd/time.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace distd::ops::console {

class sessions {
public:
    static constexpr std::size_t max_sessions = 256;
    static constexpr std::size_t max_links = 16;
    static constexpr milliseconds session_age = std::chrono::hours(12);  // since it was last used
    // Of the link that a start prints, and of one that somebody asks for and opens at once.
    static constexpr milliseconds start_link_age = std::chrono::minutes(15);
    static constexpr milliseconds asked_link_age = std::chrono::minutes(2);

    // The id of a new session; `name`: of the person, as told.
    [[nodiscard]] std::string begin(std::string name, steady_point now);
    // Null: no such session, or it is too old. Counts as a use.
    [[nodiscard]] const std::string* name_of(std::string_view id, steady_point now);

    // A secret that `take_link` accepts once, until it is that old; `name`: of the person, as told.
    [[nodiscard]] std::string make_link(std::string name, milliseconds age, steady_point now);
    // The name; nullopt: it is no link, or no longer one.
    [[nodiscard]] std::optional<std::string> take_link(std::string_view secret, steady_point now);

private:
    struct session {
        std::string name;
        steady_point used;
    };
    struct link {
        std::string name;
        steady_point until;
    };
    std::map<std::string, session, std::less<>> sessions_;
    std::map<std::string, link, std::less<>> links_;
};

}  // namespace distd::ops::console
