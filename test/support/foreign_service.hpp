// A service of another make, as a small program on a standard library is one: it serves a path of its own,
// registers, believes every patch, logs to its provider one line per request, and sends its DELETE twice. It
// keeps a record of what it was told. Its server and its outgoing requests run in threads of their own: what
// a test asks of it is done later, in order.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/foreign_http.hpp"

namespace distd::test {

enum class field_spelling : std::uint8_t { pascal, camel, snake };  // ServiceName, serviceName, service_name
enum class empty_lists : std::uint8_t { as_arrays, null, missing };

struct foreign_setup {
    std::string name = "Foreign";
    std::vector<std::string> required{};
    field_spelling spelling = field_spelling::pascal;
    empty_lists without_required = empty_lists::as_arrays;
    std::string update_path = "/services";      // empty: it wants no patches
    std::string heartbeat_path = "/heartbeat";  // empty: it cannot be probed
    std::string host = "localhost";
    bool with_scheme = true;             // of the ServiceURL
    foreign_server::handler business{};  // what is neither of the two; GET /books when empty
};

struct foreign_entry {
    std::string name;
    std::string url;
    friend bool operator==(const foreign_entry&, const foreign_entry&) = default;
};

using real_time = std::chrono::steady_clock::time_point;

struct heard_patch {
    int order = 0;  // among everything that foreign services of this process heard
    real_time at{};
    std::vector<foreign_entry> added;
    std::vector<foreign_entry> removed;
    std::string body;
};

struct heard_answer {
    int order = 0;
    int status = 0;
    real_time asked{};
    real_time answered{};
    std::string body;
};

class foreign_service {
public:
    enum class mood : std::uint8_t {
        well,     // 200
        failing,  // 500
        hanging,  // no answer
        deaf,     // of patches: takes them, and no answer
    };

    explicit foreign_service(foreign_setup s);
    ~foreign_service();
    foreign_service(const foreign_service&) = delete;
    foreign_service& operator=(const foreign_service&) = delete;

    void start(std::uint16_t port = 0);  // listens; the port of the first time is kept
    void stop();  // its port refuses connections, as after a crash; nothing is deregistered
    [[nodiscard]] std::string url() const;       // as it registers
    [[nodiscard]] std::string base_url() const;  // http://127.0.0.1:PORT

    // Asked of its own thread, done in this order.
    void enroll(const std::string& registry_url);  // looks for its log provider once, right after the 200
    void leave(const std::string& registry_url);   // twice, as such programs do
    void log(const std::string& text);
    void send(const std::string& method, const std::string& url, const std::string& body = {});
    [[nodiscard]] bool idle() const;  // everything asked for is done

    void heartbeat_is(mood m) noexcept { heartbeat_ = m; }
    void update_is(mood m) noexcept { update_ = m; }

    [[nodiscard]] std::vector<heard_answer> answers(
        const std::string& method) const;                    // to what it asked, by method
    [[nodiscard]] bool registered() const;                   // its last registration was answered 200
    [[nodiscard]] std::vector<heard_patch> patches() const;  // those it answered
    [[nodiscard]] int unanswered_patches() const noexcept { return unanswered_patches_; }
    [[nodiscard]] int heartbeats() const noexcept { return heartbeats_; }
    [[nodiscard]] std::vector<std::string> providers(const std::string& name) const;
    [[nodiscard]] std::optional<std::string> log_provider() const;
    [[nodiscard]] int added_twice() const;  // an Added for a URL that it held
    [[nodiscard]] int removed_unheld() const;
    [[nodiscard]] std::string registration() const;  // the JSON that it sends

private:
    void work();
    void ask(std::function<void()> what);
    void request(const std::string& method, const std::string& url, const std::string& body,
                 const std::string& type);
    [[nodiscard]] std::optional<foreign_answer> answer(const foreign_request& q);
    [[nodiscard]] std::optional<foreign_answer> take_patch(const foreign_request& q);
    void apply(heard_patch p);

    const foreign_setup setup_;
    std::atomic<mood> heartbeat_ = mood::well;
    std::atomic<mood> update_ = mood::well;
    std::atomic<int> heartbeats_ = 0;
    std::atomic<int> unanswered_patches_ = 0;

    mutable std::mutex mutex_;
    std::condition_variable asked_;
    std::deque<std::function<void()>> to_do_;
    bool busy_ = false;
    bool ending_ = false;
    std::vector<heard_patch> patches_;
    std::map<std::string, std::vector<heard_answer>> answers_;
    std::map<std::string, std::vector<std::string>> providers_;
    std::optional<std::string> log_provider_;
    int added_twice_ = 0;
    int removed_unheld_ = 0;

    foreign_caller caller_;
    foreign_server server_;
    std::thread worker_;
};

}  // namespace distd::test
