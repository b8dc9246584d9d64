// The head of an outgoing request as bytes, and the rules for what callers may put into it.
#pragma once

#include <distd/http.hpp>
#include <string>
#include <string_view>

#include "http/message/url.hpp"

namespace distd::http {

// `invalid` for a method or field that would break the request apart, or for a field that is the client's own
// business (Host, framing, connection management).
[[nodiscard]] result<std::string> request_head_of(const call&, const url&, std::string_view user_agent);

}  // namespace distd::http
