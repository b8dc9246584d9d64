// The parts of a call that its builder fills in.
#include <distd/http.hpp>

#include "base/random.hpp"

namespace distd::http {

// The called service's spans hang below one of our own, a new one for each call.
call&& call::caused_by(const request& cause) && {
    const auto trace = cause.trace();
    headers.set("traceparent",
                "00-" + trace.trace_id + "-" + random_hex(16) + (trace.sampled ? "-01" : "-00"));
    headers.set("X-Request-Id", std::string(cause.id()));
    return std::move(*this);
}

call&& call::with_body(std::string bytes, std::string type) && {
    body = std::move(bytes);
    content_type = std::move(type);
    return std::move(*this);
}

call&& call::within(milliseconds span) && {
    deadline = span;
    return std::move(*this);
}

}  // namespace distd::http
