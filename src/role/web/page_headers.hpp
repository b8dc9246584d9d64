// What every answer of a site for browsers carries, and its files.
#pragma once

#include <distd/http.hpp>
#include <optional>

#include "role/web/web_files.hpp"

namespace distd::web {

// Adds the security headers, for pages and other answers.
[[nodiscard]] http::response guarded(http::response);
// A page that its browser asks for again each time.
[[nodiscard]] http::response page(int status, std::string html);
// The asset at the path below assets/ that the route's parameter `path` names; nullopt where there is none.
// One that is asked for by its content (see web_files::url_of) may be kept for good.
[[nodiscard]] std::optional<http::response> asset(const web_files&, const http::request&);

}  // namespace distd::web
