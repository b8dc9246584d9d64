#include "sim/peer.hpp"

#include <utility>

#include "sim/drawn.hpp"
#include "sim/local_sockets.hpp"

namespace distd::sim {
namespace {

constexpr int owner_of_peers = 0;  // processes of the system have their own

std::string list_of(const std::vector<std::string>& names) {
    std::string text = "[";
    for (const auto& name : names) text += (text.size() > 1 ? ",\"" : "\"") + name + '"';
    return text + "]";
}

}  // namespace

peer::peer(world& w, test::patch_validator& v, identity who)
    : world_(w),
      validator_(v),
      self_(std::move(who)),
      url_("http://" + self_.address + ":" + std::to_string(self_.port)) {}

void peer::begin() {
    ++life_;
    is_alive_ = true;
    is_leaving_ = false;
    patches_ = patch_mood::well;
    health_ = health_mood::well;
    reconnect();
    enroll();
}

void peer::die() {
    if (registrations_under_way_ > 0) listed_ = listing::unknown;
    is_alive_ = false;
    ++life_;
    disconnect();
    validator_.restarted(url_);
    doubt();
}

void peer::disconnect() {
    if (server_) world_.note(url_ + " listens no more");
    server_.reset();
    ail();
    is_impaired_ = true;
}

void peer::reconnect() {
    if (server_ || !is_alive_) return;
    const local_sockets::owner as(owner_of_peers);
    server_ = std::make_unique<peer_server>(world_.outside, self_.address, self_.port,
                                            [this](const auto& q) { hear(q); });
    world_.note(url_ + " listens");
    if (health_ == health_mood::well) healthy_since_ = world_.time.now();
}

void peer::ail() { healthy_since_ = sound_since_ = steady_point::max(); }

void peer::feel(patch_mood m) {
    patches_ = m;
    if (m != patch_mood::well) is_impaired_ = true;
}

void peer::feel(health_mood m) {
    health_ = m;
    if (m != health_mood::well) return ail();
    if (is_up() && healthy_since_ == steady_point::max()) healthy_since_ = world_.time.now();
}

void peer::hear(const std::shared_ptr<heard_request>& q) {
    if (q->method == "POST") return hear_patch(q);
    switch (health_) {
        case health_mood::well: return q->answer(200);
        case health_mood::unwell: return q->answer(503);
        case health_mood::cuts_off: return q->cut();
        case health_mood::hangs: return;
    }
}

// Whether the registry can know what became of it is what decides how the validator hears of it.
void peer::hear_patch(const std::shared_ptr<heard_request>& q) {
    json_error error;
    const auto p = parse_patch(q->body, error);
    if (!p) throw broken_promise("ordered patches: " + url_ + " was sent no patch: " + q->body);
    world_.note(url_ + " hears " + q->body);
    validator_.began(url_);
    ++patches_under_way_;
    q->on_over = [this] {
        --patches_under_way_;
        validator_.ended(url_);
    };
    const bool is_crossing = registrations_under_way_ > 0 || listed_ != listing::present;
    switch (patches_) {
        case patch_mood::well:
            is_crossing ? validator_.answer_lost(url_, *p, true) : validator_.applied(url_, *p);
            return q->answer(200);
        case patch_mood::refuses: return q->answer(404);
        case patch_mood::fails: validator_.answer_lost(url_, *p, false); return q->answer(500);
        case patch_mood::fails_after_taking: validator_.answer_lost(url_, *p, true); return q->answer(500);
        case patch_mood::hangs: return validator_.answer_lost(url_, *p, world_.draws.one_in(2));
        case patch_mood::cuts_off: validator_.answer_lost(url_, *p, world_.draws.one_in(2)); return q->cut();
        case patch_mood::dawdles:
            validator_.answer_lost(url_, *p, true);
            return world_.after(span(world_.draws, milliseconds(1), milliseconds(6000)),
                                [q] { q->answer(200); });
    }
}

void peer::doubt() {
    validator_.registered(url_);
    is_impaired_ = is_impaired_ || !server_ || patches_ != patch_mood::well || patches_under_way_ > 0;
}

std::string peer::registration() const {
    return R"({"ServiceName":")" + self_.name + R"(","ServiceURL":")" + url_ + R"(","RequiredServices":)" +
           list_of(self_.required) + R"(,"ServiceUpdateURL":")" +
           (requires_some() ? url_ + "/services" : "") + R"(","HeartbeatURL":")" + url_ + R"(/heartbeat"})";
}

void peer::enroll() {
    const auto where = registry();
    if (!is_alive_ || is_leaving_) return;
    if (where.empty()) {
        world_.after(milliseconds(500), [this, life = life_] {
            if (life == life_) enroll();
        });
        return;
    }
    if (registrations_under_way_++ == 0) is_impaired_ = false;
    doubt();
    const auto since = world_.time.now();
    const bool is_clear = registrations_under_way_ == 1 && !is_impaired_;
    const local_sockets::owner as(owner_of_peers);
    ask(world_.outside, world_.time, {"POST", where + "/services", registration()},
        [this, life = life_, since, is_clear](const peer_answer& a) {
            registered(life, since, is_clear, a);
        });
}

void peer::registered(int life, steady_point since, bool was_clear, const peer_answer& a) {
    --registrations_under_way_;
    world_.note(url_ + " is answered " + std::to_string(a.status));
    if (life != life_) return;
    if (a.status == 200) {
        listed_ = listing::present;
        if (!is_sound() && healthy_since_ <= since) sound_since_ = world_.time.now();
        return on_registered(*this, since, was_clear && !is_impaired_);
    }
    listed_ = listing::unknown;
    sound_since_ = steady_point::max();
    world_.after(span(world_.draws, milliseconds(200), milliseconds(2000)), [this, life] {
        if (life == life_ && listed_ != listing::present) enroll();
    });
}

// The last that a process says: whoever takes itself off is taken to have forgotten what it held. So none of
// its registrations is under way, and none follows.
void peer::take_itself_off() {
    const auto where = registry();
    if (!is_alive_ || is_leaving_ || registrations_under_way_ > 0 || where.empty()) return;
    is_leaving_ = true;
    listed_ = listing::unknown;
    sound_since_ = steady_point::max();
    const local_sockets::owner as(owner_of_peers);
    ask(world_.outside, world_.time, {"DELETE", where + "/services", url_},
        [this, life = life_](const peer_answer& a) {
            world_.note(url_ + " takes itself off: " + std::to_string(a.status));
            if (life != life_) return;
            if (a.status == 200 || a.status == 404) listed_ = listing::absent;
            die();
        });
}

void peer::notice_that_it_is_missing() {
    listed_ = listing::absent;
    enroll();
}

}  // namespace distd::sim
