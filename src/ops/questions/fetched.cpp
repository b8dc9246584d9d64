#include "ops/questions/fetched.hpp"

#include <utility>

namespace distd::ops {
namespace {

constexpr std::size_t answer_limit = 32 << 20;  // of a hundred thousand instances, or of a hundred long lines

}  // namespace

http::call make_question(std::string url) {
    http::call c("GET", std::move(url));
    c.deadline = c.connect_deadline = call_deadline;
    c.answer_limit = answer_limit;
    return c;
}

}  // namespace distd::ops
