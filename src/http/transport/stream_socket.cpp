#include "http/transport/stream_socket.hpp"

#include "http/transport/tls_session.hpp"

namespace distd::http {

stream_socket::stream_socket(const executor& ex) : tcp_socket(ex) {}
stream_socket::stream_socket(tcp_socket connected) noexcept : tcp_socket(std::move(connected)) {}
stream_socket::~stream_socket() = default;
stream_socket::stream_socket(stream_socket&&) noexcept = default;
stream_socket& stream_socket::operator=(stream_socket&&) noexcept = default;

void stream_socket::speak(std::unique_ptr<tls_session> s) noexcept { tls_ = std::move(s); }

}  // namespace distd::http
