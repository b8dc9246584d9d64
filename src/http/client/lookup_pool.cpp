#include "http/client/lookup_pool.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <cstring>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "base/handler_scope.hpp"
#include "base/signals_blocked.hpp"

namespace distd::http {
namespace {

namespace ip = boost::asio::ip;
using callback = std::function<void(resolver::found)>;

constexpr std::size_t max_addresses = 8;

std::optional<ip::address> address_of(const addrinfo& one) {
    if (one.ai_family == AF_INET && one.ai_addrlen >= sizeof(sockaddr_in)) {
        sockaddr_in v4{};
        std::memcpy(&v4, one.ai_addr, sizeof v4);
        return ip::address_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (one.ai_family == AF_INET6 && one.ai_addrlen >= sizeof(sockaddr_in6)) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, one.ai_addr, sizeof v6);
        ip::address_v6::bytes_type bytes;
        std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
        return ip::address_v6(bytes, v6.sin6_scope_id);
    }
    return std::nullopt;
}

}  // namespace

resolver::found ask_system(const std::string& host) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG;
    addrinfo* first = nullptr;
    const auto failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
    if (failed == EAI_NONAME || failed == EAI_NODATA) return address_list();
    if (failed != 0) return errc::unreachable;
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all(first, &::freeaddrinfo);
    address_list found;
    for (const auto* one = first; one != nullptr && found.size() < max_addresses; one = one->ai_next) {
        const auto address = address_of(*one);
        if (address && std::ranges::find(found, *address) == found.end()) found.push_back(*address);
    }
    return found;
}

struct lookup_pool::shared : std::enable_shared_from_this<lookup_pool::shared> {
    shared(executor ex, blocking_lookup b, lookup_schedule::limits l)
        : loop(ex), look_up(std::move(b)), limits(l), schedule(l) {}

    // On the loop.
    void ask(const std::string& host, callback done);
    void start_thread();
    void deliver(const std::string& host, const resolver::found& what);
    void close() noexcept;

    // On any thread, with the mutex held.
    void post_found(const std::string& host, resolver::found what);
    void refuse_surplus();

    // On the threads.
    void serve();
    [[nodiscard]] std::optional<std::string> next(std::unique_lock<std::mutex>& lock);
    void found(const std::string& host, resolver::found what);

    const executor loop;
    const blocking_lookup look_up;
    const lookup_schedule::limits limits;

    // The loop's alone. Who waits keeps the loop running, as any other operation does.
    struct waiters {
        boost::asio::executor_work_guard<executor> work;
        std::vector<callback> callbacks;
    };
    std::map<std::string, waiters> asked;
    bool is_closed_on_loop = false;

    std::mutex mutex;  // guards what follows
    std::condition_variable changed;
    lookup_schedule schedule;
    std::size_t threads = 0;
    std::size_t idle = 0;
    bool is_closed = false;
};

void lookup_pool::shared::ask(const std::string& host, callback done) {
    if (is_closed_on_loop) return;
    const auto known = asked.find(host);
    if (known != asked.end()) return known->second.callbacks.push_back(std::move(done));
    asked.emplace(host, waiters{boost::asio::make_work_guard(loop), {}})
        .first->second.callbacks.push_back(std::move(done));
    bool needs_thread = false;
    {
        std::lock_guard lock(mutex);
        schedule.add(host, real_time().now());
        refuse_surplus();
        needs_thread = idle == 0 && threads < limits.max_running;
    }
    if (needs_thread) start_thread();
    changed.notify_one();
}

// Without one more, those that are there do the work; without any, it waits for the next question.
void lookup_pool::shared::start_thread() {
    const signals_blocked quiet;
    try {
        std::thread t([self = shared_from_this()] { self->serve(); });
        pthread_setname_np(t.native_handle(), "distd-names");
        t.detach();
        std::lock_guard lock(mutex);
        ++threads;
    } catch (const std::system_error&) {}
}

void lookup_pool::shared::serve() {
    std::unique_lock lock(mutex);
    while (const auto host = next(lock)) {
        lock.unlock();
        auto what = look_up(*host);
        lock.lock();
        found(*host, std::move(what));
    }
}

// Nothing when it is closed.
std::optional<std::string> lookup_pool::shared::next(std::unique_lock<std::mutex>& lock) {
    for (;;) {
        if (is_closed) return std::nullopt;
        auto host = schedule.take(real_time().now());
        refuse_surplus();
        if (host) return host;
        ++idle;
        if (schedule.next_change() == steady_point::max())
            changed.wait(lock);
        else
            changed.wait_until(lock, schedule.next_change());
        --idle;
    }
}

// With the mutex held: once it is closed the loop may be gone.
void lookup_pool::shared::found(const std::string& host, resolver::found what) {
    schedule.done(host, real_time().now());
    if (is_closed) return;
    post_found(host, std::move(what));
    changed.notify_one();
}

void lookup_pool::shared::post_found(const std::string& host, resolver::found what) {
    boost::asio::post(loop, [self = shared_from_this(), host, what = std::move(what)] {
        const handler_scope scope("a host name that was looked up");
        self->deliver(host, what);
    });
}

void lookup_pool::shared::refuse_surplus() {
    for (const auto& host : schedule.take_refused()) post_found(host, errc::overloaded);
}

void lookup_pool::shared::deliver(const std::string& host, const resolver::found& what) {
    const auto waiting = asked.extract(host);
    if (waiting.empty()) return;
    for (const auto& done : waiting.mapped().callbacks) done(what);
}

void lookup_pool::shared::close() noexcept {
    is_closed_on_loop = true;
    asked.clear();
    std::lock_guard lock(mutex);
    is_closed = true;
    changed.notify_all();
}

lookup_pool::lookup_pool(executor ex, blocking_lookup b, lookup_schedule::limits l)
    : shared_(std::make_shared<shared>(ex, std::move(b), l)) {}

lookup_pool::~lookup_pool() { close(); }

void lookup_pool::close() noexcept { shared_->close(); }

resolver::lookup lookup_pool::lookup() {
    return [pool = shared_](const std::string& host, callback done) { pool->ask(host, std::move(done)); };
}

}  // namespace distd::http
