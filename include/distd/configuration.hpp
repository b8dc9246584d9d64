// A snapshot of one directory of the registry's central configuration, as service::configured_by delivers it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace distd {

struct configured_value {
    std::string bytes;
    std::string media_type;
    std::int64_t version = 0;  // version of the key, not of the directory

    friend bool operator==(const configured_value&, const configured_value&) = default;
};

class configuration {
public:
    using map = std::map<std::string, configured_value, std::less<>>;

    configuration() = default;
    explicit configuration(map values) : values_(std::move(values)) {}

    // Keys are relative to the directory: the key "app/db/url" is "db/url" in the configuration of "app/".
    [[nodiscard]] const map& values() const noexcept { return values_; }
    [[nodiscard]] const configured_value* find(std::string_view key) const noexcept {
        const auto place = values_.find(key);
        return place != values_.end() ? &place->second : nullptr;
    }
    [[nodiscard]] std::string text(std::string_view key, std::string fallback = {}) const {
        const auto* value = find(key);
        return value ? value->bytes : fallback;
    }

private:
    map values_;
};

using configuration_handler = std::function<void(const configuration&)>;

}  // namespace distd
