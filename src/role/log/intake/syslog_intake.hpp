// Syslog over TCP and UDP, when the settings ask for it. TCP syslog has no acknowledgements, so a sender
// is slowed down instead: the next bytes are read when the lines of those before are stored. Datagrams that
// come faster than they can be stored are lost, and counted.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <distd/service.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "role/log/intake/intake_control.hpp"
#include "role/log/intake/syslog.hpp"

namespace distd::logs {

class syslog_intake {
public:
    // Opens the ports that the settings name. Throws settings_error or what says why a port cannot be opened.
    syslog_intake(service&, intake_control&);
    ~syslog_intake();
    syslog_intake(const syslog_intake&) = delete;
    syslog_intake& operator=(const syslog_intake&) = delete;

    [[nodiscard]] static std::vector<setting> settings();

private:
    using tcp_socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, executor>;
    using tcp_acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, executor>;
    using udp_socket = boost::asio::basic_datagram_socket<boost::asio::ip::udp, executor>;
    struct datagrams;

    void open_tcp(const std::string& address);
    void open_udp(const std::string& address);
    void announce(const char* transport, const std::string& host, int port);

    [[nodiscard]] task<> accept();
    [[nodiscard]] task<> serve(std::shared_ptr<tcp_socket>);
    // `from`: see arrival.
    [[nodiscard]] task<> store_frames(syslog_frames&, bool is_end, const std::string& from);
    // False: there are no more for now, or the batch has enough.
    [[nodiscard]] task<bool> read_frames(syslog_frames&, bool is_end, batch&, const std::string& from);
    [[nodiscard]] task<> receive();
    [[nodiscard]] task<> read_datagrams(batch&);
    // Of a message that would hold up the loop.
    [[nodiscard]] task<> read_off_loop(batch&, std::string_view message, arrival);
    // What senders had sent when the stop began is read and stored.
    [[nodiscard]] task<> settle();

    [[nodiscard]] task<> store(intake_counters&, batch);

    service& service_;
    intake_control& control_;
    intake_counters tcp_counters_;
    intake_counters udp_counters_;
    counter& lost_datagrams_;
    counter& http_requests_;
    gauge& connections_;
    tcp_acceptor acceptor_;
    udp_socket udp_;
    std::unique_ptr<datagrams> datagrams_;
    std::set<std::shared_ptr<tcp_socket>> open_;
    alarm_clock one_ended_;
    bool receiving_ = false;
    bool draining_ = false;
};

}  // namespace distd::logs
