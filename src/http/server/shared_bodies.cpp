#include "http/server/shared_bodies.hpp"

#include "base/assert.hpp"

namespace distd::http {

source_shares::verdict shared_bodies::take(const shared_text& body, std::string_view address, hold& into) {
    DISTD_ASSERT(!into.all_);
    const auto [place, is_new] = held_.try_emplace(body.get());
    if (is_new) {
        const auto said = memory_.take(address, place->second.memory, body->capacity());
        if (said != source_shares::verdict::granted) {
            held_.erase(place);
            return said;
        }
    }
    ++place->second.holders;
    into.all_ = &held_;
    into.body_ = body.get();
    return source_shares::verdict::granted;
}

void shared_bodies::hold::release() noexcept {
    if (!all_) return;
    const auto place = all_->find(body_);
    if (--place->second.holders == 0) all_->erase(place);
    all_ = nullptr;
}

}  // namespace distd::http
