// Loki's push format in JSON: streams of labels, each with its entries. Pure.
#pragma once

#include <cstdint>
#include <string_view>

#include "role/log/intake/batch.hpp"

namespace distd::logs {

// The labels that name a service, a level or a trace become those fields, the others further fields, as does
// an entry's own metadata. Entries are counted over all streams, from 1.
[[nodiscard]] batch read_loki_push(std::string_view body, const arrival&);

}  // namespace distd::logs
