// Writes the head of an answer into the connection's buffer, by hand and in one piece, and decides what the
// request's conditions and preferences make of the answer: 304, gzip, a body left out for HEAD. Pure but for
// the date it is given.
#pragma once

#include <cstdint>
#include <distd/http.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "http/message/gzip.hpp"
#include "http/server/exchange.hpp"

namespace distd::http {

enum class body_framing : std::uint8_t { length, chunked, until_close };

struct written_head {
    body_framing framing = body_framing::length;
    bool sends_body = true;
};

// Appends "HTTP/1.1 200 OK ... CRLF CRLF" to `out`. A body that is not streamed stays in `r`, possibly
// compressed. `date` is the value of the Date header.
written_head write_head(std::string& out, response& r, const exchange& x, bool keep_alive,
                        std::string_view date, gzipped_texts&);

// Of a response that somebody else gave.
struct relayed_head {
    int status = 0;
    std::string_view lines;  // its fields, each with its line end, without framing and connection management
    bool has_body = false;
    std::optional<std::uint64_t> length;  // of the body, where it is known
};
// The same for one of those. The framing of its body is decided anew: a length that is not known is chunked,
// or ends with the connection. `strict_transport` is the value for that field, where it has none.
[[nodiscard]] body_framing write_relayed_head(std::string& out, const relayed_head& r, const exchange& x,
                                              bool keep_alive, std::string_view strict_transport);

inline constexpr const char* strict_transport_field = "Strict-Transport-Security";

[[nodiscard]] std::string_view body_bytes(const response& r) noexcept;  // of a body that is not streamed

}  // namespace distd::http
