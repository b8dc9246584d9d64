// A request through several services, out of their lines.
#include <catch2/catch.hpp>

#include "ops/answers/log_answers.hpp"
#include "ops/model/request_tree.hpp"

using namespace distd::ops;

namespace {

std::string line(const std::string& service, const std::string& span, const std::string& parent, int begin_ms,
                 int took_ms, int status, const std::string& path) {
    const auto end = std::to_string(1000 + begin_ms + took_ms);
    return R"({"seq":1,"time":"2026-11-21T12:00:0)" + end.substr(0, 1) + "." + end.substr(1) +
           R"(Z","level":"info","service":")" + service + R"(","message":"request","span":")" + span +
           R"(","parent":")" + parent + R"(","method":"POST","path":")" + path + R"(","status":)" +
           std::to_string(status) + R"(,"duration_us":)" + std::to_string(took_ms * 1000) + "}\n";
}

std::string order_of(const request_tree& t) {
    std::string out;
    for (const auto& s : t.spans) out += std::to_string(s.depth) + s.service + " ";
    return out;
}

}  // namespace

TEST_CASE("calls stand below their callers in the order of their begin, however their lines arrived") {
    const auto t = make_request_tree(read_log_lines(
        line("stock", "d", "b", 6, 14, 200, "/reserve") + line("cards", "e", "b", 22, 1990, 504, "/charge") +
        line("cart", "b", "a", 1, 2012, 502, "/pay") +
        line("Portald", "a", "", 0, 2014, 502, "/api/cart/pay") +
        line("sessions", "c", "b", 3, 1, 200, "/sessions/ann") +
        R"({"seq":9,"service":"legacy","message":"only a trace"})"));
    CHECK(order_of(t) == "0Portald 1cart 2sessions 2stock 2cards ");
    CHECK(t.others == std::vector<std::string>{"legacy"});
    CHECK(t.services == 6);
    CHECK(t.took == std::chrono::milliseconds(2014));
    const auto words = make_request_headline(t);
    CHECK(words.status == "502");
    CHECK(words.rest == "POST /api/cart/pay took 2.01\u00a0s");
    CHECK(words.before_name + words.name + words.after_name ==
          "It waited 1.99\u00a0s for cards, which answered 504");
}

TEST_CASE("of a request that went well the one that took most of the time is named, if one did") {
    const auto slow = make_request_tree(
        read_log_lines(line("a", "a", "", 0, 100, 200, "/") + line("b", "b", "a", 5, 80, 200, "/")));
    CHECK(make_request_headline(slow).name == "b");
    const auto own = make_request_tree(
        read_log_lines(line("a", "a", "", 0, 100, 200, "/") + line("b", "b", "a", 5, 8, 200, "/")));
    CHECK(make_request_headline(own).before_name.empty());
}

TEST_CASE("ids come from outside: circles, unknown callers and equal ids lose no line") {
    const auto t = make_request_tree(
        read_log_lines(line("a", "x", "y", 0, 1, 200, "/") + line("b", "y", "x", 1, 1, 200, "/") +
                       line("c", "z", "z", 2, 1, 200, "/") + line("d", "z", "nobody", 3, 1, 200, "/") +
                       line("e", "", "", 4, 1, 200, "/")));
    CHECK(t.spans.size() == 5);
    CHECK(make_request_headline(make_request_tree({})).rest == "No line of this request");
}
