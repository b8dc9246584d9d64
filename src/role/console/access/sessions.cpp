#include "role/console/access/sessions.hpp"

#include <algorithm>
#include <utility>

#include "base/random.hpp"

namespace distd::ops::console {
namespace {

constexpr std::size_t id_digits = 64;
constexpr std::size_t link_digits = 32;  // works once, and not for long; the whole link is to fit a terminal

}  // namespace

std::string sessions::begin(std::string name, steady_point now) {
    std::erase_if(sessions_, [&](const auto& s) { return now - s.second.used > session_age; });
    if (sessions_.size() >= max_sessions)
        sessions_.erase(std::ranges::min_element(sessions_, {}, [](const auto& s) { return s.second.used; }));
    auto id = random_hex(id_digits);
    sessions_[id] = {std::move(name), now};
    return id;
}

const std::string* sessions::name_of(std::string_view id, steady_point now) {
    const auto found = sessions_.find(id);
    if (found == sessions_.end() || now - found->second.used > session_age) return nullptr;
    found->second.used = now;
    return &found->second.name;
}

std::string sessions::make_link(std::string name, milliseconds age, steady_point now) {
    std::erase_if(links_, [&](const auto& l) { return l.second.until < now; });
    if (links_.size() >= max_links)
        links_.erase(std::ranges::min_element(links_, {}, [](const auto& l) { return l.second.until; }));
    auto secret = random_hex(link_digits);
    links_[secret] = {std::move(name), now + age};
    return secret;
}

std::optional<std::string> sessions::take_link(std::string_view secret, steady_point now) {
    const auto found = links_.find(secret);
    if (found == links_.end()) return std::nullopt;
    auto taken = std::move(found->second);
    links_.erase(found);
    return taken.until >= now ? std::optional(std::move(taken.name)) : std::nullopt;
}

}  // namespace distd::ops::console
