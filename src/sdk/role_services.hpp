// What a built-in role that makes calls by itself asks about its service. Services of strangers have
// `service::http`, which takes care of it.
#pragma once

#include <distd/service.hpp>
#include <memory>

#include "base/disk.hpp"
#include "http/access/access_control.hpp"
#include "http/client/resolver.hpp"

namespace distd {

// Other machines reach it. Known once it listens; false before.
[[nodiscard]] bool listens_beyond_loopback(service&);

// Where its data folder lies.
[[nodiscard]] disk& disk_of(service&);

// Finds the addresses of host names, for clients of its own.
[[nodiscard]] const http::resolver::lookup& lookup_of(service&);

// With what its clients show that they may call others of the system.
[[nodiscard]] const std::shared_ptr<http::access_control>& credentials_of(service&);

}  // namespace distd
