#include "role/actor.hpp"

#include "wire/header_names.hpp"
#include "wire/rules.hpp"

namespace distd {
namespace {

constexpr std::size_t max_actor = 256;

}  // namespace

std::optional<http::response> read_actor(const http::request& q, std::string& out) {
    out = q.header(wire::actor_header);
    if (out.size() > max_actor)
        return http::response::problem(400,
                                       "X-Distd-Actor has at most " + std::to_string(max_actor) + " bytes.");
    if (out.empty()) out = q.remote_address();
    return std::nullopt;
}

std::optional<http::response> read_reason(const http::request& q, std::string& out) {
    out = q.header(wire::reason_header);
    const auto problem = wire::problem_with_text(out, wire::max_reason, wire::reason_header);
    if (problem.empty()) return std::nullopt;
    return http::response::problem(400, "Nothing was changed. " + problem + ".");
}

}  // namespace distd
