// Values that the routes parse from form fields. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/fnv1a.hpp"
#include "base/utf8.hpp"
#include "role/portal/csrf/csrf_token.hpp"
#include "role/portal/grade_book/grade_book.hpp"
#include "role/portal/grade_book/page_responder.hpp"

namespace distd::portal {

inline const http::route_options small_form{.body_limit = 64 * 1024};
// Retries after conflicts with changes to other grades of the same student, before the visitor is asked.
inline constexpr int max_merges = 3;
inline constexpr std::size_t max_search = 200;  // bytes; the grading service refuses more

// The search text. One that is too long or not UTF-8 could not match anybody, so it is ignored.
[[nodiscard]] inline std::string search_in(std::string typed) {
    return typed.size() <= max_search && is_utf8(typed) ? std::move(typed) : std::string();
}

// A positive number.
[[nodiscard]] inline std::optional<std::int64_t> number_in(std::string_view text) noexcept {
    const auto number = parse_student_id(text);
    return number && *number > 0 && *number <= 1'000'000'000'000 ? number : std::nullopt;
}

[[nodiscard]] inline typed_grade typed_in(const form_fields& fields) {
    return {field(fields, "Title"), field(fields, "Type"), field(fields, "Score")};
}

// A form without a version matches no existing one: its change conflicts with whatever is stored.
[[nodiscard]] inline version version_in(const form_fields& fields) {
    return number_in(field(fields, "Version")).value_or(0);
}

// The Idempotency-Key: the same form with the same content has the same key, also when it is sent again
// after an outage; a corrected form has another. Empty for a form without a key.
[[nodiscard]] inline std::string key_for(const form_fields& fields, std::string_view content) {
    const auto key = field(fields, "Key");
    if (!is_csrf_text(key)) return {};
    return key + '-' + std::to_string(fnv1a(content));  // the same at every portal
}

}  // namespace distd::portal
