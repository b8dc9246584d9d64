// The head of an outgoing request as bytes, and the rules for what callers may put into it.
#pragma once

#include <distd/http.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace distd::http {

// The fields that a caller has chosen, as lines; ours are not among them. `invalid` for a method or field
// that would break the request apart, or for a field that is the client's own business (Host, framing,
// connection management).
[[nodiscard]] result<std::string> chosen_fields_of(const call&);

// By its method alone: to do it twice does no harm.
[[nodiscard]] inline bool is_repeatable(std::string_view method) noexcept {
    return method == "GET" || method == "HEAD";
}

struct request_fields {
    std::string_view authority;
    std::string_view user_agent;  // empty: it is among the chosen ones
    std::string_view chosen;      // lines, each with its end
    std::optional<std::size_t> content_length;
    std::string_view authorization;  // empty: none
    bool closes = false;             // no further request will come on this connection
};

// Replaces what is in `out`.
void write_request_head(std::string& out, std::string_view method, std::string_view target,
                        const request_fields&);

}  // namespace distd::http
