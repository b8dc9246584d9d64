// Under which names a server is called: HOST:PORT, as clients write it. A proof that was made for somebody
// else is none here. Pure.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <set>
#include <string>
#include <string_view>

namespace distd::http {

class own_authorities {
public:
    // Of a URL, or HOST:PORT, by which others are told to call it: as it stands.
    void add_authority(std::string_view authority);
    // Of this machine, or a name that leads to it: on the port that was called.
    void add_host(std::string host);

    // `called`: the end of the connection that is here. Besides what was added: that address itself, and
    // `localhost` where it is one of loopback.
    [[nodiscard]] bool includes(std::string_view authority,
                                const boost::asio::ip::tcp::endpoint& called) const;

private:
    std::set<std::string, std::less<>> authorities_;
    std::set<std::string, std::less<>> hosts_;
};

}  // namespace distd::http
