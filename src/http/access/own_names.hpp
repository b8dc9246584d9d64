// The names that a server goes by. Pure. They answer two questions, the second one more strictly:
//
// Is a request for us? To a browser a page is of the site that its name says, wherever that name leads:
// somebody who makes a name of their own lead here (DNS rebinding) has pages that look like ours, and only
// the Host field tells them apart.
//
// Was the proof with a call made for us? One that was made for somebody else, of whatever port, is none here.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace distd::http {

// A Host field without its port.
[[nodiscard]] std::string_view without_port(std::string_view host) noexcept;

class own_names {
public:
    // Takes every Host field for its own.
    [[nodiscard]] static own_names any();

    // A name of this machine, or one that leads to it, on whichever port is called. In Host fields
    // "*.example.org" is every name below that one, and "*" every name.
    void add_host(std::string_view name);
    // A name for Host fields only.
    void add_alias(std::string_view name);
    // HOST:PORT of the URL that is announced to others. For proofs only.
    void add_authority(std::string_view authority);

    // `host` as a Host field that was judged well-formed has it. Addresses, localhost and all below it are
    // always ours: nobody can make those lead somewhere.
    [[nodiscard]] bool answers(std::string_view host) const noexcept;

    // `authority`: HOST:PORT as a client wrote it. `called`: the end of the connection that is here. Besides
    // what was added: that address itself, and `localhost` where it is one of loopback.
    [[nodiscard]] bool is_called(std::string_view authority,
                                 const boost::asio::ip::tcp::endpoint& called) const;

    // What is wrong with a name for `add_host`, as a sentence for a person; empty: nothing.
    [[nodiscard]] static std::string fault_in(std::string_view name);

private:
    struct name {
        std::string text;  // lower case
        bool is_alias = false;
    };

    std::vector<name> names_;
    std::vector<std::string> endings_;                                // ".example.org"
    std::vector<std::pair<std::string, std::uint16_t>> authorities_;  // by host in lower case
    bool answers_all_ = false;
};

}  // namespace distd::http
