// The page Config: the tree of keys, and of one of them its value, how it is changed, and its history. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "ops/answers/config_answers.hpp"
#include "ops/model/page_snapshot.hpp"
#include "role/console/pages/live_page.hpp"

namespace distd::ops::console {

// What somebody wants the value to be: shown beside what is kept before it is saved, and again when somebody
// else has changed that meanwhile.
struct config_draft {
    std::string bytes;
    std::string media_type;
    bool has_conflict = false;
    std::string fault{};  // why it cannot be saved: what its type says, or the gateway of its own keys
};

// Two versions beside each other; nullopt: that one deleted the value.
struct config_comparison {
    std::int64_t left = 0;
    std::int64_t right = 0;
    std::optional<std::string> left_bytes{};
    std::optional<std::string> right_bytes{};
};

struct config_view {
    std::string key{};     // empty: none is chosen
    std::string filter{};  // of the tree
    bool shows_secret = false;
    page_snapshot all{};
    std::string trouble{};              // why the registry tells nothing
    std::optional<wall_point> as_of{};  // then: of what is shown
    std::vector<config_key> keys{};
    std::optional<config_value> value{};
    std::vector<config_version> history{};
    std::optional<config_draft> draft{};
    std::optional<config_comparison> comparison{};
    std::vector<std::string> gateway_errors{};  // the gateways' own judgement of their keys
    std::string fault{};                        // of a change that was not made
    std::optional<std::int64_t> saved{};        // the version that was just made
    std::string who{};
    std::string reason{};  // that was given for a change that was not made
    std::string form{};

    [[nodiscard]] bool is_known() const noexcept { return trouble.empty() || as_of.has_value(); }
};

inline constexpr auto config_stream =
    "config";  // what keeps a page live while nobody has changed anything on it

[[nodiscard]] live_page make_config_page(const config_view&);

}  // namespace distd::ops::console
