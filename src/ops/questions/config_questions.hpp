// How a registry's central configuration is asked for and changed: paths, conditions, and a value as it
// comes. Pure.
#pragma once

#include <distd/http.hpp>
#include <string>
#include <string_view>

#include "ops/answers/config_answers.hpp"

namespace distd::ops {

[[nodiscard]] std::string config_path(std::string_view key);
// Of the list of keys below a directory ("cart/"); "": of all keys.
[[nodiscard]] std::string config_list_path(std::string_view directory);
[[nodiscard]] std::string config_version_path(std::string_view key, std::int64_t version);
[[nodiscard]] std::string config_history_path(std::string_view key);
// A POST there makes an old version the value again.
[[nodiscard]] std::string config_restore_path(std::string_view key, std::int64_t version);

// The value in an answer with status 200.
[[nodiscard]] config_value value_in(const http::reply&);

// The change is to be made only if `etag` is what is kept; "": only if there is no value.
void make_conditional(http::call& change, std::string_view etag);

}  // namespace distd::ops
