// What a request tells of where it is from, beyond its address. Browsers say which page made them send it,
// and pages can neither hide nor forge that; gateways of ours say that they passed it on. Programs say
// nothing of the kind.
#pragma once

#include <distd/http.hpp>
#include <string_view>

namespace distd::http {

// A browser sent it, because a page of whatever site told it to: for what no page has a reason to send.
[[nodiscard]] bool is_from_page(const request&) noexcept;
// The same, but the page was of another site than the one that the request was sent to. Such pages may send
// much without being asked first, to 127.0.0.1 too: for what pages of our own may send.
[[nodiscard]] bool is_from_other_site(const request&) noexcept;
// The opposite with evidence: the browser says so, or names exactly the origin that it sent this to. A
// program that says nothing is from none, nor is what went through a proxy that renames the host. For
// changes.
[[nodiscard]] bool is_from_same_origin(const request&) noexcept;
[[nodiscard]] bool is_through_gateway(const request&);
// By whom a `Via` was written that is ours.
inline constexpr std::string_view via_name = "distd";
// What our clients say that they are, in each process of the system.
inline constexpr std::string_view own_user_agent = "distd";
// What the operator's command line says that it is: `distd services` and the like.
inline constexpr std::string_view command_line_user_agent = "distd-client";

}  // namespace distd::http
