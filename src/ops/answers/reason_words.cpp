#include "ops/answers/reason_words.hpp"

#include <algorithm>
#include <iterator>

namespace distd::ops {
namespace {

struct known_reason {
    std::string_view code;
    std::string_view words;
};

constexpr known_reason known_reasons[]{
    {"no_instance", "no instance is known"},
    {"not_exposed", "the service is not exposed"},
    {"unreachable", "no instance accepted the connection"},
    {"untrusted", "the certificate is not trusted"},
    {"timed_out", "no answer in time"},
    {"connection_lost", "the connection broke"},
    {"bad_answer", "the answer was malformed"},
    {"overloaded", "the limit of concurrent requests is reached"},
    {"stopped", "the gateway was stopping"},
    {"address_refused", "the address is not permitted"},
    {"failed", "it failed"},
    {"client_gone", "the client left"},
    {"slow_client", "the body came too slowly"},
    {"too_large", "the body is too large"},
    {"bad_body", "the body was malformed"},
    {"bad_path", "the path is not permitted"},
    {"rate_limited", "too many requests of one client"},
    {"source_share", "too many requests of one client at once"},
    {"timed_out_half_way", "the rest of the answer did not come in time"},
    {"connection_lost_half_way", "the connection broke during the answer"},
    {"bad_answer_half_way", "the answer became malformed"},
    {"body_of_get", "a GET with a body"},
    {"cross_site", "sent by a page of another site"},
    {"handler_failed", "an error of the service itself"},
};

}  // namespace

std::string reason_words(std::string_view code) {
    const auto* const found = std::ranges::find(known_reasons, code, &known_reason::code);
    return std::string(found == std::end(known_reasons) ? code : found->words);
}

}  // namespace distd::ops
