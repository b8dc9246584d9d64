// The parts of a call that its builder fills in.
#include <distd/http.hpp>
#include <utility>

#include "http/message/field_text.hpp"

namespace distd::http {

// The called service's request hangs below the one that caused it: both are in the log under their spans, so
// that a reader finds the tree. A span of the call's own would be in no line.
call&& call::caused_by(const request& cause) && {
    const auto trace = cause.trace();
    std::string parent;
    append_traceparent(parent, trace.trace_id, trace.span_id, trace.sampled);
    headers.set("traceparent", std::move(parent));
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
