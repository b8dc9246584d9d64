// Who asks for a change, and why, as the timeline and the history of the configuration have it.
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <string>

namespace distd {

// What the request says of itself in X-Distd-Actor, else the address that it came from. Nobody verifies it:
// it helps to find who did something, and gives no rights. A name that is too long is answered with 400.
[[nodiscard]] std::optional<http::response> read_actor(const http::request&, std::string& out);

// Why, of X-Distd-Reason; empty: nobody said. One that is too long is answered with 400.
[[nodiscard]] std::optional<http::response> read_reason(const http::request&, std::string& out);

}  // namespace distd
