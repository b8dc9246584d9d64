// The registry's answers about its configuration as facts. Pure.
#pragma once

#include <cstdint>
#include <distd/time.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace distd::ops {

struct config_key {
    std::string key;
    std::int64_t version = 0;
    std::int64_t size = 0;
    std::string media_type;
    std::optional<wall_point> modified;
};
[[nodiscard]] std::optional<std::vector<config_key>> read_config_keys(std::string_view json_text);

struct config_version {
    std::int64_t version = 0;
    std::optional<wall_point> when;
    std::string who;
    std::string action;  // put, delete, restore
    std::optional<std::int64_t> restored;
    std::int64_t size = 0;  // of the value that it left; 0 after a deletion
    bool is_deleted = false;
    std::string reason{};
};
// Newest first.
[[nodiscard]] std::vector<config_version> read_config_history(std::string_view json_text);

// A value as it is kept. `etag` as the registry wrote it, with its quotes.
struct config_value {
    std::string bytes;
    std::string media_type;
    std::string etag;
    std::int64_t version = 0;
};

// Passwords and the like: shown only when somebody asks for it.
[[nodiscard]] bool is_secret(std::string_view key);
// What its type says: JSON by its media type, or since the gateway or the registry reads it.
[[nodiscard]] bool is_json(std::string_view key, std::string_view media_type);
// What is wrong with a value of its type, in words; empty: nothing.
[[nodiscard]] std::string fault_in(std::string_view key, std::string_view media_type, std::string_view bytes);

}  // namespace distd::ops
