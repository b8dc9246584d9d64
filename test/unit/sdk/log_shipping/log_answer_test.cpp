#include "sdk/log_shipping/log_answer.hpp"

#include <catch2/catch.hpp>

using namespace distd;

namespace {

http::reply answered(int status, std::string body = {}) {
    http::reply r;
    r.status = status;
    r.body = std::move(body);
    return r;
}

std::uint64_t refused_of(const std::string& body) {
    return judge_log_answer(answered(207, body)).refused_of_batch;
}

}  // namespace

TEST_CASE("lines are delivered, or refused for what they are, or have to be sent again") {
    for (const int status : {200, 204, 207})
        CHECK(judge_log_answer(answered(status)).how == delivery::delivered);
    for (const int status : {400, 413, 415, 422})
        CHECK(judge_log_answer(answered(status)).how == delivery::refused);
    for (const int status : {302, 401, 403, 404, 405, 429, 500, 503})
        CHECK(judge_log_answer(answered(status)).how == delivery::failed);
    CHECK(judge_log_answer(errc::unreachable).how == delivery::failed);
}

TEST_CASE("of a batch that was taken in part as many lines are lost as the answer says") {
    CHECK(refused_of(R"({"rejected":3})") == 3);
    for (const auto* body : {"", "[]", "{}", R"({"rejected":-1})", R"({"rejected":"3"})", "{"})
        CHECK(refused_of(body) == 0);
    CHECK(judge_log_answer(answered(200, R"({"rejected":3})")).refused_of_batch == 0);
}

TEST_CASE("who is in trouble says nothing about what a log service takes") {
    for (const int status : {408, 429, 502, 503, 504}) CHECK(is_passing_trouble(answered(status)));
    for (const int status : {200, 404, 405, 500}) CHECK_FALSE(is_passing_trouble(answered(status)));
}

TEST_CASE("batches are offered by name, in any letter case") {
    auto answer = answered(204);
    CHECK_FALSE(offers_batches(answer));
    answer.headers.set("Accept-Post", "text/plain, Application/X-NDJSON");
    CHECK(offers_batches(answer));
}
