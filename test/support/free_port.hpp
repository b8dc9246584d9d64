// A port that nobody listens at, for those who have to know it before they start.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

namespace distd::test {

inline std::string free_port() {
    boost::asio::io_context loop;
    const boost::asio::ip::tcp::acceptor any(loop, {boost::asio::ip::address_v4::any(), 0});
    return std::to_string(any.local_endpoint().port());
}

}  // namespace distd::test
