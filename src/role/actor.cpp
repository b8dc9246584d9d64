#include "role/actor.hpp"

#include "wire/header_names.hpp"

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

}  // namespace distd
