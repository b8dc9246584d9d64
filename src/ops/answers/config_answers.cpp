#include "ops/answers/config_answers.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/ascii.hpp"
#include "base/timestamp.hpp"
#include "ops/model/words.hpp"

namespace distd::ops {
namespace {

struct key_row {
    std::string key, media_type, modified;
    std::int64_t version = 0, size = 0;
};
BOOST_DESCRIBE_STRUCT(key_row, (), (key, media_type, modified, version, size))
struct state_row {
    std::int64_t size = 0;
};
BOOST_DESCRIBE_STRUCT(state_row, (), (size))
struct version_row {
    std::int64_t version = 0;
    std::string when, who, action, reason;
    std::optional<std::int64_t> restored;
    std::optional<state_row> after;
};
BOOST_DESCRIBE_STRUCT(version_row, (), (version, when, who, action, reason, restored, after))

}  // namespace

std::optional<std::vector<config_key>> read_config_keys(std::string_view json_text) {
    json_error ignored;
    auto rows = from_json<std::vector<key_row>>(json_text, ignored);
    if (!rows) return std::nullopt;
    std::vector<config_key> out;
    for (auto& r : *rows)
        out.push_back(
            {std::move(r.key), r.version, r.size, std::move(r.media_type), parse_rfc3339(r.modified)});
    return out;
}

std::vector<config_version> read_config_history(std::string_view json_text) {
    json_error ignored;
    auto rows = from_json<std::vector<version_row>>(json_text, ignored);
    std::vector<config_version> out;
    if (!rows) return out;
    for (auto& r : *rows)
        out.push_back({r.version, parse_rfc3339(r.when), std::move(r.who), std::move(r.action), r.restored,
                       r.after ? r.after->size : 0, !r.after, std::move(r.reason)});
    return out;
}

bool is_secret(std::string_view key) {
    if (key.starts_with("alerts/")) return true;  // their URLs and header fields are
    const auto lowered = ascii::lowered(std::string(key));
    constexpr std::string_view words[]{"password", "secret", "token"};
    return std::ranges::any_of(words, [&](auto word) { return lowered.find(word) != lowered.npos; });
}

bool is_json(std::string_view key, std::string_view media_type) {
    return key.starts_with("gateway/") || key.starts_with("alerts/") ||
           media_type.find("json") != media_type.npos;
}

std::string fault_in(std::string_view key, std::string_view media_type, std::string_view bytes) {
    if (!is_json(key, media_type)) return {};
    json_error error;
    if (parse_json(bytes, error)) return {};
    return "This is " + error.text;
}

}  // namespace distd::ops
