#include "ops/answers/call_words.hpp"

#include <distd/json.hpp>

#include "ops/model/source_view.hpp"
#include "ops/model/words.hpp"

namespace distd::ops {

std::string trouble_of(const result<http::reply>& r) {
    if (!r) {
        if (r.error() == errc::unreachable) return "connection refused";
        if (r.error() == errc::no_provider) return std::string(no_instance);
        return r.error().message();
    }
    return r->status >= 200 && r->status < 300 ? std::string() : refusal_of(*r);
}

std::string refusal_of(const http::reply& r) {
    json_error ignored;
    const auto document = parse_json(r.body, ignored);
    const auto* const detail =
        document && document->is_object() ? find_field(document->get_object(), "detail") : nullptr;
    if (detail && detail->is_string()) return one_line(std::string_view(detail->get_string()), 300);
    return "answered " + std::to_string(r.status);
}

}  // namespace distd::ops
