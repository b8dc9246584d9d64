#include "sdk/log_shipping/log_answer.hpp"

#include <algorithm>
#include <distd/json.hpp>

#include "base/ascii.hpp"

namespace distd {
namespace {

// What is wrong with the lines themselves. Any other refusal is about the way there, such as a port that
// belongs to another service since the log service moved, or a missing token.
bool is_about_lines(int status) noexcept {
    return status == 400 || status == 413 || status == 415 || status == 422;
}

// 207: the batch was taken, but for some lines.
std::uint64_t refused_lines(const http::reply& answer) {
    json_error ignored;
    const auto body = answer.status == 207 ? parse_json(answer.body, ignored) : std::nullopt;
    const auto* count = body && body->is_object() ? find_field(body->get_object(), "rejected") : nullptr;
    return count && count->is_int64()
               ? static_cast<std::uint64_t>(std::max<std::int64_t>(0, count->get_int64()))
               : 0;
}

}  // namespace

log_verdict judge_log_answer(const result<http::reply>& answer) {
    if (!answer) return {};
    const int status = answer->status;
    if (status >= 200 && status < 300) return {delivery::delivered, refused_lines(*answer)};
    return {is_about_lines(status) ? delivery::refused : delivery::failed};
}

bool is_passing_trouble(const http::reply& answer) noexcept {
    const int status = answer.status;
    return status == 408 || status == 429 || status == 502 || status == 503 || status == 504;
}

bool offers_batches(const http::reply& answer) {
    const auto types = ascii::lowered(std::string(answer.headers.find("Accept-Post")));
    return types.find("application/x-ndjson") != types.npos;
}

}  // namespace distd
