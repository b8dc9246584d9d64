// The schema of the registry's database. Never edit a released migration: append one. `registry_store` says
// what its tables are for.
#pragma once

#include "store/sqlite/sqlite.hpp"

namespace distd::registry {

[[nodiscard]] const sqlite::migrations& registry_schema();

}  // namespace distd::registry
