// Why a call to another service brought nothing, in words.
#pragma once

#include <distd/http.hpp>
#include <string>

namespace distd::ops {

// Empty for an answer of 2xx.
[[nodiscard]] std::string trouble_of(const result<http::reply>&);
// What a refusal says: the detail of a problem document, else the status.
[[nodiscard]] std::string refusal_of(const http::reply&);

}  // namespace distd::ops
