#include "net/client_pool.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "base/assert.hpp"
#include "net/client.hpp"

namespace distd::http {

client_pool::place::~place() {
    if (pool_) pool_->leave(*this);
}

bool client_pool::enter(std::string_view host, std::uint16_t port, place& p, std::function<void()> on_grant) {
    DISTD_ASSERT(!p.pool_);
    auto key = std::string(host) + ':' + std::to_string(port);
    auto& t = targets_[key];
    if (t.key.empty()) t.key = std::move(key);
    // Nobody is overtaken: who leaves hands over to the first in line, so a free place means an empty line.
    const bool is_free = t.in_use < setup_.connections_per_target;
    if (!is_free && t.waiting.size() >= setup_.waiting_per_target) return false;
    p.pool_ = this;
    p.target_ = &t;
    if (is_free) {
        p.granted_ = true;
        ++t.in_use;
    } else {
        p.on_grant_ = std::move(on_grant);
        t.waiting.push_back(p);
    }
    return true;
}

void client_pool::leave(place& p) {
    auto& t = *p.target_;
    if (!p.granted_) {
        t.waiting.erase(t.waiting.iterator_to(p));
    } else if (!t.waiting.empty()) {
        auto& next = t.waiting.front();
        t.waiting.pop_front();
        next.granted_ = true;
        next.on_grant_();
    } else {
        --t.in_use;
    }
    forget_if_unused(t);
}

void client_pool::forget_if_unused(const target& t) {
    if (t.in_use == 0 && t.idle.empty() && t.waiting.empty()) targets_.erase(targets_.find(t.key));
}

std::unique_ptr<client_connection> client_pool::take_idle(place& p) {
    DISTD_ASSERT(p.granted_);
    auto& idle = p.target_->idle;
    while (!idle.empty()) {
        auto c = std::move(idle.back());
        idle.pop_back();
        --idle_count_;
        if (is_quiet(c->socket)) return c;
    }
    return nullptr;
}

void client_pool::give_back(place& p, std::unique_ptr<client_connection> c, steady_point now) {
    DISTD_ASSERT(p.granted_);
    auto& t = *p.target_;
    c->idle_until = now + setup_.idle_time;
    t.idle.push_back(std::move(c));
    ++idle_count_;
    if (t.idle.size() > setup_.idle_per_target) drop_oldest(t);
}

void client_pool::drop_oldest(target& t) {
    t.idle.pop_front();
    --idle_count_;
}

steady_point client_pool::close_idle(steady_point now) {
    auto next = steady_point::max();
    for (auto it = targets_.begin(); it != targets_.end();) {
        auto& t = (it++)->second;  // may be forgotten below
        while (!t.idle.empty() && t.idle.front()->idle_until <= now) drop_oldest(t);
        if (!t.idle.empty()) next = std::min(next, t.idle.front()->idle_until);
        forget_if_unused(t);
    }
    return next;
}

void client_pool::close_all_idle() { close_idle(steady_point::max()); }

bool is_quiet(client_socket& socket) noexcept {
    char byte = 0;
    const auto n = ::recv(socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

}  // namespace distd::http
