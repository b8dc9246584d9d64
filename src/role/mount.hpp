// Puts a role into a process.
#pragma once

#include "role/role.hpp"
#include "sdk/process/host.hpp"

namespace distd {

// Makes the role's service and the role on it; the host keeps both. Throws what keeps the role from starting.
void mount_role(host&, const role_description&, const host::place&);

}  // namespace distd
