// Real processes among peers of another make, at their worst moments: killed in the middle of what others
// send them.
#include <signal.h>

#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "support/foreign_registry.hpp"
#include "support/foreign_service.hpp"
#include "support/world.hpp"

using namespace distd::test;

namespace {

// Sends one request after the other from a thread, whatever becomes of the receiver, and counts the answers.
class steady_sender {
public:
    steady_sender(std::string url, std::string type, int answer, std::function<std::string(int)> body)
        : thread_([this, url = std::move(url), type = std::move(type), answer, body = std::move(body)] {
              for (int i = 0; !caller_.closed(); ++i)
                  if (caller_.call("POST", url, body(i), type).status == answer) note(i);
          }) {}
    ~steady_sender() { stop(); }
    steady_sender(const steady_sender&) = delete;
    steady_sender& operator=(const steady_sender&) = delete;

    void stop() {
        caller_.close();
        if (thread_.joinable()) thread_.join();
    }
    [[nodiscard]] std::set<int> acknowledged() const {
        const std::lock_guard lock(mutex_);
        return acknowledged_;
    }

private:
    void note(int i) {
        const std::lock_guard lock(mutex_);
        acknowledged_.insert(i);
    }

    mutable std::mutex mutex_;
    std::set<int> acknowledged_;
    foreign_caller caller_;
    std::thread thread_;
};

// Three times: a hundred acknowledgements, kill -9 while more are under way, start at the same address.
void kill_again_and_again(process_world& w, const std::string& role, const std::string& url,
                          steady_sender& sender) {
    for (int round = 0; round < 3; ++round) {
        const auto before = sender.acknowledged().size();
        w.until("a hundred more are acknowledged",
                [&] { return sender.acknowledged().size() >= before + 100; });
        w.kill(role);
        w.start(role, role,
                {"--listen=" + role + "=127.0.0.1:" + std::to_string(port_of(url)),
                 "--registry=http://127.0.0.1:1", "--heartbeat-interval=1m"});
    }
    sender.stop();
}

std::size_t times_in(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

}  // namespace

TEST_CASE("an acknowledged registration survives kill -9 among others in flight", "[e2e]") {
    process_world w;
    w.start("registry", "registry", {"--heartbeat-interval=1m"});
    const auto registry = w.address("registry", "registry");
    const auto url_of = [](int i) { return "http://127.0.0.1:" + std::to_string(i + 1); };
    steady_sender sender(registry + "/services", "application/json", 200, [&](int i) {
        return R"({"ServiceName":"Many","ServiceURL":")" + url_of(i) + R"("})";
    });
    kill_again_and_again(w, "registry", registry, sender);
    const auto list = w.http("GET", registry + "/services").body;
    for (const int i : sender.acknowledged())
        if (times_in(list, "\"" + url_of(i) + "\"") != 1) FAIL_CHECK("not listed once: " << url_of(i));
}

TEST_CASE("an acknowledged log line survives kill -9 among others in flight", "[e2e]") {
    process_world w;
    w.start("log", "log", {"--registry=http://127.0.0.1:1"});
    const auto log = w.address("log", "log");
    steady_sender sender(log + "/log", "text/plain", 200,
                         [](int i) { return "[Foreign] - sentence " + std::to_string(i) + ";\n"; });
    kill_again_and_again(w, "log", log, sender);
    const auto kept = w.http("GET", log + "/log?limit=100000&q=sentence").body;
    for (const int i : sender.acknowledged())
        if (times_in(kept, "sentence " + std::to_string(i) + ";") != 1)
            FAIL_CHECK("not kept once: sentence " << i);
}

TEST_CASE("an acknowledged grade survives kill -9 among others in flight", "[e2e]") {
    process_world w;
    w.start("grading", "grading", {"--registry=http://127.0.0.1:1"});
    const auto grading = w.address("grading", "grading");
    steady_sender sender(grading + "/students/3/grades", "application/json", 201, [](int i) {
        return R"({"Title":"Test )" + std::to_string(i) + R"(","Type":"Test","Score":50})";
    });
    kill_again_and_again(w, "grading", grading, sender);
    const auto emma = w.http("GET", grading + "/students/3").body;
    for (const int i : sender.acknowledged())
        if (times_in(emma, R"("Test )" + std::to_string(i) + "\"") != 1)
            FAIL_CHECK("not kept once: Test " << i);
}

TEST_CASE("a stopping role deregisters from a third-party registry, once", "[e2e]") {
    foreign_registry registry(50);
    registry.start();
    process_world w;
    w.start("all", "log,grading,portal", {"--registry=" + registry.url(), "--heartbeat-interval=300ms"});
    w.until("all are registered", [&] {
        return registry.times_listed("LogService") + registry.times_listed("GradingService") +
                   registry.times_listed("Portald") ==
               3;
    });
    w.stop("all");
    for (const auto* name : {"LogService", "GradingService", "Portald"})
        CHECK(registry.times_listed(name) == 0);
    CHECK(registry.posts() == 3);
}

TEST_CASE("a registry killed while a subscriber hangs patches it once after its restart", "[e2e]") {
    process_world w;
    const std::vector<std::string> brisk{"--heartbeat-interval=200ms"};
    w.start("registry", "registry", brisk);
    const auto registry = w.address("registry", "registry");
    foreign_service user({.name = "User", .required = {"LogService"}});
    foreign_service provider({.name = "LogService"});
    for (auto* s : {&user, &provider}) s->start();
    user.enroll(registry);
    w.until("the user is registered", [&] { return user.registered(); });
    user.update_is(foreign_service::mood::hanging);
    provider.enroll(registry);
    w.until("the provider is registered", [&] { return provider.registered(); });
    w.until("a patch hangs", [&] { return user.unanswered_patches() > 0; });
    w.kill("registry");
    user.update_is(foreign_service::mood::well);
    auto flags = brisk;
    flags.push_back("--listen=registry=127.0.0.1:" + std::to_string(port_of(registry)));
    w.start("registry", "registry", flags);
    w.until("the user has heard",
            [&] { return user.providers("LogService") == std::vector<std::string>{provider.url()}; });
    CHECK(user.added_twice() == 0);
}
