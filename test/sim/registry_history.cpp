#include "sim/registry_history.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <vector>

#include "sim/drawn.hpp"
#include "sim/peer.hpp"
#include "sim/registry_reader.hpp"
#include "sim/troubled_process.hpp"
#include "sim/watched_loss.hpp"

namespace distd::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t required_ones = 30;
constexpr std::size_t requiring_ones = 60;
constexpr std::size_t names = 6;
constexpr const char* place_of_registry = "127.0.0.1:3000";
constexpr auto process_name = "registry";

std::string percent_encoded(const std::string& url) {
    std::string text;
    for (const char c : url) {
        if (c == ':')
            text += "%3A";
        else if (c == '/')
            text += "%2F";
        else
            text += c;
    }
    return text;
}

std::vector<std::string> draw_flags(chance& c) {
    const auto one_of = [&](std::initializer_list<const char*> choices) {
        return std::string(choices.begin()[c.below(choices.size())]);
    };
    return {std::string("--listen=") + place_of_registry,
            "--heartbeat-interval=" + one_of({"500ms", "1s", "3s"}),
            "--registry-probe-timeout=" + one_of({"300ms", "2s"}),
            "--registry-deregister-after=" + one_of({"5s", "20s", "60s"}),
            "--registry-guard-time=" + one_of({"0s", "10s"}),
            "--drain-timeout=" + one_of({"1s", "10s"})};
}

class history {
public:
    explicit history(world& w) : world_(w), registry_(w, process_name, "registry", draw_flags(w.draws)) {
        for (std::size_t i = 0; i < required_ones + requiring_ones; ++i) add_peer(i);
        registry_.before_start = [this] { validator_.registry_restarted(); };
        registry_.add({{"bad patches", 20, [this] { bad_patches(); }},
                       {"bad health", 12, [this] { bad_health(); }},
                       {"death", 8, [this] { death(); }},
                       {"disconnection", 6, [this] { disconnection(); }},
                       {"registration again", 8, [this] { registration_again(); }},
                       {"withdrawal", 3, [this] { withdrawal(); }},
                       {"drain", 3, [this] { drain(); }}});
    }

    void run() {
        registry_.begin();
        loss_.begin();
        look_again_and_again();
        for (auto& p : peers_) {
            peer& one = *p;
            world_.after(span(world_.draws, 1ms, 3s), [&one] { one.begin(); });
        }
        world_.run_for(5s);
        const auto rounds = 1 + world_.draws.below(3);
        for (std::size_t i = 0; i < rounds; ++i) {
            registry_.trouble(span(world_.draws, 5s, 40s), [this] { check_patches(); });
            heal();
        }
        loss_.end();
        check_patches();
    }

private:
    void add_peer(std::size_t i);
    [[nodiscard]] std::vector<std::string> draw_names(std::size_t max);
    [[nodiscard]] peer& any() { return *pick(world_.draws, peers_); }
    [[nodiscard]] std::string where() const {
        return world_.is_up(process_name) ? std::string("http://") + place_of_registry : std::string();
    }
    [[nodiscard]] milliseconds soon() { return span(world_.draws, 1ms, 10s); }

    void heal();

    void bad_patches();
    void bad_health();
    void death();
    void disconnection();
    void registration_again();
    void withdrawal();
    void drain();

    void look_again_and_again();
    void look(const std::function<void()>& then = {});
    void greeted(peer& who, steady_point since, bool was_clear);
    void end_drains();
    void find_the_missing();
    [[nodiscard]] std::string what_is_wrong();
    void check_patches();
    void check_registered();

    world& world_;
    test::patch_validator validator_;
    registry_reader reader_;
    std::vector<std::unique_ptr<peer>> peers_;
    troubled_process registry_;
    watched_loss loss_{world_, registry_, validator_, [this] { return where(); }};
    std::set<std::string> drained_;
    std::vector<listed_instance> list_;  // as read last
};

void history::add_peer(std::size_t i) {
    peer::identity who;
    const bool is_required = i < required_ones;
    who.name = (is_required ? "S" : "C") + std::to_string(i % names);
    who.address = "127.0.1." + std::to_string(i + 1);
    who.port = 8000;
    who.required = is_required && !world_.draws.one_in(4) ? std::vector<std::string>() : draw_names(3);
    auto& p = *peers_.emplace_back(std::make_unique<peer>(world_, validator_, std::move(who)));
    p.registry = [this] { return where(); };
    p.on_registered = [this](peer& one, steady_point since, bool was_clear) {
        greeted(one, since, was_clear);
    };
}

std::vector<std::string> history::draw_names(std::size_t max) {
    std::set<std::string> drawn;
    for (auto n = 1 + world_.draws.below(max); n > 0; --n)
        drawn.insert("S" + std::to_string(world_.draws.below(names)));
    return {drawn.begin(), drawn.end()};
}

// ---- what goes wrong

void history::bad_patches() {
    using enum patch_mood;
    constexpr patch_mood moods[] = {refuses, fails, fails_after_taking, hangs, cuts_off, dawdles};
    auto& p = any();
    p.feel(pick(world_.draws, moods));
    world_.after(soon(), [&p] { p.feel(well); });
}

void history::bad_health() {
    using enum health_mood;
    constexpr health_mood moods[] = {unwell, hangs, cuts_off};
    auto& p = any();
    p.feel(pick(world_.draws, moods));
    world_.after(soon(), [&p] { p.feel(well); });
}

void history::death() {
    auto& p = any();
    p.die();
    if (world_.draws.one_in(3)) p.change_requirements(draw_names(3));
    world_.after(soon(), [&p] {
        if (!p.is_up()) p.begin();
    });
}

void history::disconnection() {
    auto& p = any();
    p.disconnect();
    world_.after(soon(), [&p] { p.reconnect(); });
}

void history::registration_again() {
    auto& p = any();
    for (auto times = 1 + world_.draws.below(2); times > 0; --times) p.enroll();
}

void history::withdrawal() {
    auto& p = any();
    p.take_itself_off();
    world_.after(10s + soon(), [&p] {
        if (!p.is_up()) p.begin();
    });
}

void history::drain() {
    const auto at = where();
    if (at.empty()) return;
    auto& p = any();
    drained_.insert(p.url());
    ask(world_.outside, world_.time, {"PUT", at + "/services/" + percent_encoded(p.url()) + "/drain"},
        [](const auto&) {});
}

// ---- what must hold all the time

void history::look(const std::function<void()>& then) {
    const auto at = where();
    if (at.empty()) return;
    ask(world_.outside, world_.time, {"GET", at + "/events?limit=10000"}, [this](const peer_answer& a) {
        if (a.status == 200) reader_.read_timeline(a);
    });
    ask(world_.outside, world_.time, {"GET", at + "/services"}, [this, then](const peer_answer& a) {
        if (a.status != 200) return;
        list_ = reader_.read_list(a);
        check_registered();
        const auto are_unwell =
            std::ranges::count_if(list_, [](const auto& i) { return i.health != "passing"; });
        loss_.look(are_unwell > static_cast<std::ptrdiff_t>(list_.size() / 4));
        if (then) then();
    });
}

void history::look_again_and_again() {
    look();
    world_.after(1s, [this] { look_again_and_again(); });
}

void history::check_registered() {
    std::set<std::string> listed;
    for (const auto& i : list_)
        if (!listed.insert(i.url).second) throw broken_promise("registered exactly once: " + i.url);
    for (const auto& p : peers_)
        if (p->is_sound() && !listed.contains(p->url()))
            throw broken_promise("durable registration: " + p->url() + " is not listed");
}

// When its registration is answered a newcomer has heard of everybody who was there all the time.
void history::greeted(peer& who, steady_point since, bool was_clear) {
    if (!was_clear || !who.requires_some()) return;
    const auto held = validator_.held(who.url());
    for (const auto& p : peers_) {
        const auto& wanted = who.self().required;
        if (std::ranges::find(wanted, p->self().name) == wanted.end() || drained_.contains(p->url()))
            continue;
        const bool was_there = p->sound_since() < since;
        if (was_there && !held.contains({p->self().name, p->url()}))
            throw broken_promise("first patch before the answer: " + who.url() +
                                 " was answered and has not heard of " + p->url());
    }
}

void history::check_patches() {
    const auto& broken = validator_.broken_promises();
    if (!broken.empty()) throw broken_promise("patches: " + broken.front());
}

// ---- what must hold in the end

void history::heal() {
    for (const auto& p : peers_) {
        p->feel(patch_mood::well);
        p->feel(health_mood::well);
        p->is_up() ? void() : p->reconnect();
        if (!p->is_up()) p->begin();
    }
    registry_.heal();
    end_drains();
    find_the_missing();
    const bool is_right = world_.run_until([this] { return what_is_wrong().empty(); }, 120s);
    check_patches();
    if (!is_right) throw broken_promise("patches are delivered eventually: " + what_is_wrong());
}

void history::end_drains() {
    for (const auto& url : drained_)
        ask(world_.outside, world_.time, {"DELETE", where() + "/services/" + percent_encoded(url) + "/drain"},
            [](const auto&) {});
    drained_.clear();
    world_.run_for(5s);
}

// Those that the registry gave up meanwhile come back by themselves.
void history::find_the_missing() {
    look([this] {
        for (const auto& p : peers_) {
            const auto is_it = [&](const auto& i) { return i.url == p->url(); };
            if (std::ranges::none_of(list_, is_it)) p->notice_that_it_is_missing();
        }
    });
    world_.run_for(10s);
}

std::string history::what_is_wrong() {
    look();
    world_.run_for(1ms);
    for (const auto& i : list_)
        if (i.health != "passing" && i.url != loss_.url()) return i.url + " is " + i.health;
    for (const auto& p : peers_) {
        const auto held = validator_.held(p->url());
        for (const auto& other : peers_) {
            const auto& wanted = p->self().required;
            const bool is_wanted = std::ranges::find(wanted, other->self().name) != wanted.end();
            const auto times = held.count({other->self().name, other->url()});
            if (times != (is_wanted ? 1U : 0U))
                return p->url() + " has " + other->url() + " " + std::to_string(times) + " times";
        }
    }
    return {};
}

}  // namespace

void run_registry_history(world& w) { history(w).run(); }

}  // namespace distd::sim
