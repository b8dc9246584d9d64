// What a built-in role that makes calls by itself asks about its service. Services of strangers have
// `service::http`, which takes care of it.
#pragma once

#include <distd/service.hpp>
#include <string>

#include "base/disk.hpp"

namespace distd {

// Other machines reach it. Known once it listens; false before.
[[nodiscard]] bool listens_beyond_loopback(service&);

// Where its data folder lies.
[[nodiscard]] disk& disk_of(service&);

// The Authorization field of calls within the system; empty: none.
[[nodiscard]] const std::string& authorization_of(service&);

}  // namespace distd
