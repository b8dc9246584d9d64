// Subscribers as peers write them, and the promises that a registry makes them. Each patch that reaches one
// is told to the validator, which applies it the way such a peer does (append what is Added, delete one equal
// URL for each Removed) and notes every broken promise by its name:
//
//   one at a time      no patch while the one before is under way
//   no duplicates      never an Added for what is held
//   no false Removed   never a Removed for what is not held, unless the registry cannot know: after an
//   exchange whose answer
//                      was lost, after the subscriber registered anew, or after its own restart
//   eventually equal   in the end each subscriber holds exactly what it should (`expect_equal`)
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "wire/patch.hpp"

namespace distd::test {

class patch_validator {
public:
    using entry = std::pair<std::string, std::string>;  // name, URL

    void began(const std::string& subscriber);                  // a patch is on its way
    void ended(const std::string& subscriber);                  // its answer came, or will not come
    void applied(const std::string& subscriber, const patch&);  // it took the patch and answers
    // Its answer will be lost: before the subscriber took the patch, or after.
    void answer_lost(const std::string& subscriber, const patch&, bool was_applied);
    void registered(const std::string& subscriber);  // for the first time or again
    void restarted(const std::string& subscriber);   // holds nothing any more
    void left(const std::string& subscriber);
    void registry_restarted();

    void expect_equal(const std::string& subscriber, const std::set<entry>& wanted);
    [[nodiscard]] std::multiset<entry> held(const std::string& subscriber) const;
    [[nodiscard]] const std::vector<std::string>& broken_promises() const noexcept { return broken_; }

private:
    struct peer {
        std::multiset<entry> held;
        std::set<entry> in_doubt;  // the registry cannot know whether these are held
        bool is_under_way = false;
        bool is_of_an_earlier_life = false;  // the patch under way was sent before the latest registration
        bool doubts_all = false;             // the same for everything: until it has been told of an entry
        std::set<entry> told;                // since it registered
    };

    void apply(const std::string& subscriber, peer&, const patch&);
    void broke(const std::string& promise, const std::string& subscriber, const entry&);

    std::map<std::string, peer> peers_;
    std::vector<std::string> broken_;
};

}  // namespace distd::test
