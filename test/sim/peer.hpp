// A service of another make that registers at a registry, is probed, and hears patches: one that follows the
// base protocol, on bad days as well. Its moods and its deaths are the history's; what it holds is kept by
// the validator, as such a peer would hold it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/peer_http.hpp"
#include "sim/world.hpp"
#include "support/patch_validator.hpp"

namespace distd::sim {

// How it answers patches. Those that are neither well nor refusing leave open whether it took them.
enum class patch_mood : std::uint8_t { well, refuses, fails, fails_after_taking, hangs, cuts_off, dawdles };
enum class health_mood : std::uint8_t { well, unwell, hangs, cuts_off };

class peer {
public:
    struct identity {
        std::string name;
        std::string address;
        std::uint16_t port = 80;
        std::vector<std::string> required;
    };
    // Whether the registry has it, as far as its answers say.
    enum class listing : std::uint8_t { absent, present, unknown };

    peer(world&, test::patch_validator&, identity);

    [[nodiscard]] const std::string& url() const noexcept { return url_; }
    [[nodiscard]] const identity& self() const noexcept { return self_; }
    [[nodiscard]] bool is_up() const noexcept { return server_ != nullptr; }
    [[nodiscard]] listing listed() const noexcept { return listed_; }
    // It is sound when its registration was answered and no health check can have failed since it was sent:
    // the registry has no reason to take it off any list. Since when; max: it is not.
    [[nodiscard]] steady_point sound_since() const noexcept { return sound_since_; }
    [[nodiscard]] bool is_sound() const noexcept { return sound_since_ != steady_point::max(); }
    [[nodiscard]] bool requires_some() const noexcept { return !self_.required.empty(); }

    // A new life with nothing in its list; registers until it is answered.
    void begin();
    void die();         // kill -9: its list is gone with it
    void disconnect();  // nobody reaches it, but it lives on
    void reconnect();
    void change_requirements(std::vector<std::string> names) { self_.required = std::move(names); }

    void feel(patch_mood m);
    void feel(health_mood m);

    void enroll();                     // now, whatever was before
    void take_itself_off();            // and ends
    void notice_that_it_is_missing();  // from the registry's list: registers again

    // Where the registry is, empty while there is none.
    std::function<std::string()> registry;
    // A registration was answered with 200: which of those that it began at `since`.
    std::function<void(peer&, steady_point since, bool was_clear)> on_registered;

private:
    void hear(const std::shared_ptr<heard_request>&);
    void hear_patch(const std::shared_ptr<heard_request>&);
    void registered(int life, steady_point since, bool was_clear, const peer_answer&);
    void doubt();
    void ail();
    [[nodiscard]] std::string registration() const;

    world& world_;
    test::patch_validator& validator_;
    identity self_;
    std::string url_;
    std::unique_ptr<peer_server> server_;
    patch_mood patches_ = patch_mood::well;
    health_mood health_ = health_mood::well;
    listing listed_ = listing::absent;
    steady_point healthy_since_ = steady_point::max();  // listening, and well
    steady_point sound_since_ = steady_point::max();
    int life_ = 0;
    bool is_alive_ = false;
    bool is_leaving_ = false;  // until it dies, moments later
    int registrations_under_way_ = 0;
    int patches_under_way_ = 0;
    bool is_impaired_ = false;  // as to patches, since the oldest registration that is under way
};

}  // namespace distd::sim
