// What is spoken, on both sides: see tls_context.hpp for which and why.
#pragma once

#include <cstdint>

#include "http/transport/tls_handles.hpp"

namespace distd::http {

enum class tls_side : std::uint8_t { server, client };

[[nodiscard]] tls_context_handle make_tls_context(tls_side);

}  // namespace distd::http
