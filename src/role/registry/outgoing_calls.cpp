#include "role/registry/outgoing_calls.hpp"

#include <sys/resource.h>

#include <utility>

#include "sdk/role_services.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t max_answer = 64 << 10;

http::slim_setup setup_of(service& s, const call_targets& allowed) {
    http::slim_setup setup;
    setup.may_connect = [&allowed](const boost::asio::ip::address& a) { return allowed.may_call(a); };
    setup.pool.credentials = credentials_of(s);
    setup.metrics_prefix = "distd_registry_client";
    // The rest is for those who call us, and for files.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        setup.pool.idle_in_all = static_cast<std::size_t>(files.rlim_cur) / 4 * 3;
    setup.pool.keeps_oldest = true;
    return setup;
}

}  // namespace

outgoing_calls::outgoing_calls(service& s, const call_targets& allowed)
    : caller_(setup_of(s, allowed), s.loop(), s.time(), s.metrics(), lookup_of(s)) {}

std::shared_ptr<const http::call_target> outgoing_calls::target(std::shared_ptr<const void>& beside,
                                                                const std::string& url) {
    if (!beside) beside = caller_.target(url);
    return std::static_pointer_cast<const http::call_target>(beside);
}

void outgoing_calls::send(http::slim_request r, http::status_completion told) {
    r.answer_limit = max_answer;
    caller_.send(std::move(r), std::move(told));
}

}  // namespace distd::registry
