#include "http/client/client_pool.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.hpp"
#include "http/transport/socket_io.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t closed_in_a_shortage = 64;

// Nothing is wrong with the peer: this process, or the machine, has no descriptors left.
bool is_shortage(const boost::system::error_code& ec) noexcept {
    return ec == asio::error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system;
}

}  // namespace

client_pool::target_ref::target_ref(client_pool& pool, std::string key)
    : pool_(pool), target_(pool.find_or_add(std::move(key))) {
    ++target_.references;
}

client_pool::target_ref::~target_ref() {
    --target_.references;
    pool_.forget_if_unused(target_);
}

client_pool::~client_pool() { close_all_idle(); }

client_pool::target& client_pool::find_or_add(std::string key) {
    const auto [found, is_new] = targets_.try_emplace(std::move(key));
    found->second.key = &found->first;
    return found->second;
}

bool client_pool::enter(const target_ref& to, slot& s, std::function<void()> on_grant) {
    DISTD_ASSERT(!s.pool_);
    auto& t = to.target_;
    // First come, first served: a slot that is given back goes to the first in the queue, so a free one means
    // an empty queue.
    const bool is_free = t.in_use < setup_.connections_per_target;
    if (!is_free && t.waiting.size() >= setup_.waiting_per_target) return false;
    s.pool_ = this;
    s.target_ = &t;
    if (is_free) {
        s.granted_ = true;
        ++t.in_use;
    } else {
        s.on_grant_ = std::move(on_grant);
        t.waiting.push_back(s);
    }
    return true;
}

void client_pool::slot::leave() {
    if (!pool_) return;
    auto& pool = *std::exchange(pool_, nullptr);
    auto& t = *std::exchange(target_, nullptr);
    if (!std::exchange(granted_, false))
        t.waiting.erase(t.waiting.iterator_to(*this));
    else if (std::exchange(is_uncounted_, false))
        --t.uncounted;
    else
        pool.grant_next(t);
    pool.forget_if_unused(t);
}

void client_pool::grant_next(target& t) {
    if (t.waiting.empty()) {
        --t.in_use;
        return;
    }
    auto& next = t.waiting.front();
    t.waiting.pop_front();
    next.granted_ = true;
    next.on_grant_();
}

void client_pool::slot::uncount() {
    DISTD_ASSERT(granted_ && !is_uncounted_);
    is_uncounted_ = true;
    ++target_->uncounted;
    pool_->grant_next(*target_);
}

void client_pool::forget_if_unused(const target& t) {
    if (t.in_use == 0 && t.uncounted == 0 && t.references == 0 && t.idle.empty() && t.owned == 0 &&
        t.waiting.empty())
        targets_.erase(targets_.find(*t.key));
}

// Out of where it idles.
std::unique_ptr<client_pool::connection> client_pool::release(connection& c) {
    auto& t = *std::exchange(c.idles_at, nullptr);
    auto& all = c.owned_by ? c.owned_by->idle_ : t.idle;
    if (c.owned_by) --t.owned;
    // Most were used last, or are the oldest.
    const auto is_it = [&c](const auto& other) { return other.get() == &c; };
    const auto place = all.back().get() == &c ? std::prev(all.end()) : std::ranges::find_if(all, is_it);
    auto taken = std::move(*place);
    all.erase(place);
    by_age_.erase(by_age_.iterator_to(c));
    return taken;
}

std::unique_ptr<client_pool::connection> client_pool::take_idle(slot& s, connection_owner* who) {
    DISTD_ASSERT(s.granted_);
    auto& t = *s.target_;
    if (who)
        if (auto own = take_owned(t, *who)) return own;
    while (!t.idle.empty()) {
        auto c = release(*t.idle.back());
        if (is_quiet(c->socket)) return c;
    }
    return nullptr;
}

std::unique_ptr<client_pool::connection> client_pool::take_owned(const target& t, connection_owner& who) {
    const auto is_at = [&t](const auto& c) { return c->idles_at == &t; };
    for (;;) {
        const auto found = std::ranges::find_if(who.idle_, is_at);
        if (found == who.idle_.end()) return nullptr;
        auto c = release(**found);
        if (is_quiet(c->socket)) return c;
    }
}

void client_pool::give_back(slot& s, std::unique_ptr<connection> c, steady_point now) {
    DISTD_ASSERT(s.granted_);
    if (setup_.keeps_oldest && by_age_.size() >= setup_.idle_in_all) return;
    auto& t = *s.target_;
    c->idle_until = now + setup_.idle_time;
    c->idles_at = &t;
    by_age_.push_back(*c);
    if (c->owned_by) {
        ++t.owned;
        c->owned_by->idle_.push_back(std::move(c));
        if (t.owned > setup_.idle_per_target) close_oldest_owned(t);
    } else {
        t.idle.push_back(std::move(c));
        if (t.idle.size() > setup_.idle_per_target) release(*t.idle.front()).reset();
    }
    if (by_age_.size() > setup_.idle_in_all) close_oldest(1);
}

steady_point client_pool::close_idle(steady_point now) {
    while (!by_age_.empty() && by_age_.front().idle_until <= now) close_oldest(1);
    return by_age_.empty() ? steady_point::max() : by_age_.front().idle_until;
}

void client_pool::close_oldest(std::size_t how_many) {
    for (; how_many > 0 && !by_age_.empty(); --how_many) {
        auto& t = *by_age_.front().idles_at;
        release(by_age_.front()).reset();
        forget_if_unused(t);
    }
}

// Where somebody uses the target: it stays.
void client_pool::close_oldest_owned(const target& t) {
    const auto is_it = [&t](const auto& c) { return c.idles_at == &t && c.owned_by; };
    const auto oldest = std::find_if(by_age_.begin(), by_age_.end(), is_it);
    if (oldest != by_age_.end()) release(*oldest).reset();
}

connection_owner::~connection_owner() {
    while (!idle_.empty()) {
        auto& t = *idle_.back()->idles_at;
        pool_.release(*idle_.back()).reset();
        pool_.forget_if_unused(t);
    }
}

std::optional<errc> client_pool::open(stream_socket& socket, const asio::ip::tcp& protocol) {
    boost::system::error_code ec;
    socket.open(protocol, ec);
    if (is_shortage(ec)) {
        close_oldest(closed_in_a_shortage);
        socket.open(protocol, ec);
    }
    if (is_shortage(ec)) return errc::overloaded;
    if (!ec) socket.non_blocking(true, ec);
    return ec ? std::optional(errc::unreachable) : std::nullopt;
}

void client_pool::close_all_idle() { close_oldest(by_age_.size()); }

}  // namespace distd::http
