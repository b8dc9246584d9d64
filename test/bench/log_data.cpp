#include "log_data.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace bench {
namespace {

constexpr std::uint64_t span_ns = 8ULL * 3600 * 1'000'000'000;
constexpr std::size_t open_traces = 24;
constexpr int lines_of_a_trace = 6;
constexpr std::uint64_t rare_lines = 7;

// N a number, U a uuid, A an address, D a duration, W a word.
constexpr std::array message_kinds{
    "GET /api/v1/students/N/grades answered with 200 in D ms",
    "POST /api/v1/orders answered with 201 in D ms, request U",
    "cache miss for key user:N, loading from the database",
    "connection from A accepted, N open",
    "connection from A closed after D ms",
    "query took D ms: select * from W where id = N",
    "job U finished, N items, D ms",
    "retry N of request U to A",
    "user N logged in from A",
    "payment N authorised, amount D, reference U",
    "deadlock detected, txid=N, restarting W",
    "queue W has N messages waiting",
    "health check of A took D ms",
    "token of user N expired, session U",
};
constexpr std::array words{"grades",  "orders", "invoices", "sessions", "students", "teachers",
                           "courses", "mail",   "exports",  "reports",  "payments", "shipments"};

}  // namespace

log_data::log_data(std::uint64_t lines)
    : lines_(lines), step_ns_(span_ns / std::max<std::uint64_t>(1, lines)) {
    std::uint64_t sum = 0;
    for (int i = 0; i < 50; ++i) {
        services_.push_back(std::string(words.at(static_cast<std::size_t>(i) % words.size())) + "-service-" +
                            std::to_string(i));
        sum += static_cast<std::uint64_t>(1e6 / std::pow(i + 1, 0.8));
        weights_.push_back(sum);
    }
    traces_.resize(open_traces);
}

std::uint64_t log_data::random() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_;
}

std::string log_data::hex(std::size_t digits) {
    std::string out;
    while (digits-- > 0) out += "0123456789abcdef"[random() >> 60];
    return out;
}

const std::string& log_data::trace() {
    auto& t = traces_[below(traces_.size())];
    if (t.lines_left-- == 0) t = {hex(32), lines_of_a_trace - 1};
    return t.id;
}

void log_data::append_message(std::string& out) {
    const char* kind = message_kinds.at(below(message_kinds.size()));
    // Deadlocks are rarer than the rest.
    if (kind == message_kinds[10] && below(10) != 0) kind = message_kinds[0];
    for (const char* c = kind; *c != 0; ++c) {
        const bool alone = (c == kind || c[-1] < 'A' || c[-1] > 'z') && (c[1] < 'A' || c[1] > 'z');
        if (*c == 'N' && alone)
            out += std::to_string(below(1'000'000));
        else if (*c == 'D' && alone)
            out += std::to_string(below(1000)) + "." + std::to_string(below(10));
        else if (*c == 'W' && alone)
            out += words.at(below(words.size()));
        else if (*c == 'A' && alone)
            out += "10.0." + std::to_string(below(256)) + "." + std::to_string(below(256));
        else if (*c == 'U' && alone)
            out += hex(8) + "-" + hex(4) + "-4" + hex(3) + "-a" + hex(3) + "-" + hex(12);
        else
            out += *c;
    }
    if (made_ % std::max<std::uint64_t>(1, lines_ / rare_lines) == lines_ / rare_lines / 2)
        out += std::string(", ") + rare_word + " overheated";
}

void log_data::append_line(std::string& out) {
    const auto since = made_ * step_ns_;
    const auto second = since / 1'000'000'000;
    std::array<char, 64> time;
    std::snprintf(time.data(), time.size(), "2026-01-02T%02u:%02u:%02u.%06uZ", unsigned(second / 3600),
                  unsigned(second / 60 % 60), unsigned(second % 60), unsigned(since / 1000 % 1'000'000));
    const auto dice = below(100);
    const char* level = dice < 12 ? "debug" : dice < 88 ? "info" : dice < 97 ? "warn" : "error";
    const auto weight = below(weights_.back());
    const auto service = std::ranges::upper_bound(weights_, weight) - weights_.begin();
    const auto& id = trace();
    if (made_ == lines_ / 2) some_trace_ = id;
    out += R"({"time":")";
    out += time.data();
    out += R"(","level":")";
    out += level;
    out += R"(","service":")" + services_[static_cast<std::size_t>(service)];
    out += R"(","trace":")" + id;
    out += R"(","host":"node-)" + std::to_string(below(20));
    out += R"(","message":")";
    append_message(out);
    out += "\"}\n";
    ++made_;
}

}  // namespace bench
