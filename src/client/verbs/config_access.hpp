// The central configuration as the verbs of `distd config` read and change it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/system/context.hpp"
#include "ops/questions/config_questions.hpp"

namespace distd::ops::client {

// A call that changes a key, for the reason that was given.
[[nodiscard]] http::call config_change(const context&, std::string method, std::string path);

// Nothing: there is no value. Throws verb_failure for everything else that is no answer.
[[nodiscard]] task<std::optional<config_value>> read_value_of(context&, std::string key);
[[nodiscard]] task<std::optional<config_value>> read_version_of(context&, std::string key,
                                                                std::int64_t version);
[[nodiscard]] task<std::vector<config_version>> read_history_of(context&, std::string key);

// PUT under the condition that `etag` is what is kept now; "": that nothing is. Without one: in any case.
[[nodiscard]] task<http::reply> put_value(context&, std::string key, std::string bytes,
                                          std::string media_type, std::optional<std::string> etag);

// Throws what the registry said of a change that it did not make.
void expect_changed(const http::reply&);
// The version in the answer to a change.
[[nodiscard]] std::int64_t version_in(const http::reply&);

// JSON by its first character, else text.
[[nodiscard]] std::string media_type_of(std::string_view bytes);

}  // namespace distd::ops::client
