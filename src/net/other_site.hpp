// Whether a browser sent a request because a page of another site told it to. Such pages may send much
// without being asked first, to 127.0.0.1 too; what they cannot do is hide where they are from. Programs that
// are no browsers say nothing of the kind.
#pragma once

#include "net/request_head.hpp"

namespace distd::http {

[[nodiscard]] bool is_from_other_site(const request_head&) noexcept;

}  // namespace distd::http
