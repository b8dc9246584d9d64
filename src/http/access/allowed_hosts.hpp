// The names that a server answers to. To a browser a page is of the site that its name says, wherever that
// name leads: somebody who makes a name of their own lead here (DNS rebinding) has pages that look like ours,
// and only the Host field tells them apart. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace distd::http {

// A Host field without its port.
[[nodiscard]] std::string_view without_port(std::string_view host) noexcept;

class allowed_hosts {
public:
    // `names`: host names in any letter case. "*.example.org" is every name below that one, "*" every name.
    explicit allowed_hosts(std::vector<std::string> names = {});

    // `host` as a Host field that was judged well-formed has it. Addresses, localhost and all below it are
    // always allowed: nobody can make those lead somewhere.
    [[nodiscard]] bool allows(std::string_view host) const noexcept;

    // What is wrong with one of `names`, as a sentence for a person; empty: nothing.
    [[nodiscard]] static std::string fault_in(std::string_view name);

private:
    std::vector<std::string> names_;
    std::vector<std::string> endings_;  // ".example.org"
    bool allows_all_ = false;
};

}  // namespace distd::http
