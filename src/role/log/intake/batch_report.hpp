// What became of a batch, as its sender sees it: how many records were taken, which were not, and why.
#pragma once

#include <distd/json.hpp>

#include "role/log/intake/batch.hpp"

namespace distd::logs {

// {"accepted":2,"rejected":1,"errors":[{"line":3,"reason":"..."}]}
[[nodiscard]] json::object report_of(const batch&);

}  // namespace distd::logs
