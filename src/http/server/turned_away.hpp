// Who is not let in, or not any further, because others, or the same source, have all there is of something.
#pragma once

#include <distd/http.hpp>

#include "http/server/source_shares.hpp"

namespace distd::http {

enum class wanted : std::uint8_t { connection, memory, request, stream };

// 503 when all is taken, 429 when the source has its share of it.
[[nodiscard]] response turned_away(source_shares::verdict why, wanted what);
// To who was let in, and ended before its request was looked at, or before there was news for it.
[[nodiscard]] response gave_way();
// `turned_away` as all the bytes of an answer, for connections whose request is not read.
[[nodiscard]] std::string turned_away_text(source_shares::verdict why, wanted what);

}  // namespace distd::http
