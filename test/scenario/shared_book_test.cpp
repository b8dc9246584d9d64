// Two grading processes on one store, reached through the portal's gateway as if they were one.
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>
#include <thread>

#include "scenario/scenario.hpp"

using namespace distd::test;
using Catch::Contains;

namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != text.npos; at += part.size()) ++count;
    return count;
}

std::string grade_called(const std::string& title) {
    return R"({"Title":")" + title + R"(","Type":"Quiz","Score":1})";
}

struct shared_book {
    shared_book() {
        registry = start_role(w, "registry");
        for (const auto* name : {"one", "two"})
            w.start(name, "grading",
                    with(pace(w), {registry_at(registry), "--grading-store=" + w.data_dir("shared.db")}));
        const auto portal =
            start_role(w, "portal", {registry_at(registry), "--portal-gateway-services=GradingService"});
        w.until("the gateway knows both",
                [&] { return count_of(w.http("GET", portal + "/gateway/status").body, R"("url":)") == 2; });
        gateway = portal + "/api/GradingService";
    }
    [[nodiscard]] std::string at(const std::string& name) const { return w.address(name, "grading"); }
    [[nodiscard]] http_answer send(const std::string& method, const std::string& path,
                                   const std::string& body = {}, const std::string& headers = {}) const {
        return exchange(method, gateway + path, body, "application/json", {}, headers);
    }
    // How many answers to `method` at `route` a process has given.
    [[nodiscard]] bool has_answered(const std::string& name, const std::string& method,
                                    const std::string& route) {
        const auto all = w.http("GET", at(name) + "/metrics").body;
        const auto row =
            R"(distd_http_requests_total{method=")" + method + R"(",route=")" + route + R"(",status="2xx"} )";
        const auto found = all.find(row);
        return found != all.npos && all[found + row.size()] != '0';
    }

    process_world w;
    std::string registry;
    std::string gateway;
};

}  // namespace

TEST_CASE("one of two processes on a store is killed behind the gateway: reads go on, no grade is lost",
          "[scenario]") {
    shared_book s;
    std::mutex mutex;
    strings answered;
    std::atomic<int> writes = 0;
    std::atomic<int> reads = 0;
    std::atomic<int> bad_reads = 0;
    std::atomic<bool> enough = false;

    std::vector<std::thread> clients;
    for (int c = 0; c < 3; ++c)
        clients.emplace_back([&, c] {
            for (int i = 0; !enough; ++i) {
                const auto title = "G" + std::to_string(c) + "-" + std::to_string(i) + ".";
                // Whoever gets no answer sends the same again, with its key.
                const auto key = "Idempotency-Key: " + title + "\r\n";
                while (s.send("POST", "/students/1/grades", grade_called(title), key).status != 201)
                    if (enough) return;
                std::lock_guard lock(mutex);
                answered.push_back(title);
                ++writes;
            }
        });
    for (int c = 0; c < 3; ++c)
        clients.emplace_back([&] {
            while (!enough) (s.send("GET", "/students/2").status == 200 ? reads : bad_reads)++;
        });
    s.w.until("there is load", [&] { return writes >= 100 && reads >= 100; });
    CHECK(s.has_answered("one", "POST", "/students/{id}/grades"));
    CHECK(s.has_answered("two", "POST", "/students/{id}/grades"));
    s.w.kill("two");
    const int written = writes;
    const int read = reads;
    s.w.until("load goes on", [&] { return writes >= written + 100 && reads >= read + 100; });
    enough = true;
    for (auto& c : clients) c.join();

    CHECK(bad_reads == 0);
    const auto shown = s.send("GET", "/students/1").body;
    std::size_t kept_once = 0;
    for (const auto& title : answered) kept_once += count_of(shown, '"' + title + '"') == 1 ? 1 : 0;
    CHECK(kept_once == answered.size());
}

TEST_CASE("versions and keys hold behind the gateway, whichever process gets the request", "[scenario]") {
    shared_book s;
    const auto first_tag = s.send("GET", "/students/1").header("ETag");
    auto tag = first_tag;
    for (int i = 0; i < 40; ++i) {
        const auto name = R"({"FirstName":"Nick","LastName":"C)" + std::to_string(i) + R"("})";
        const auto done = s.send("PUT", "/students/1", name, "If-Match: " + tag + "\r\n");
        REQUIRE(done.status == 200);
        const auto late = s.send("PUT", "/students/1", name, "If-Match: " + tag + "\r\n");
        CHECK(late.status == 412);
        CHECK_THAT(late.body, Contains("\"currentVersion\":" + std::to_string(i + 2)));
        tag = done.header("ETag");
    }
    int first_answers = 0;
    for (int i = 0; i < 40; ++i) {
        const auto a =
            s.send("POST", "/students/2/grades", grade_called("Once"), "Idempotency-Key: 7f3a\r\n");
        CHECK(a.status == 201);
        CHECK(a.header("Location") == "/students/2/grades/16");
        first_answers += a.header("Idempotency-Replayed").empty() ? 1 : 0;
    }
    CHECK(first_answers == 1);
    for (const auto* name : {"one", "two"}) {
        CHECK(s.has_answered(name, "PUT", "/students/{id}"));
        CHECK(s.has_answered(name, "POST", "/students/{id}/grades"));
        CHECK(count_of(s.w.http("GET", s.at(name) + "/students/2").body, "Once") == 1);
    }
}
