// OpenTelemetry's log records in JSON, as OTLP/HTTP carries them. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "role/log/intake/batch.hpp"

namespace distd::logs {

// The attributes of the resource, the scope and the record become further fields, a record's own before its
// scope's and its resource's. Unknown members are ignored, as the protocol demands. Records are counted over
// all resources, from 1.
[[nodiscard]] batch read_otlp_logs(std::string_view body, const arrival&);

}  // namespace distd::logs
