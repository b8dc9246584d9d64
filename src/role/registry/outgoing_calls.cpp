#include "role/registry/outgoing_calls.hpp"

#include <sys/resource.h>

#include <utility>

#include "sdk/role_services.hpp"

namespace distd::registry {
namespace {

constexpr std::size_t max_answer = 64 << 10;

// There may be a target of its own name for each of very many services. More look-ups than those who look up
// let wait: it is they who know whom to refuse.
constexpr http::resolver::limits max_names{.names = 100'000, .lookups = 16'384};

http::client_setup setup_of(service& s, const call_targets& allowed) {
    http::client_setup setup;
    setup.connections_per_target = 512;
    setup.waiting_per_target = 4096;
    setup.idle_per_target = 64;
    setup.names = max_names;
    setup.keeps_after_bodies = true;  // patches: all bodies are ours, and of the answers the status counts
    setup.may_connect = [&allowed](const auto& peer) { return allowed.may_call(peer.address()); };
    setup.credentials = credentials_of(s);
    setup.trust = trust_of(s);
    setup.metrics_prefix = "distd_registry_client";
    // The rest is for those who call us, and for files.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur != RLIM_INFINITY)
        setup.idle_in_all = static_cast<std::size_t>(files.rlim_cur) / 4 * 3;
    setup.keeps_oldest = true;
    return setup;
}

}  // namespace

std::string failure_text(const result<http::reply>& answer) {
    return answer ? "answered " + std::to_string(answer->status) : answer.error().message();
}

http::client_request status_request(std::shared_ptr<const http::call_target> to, http::shared_text body) {
    static const auto json_type = std::make_shared<const std::string>("Content-Type: application/json\r\n");
    http::client_request r;
    r.to = std::move(to);
    if (body) {
        r.method = "POST";
        r.fields = json_type;
        r.body = std::move(body);
    }
    r.answer_limit = max_answer;
    r.keep = http::answer_reader::keep::status;
    return r;
}

outgoing_calls::outgoing_calls(service& s, const call_targets& allowed)
    : time_(s.time()),
      client_(s, setup_of(s, allowed)),
      targets_([this](std::string_view url, const std::string& pin) {
          return client_.core()->target(url, pin);
      }) {}

std::shared_ptr<const http::call_target> outgoing_calls::target(const std::string& url,
                                                                const std::string& pin) {
    return targets_.get(url, pin, time_.now());
}

std::shared_ptr<const http::call_target> outgoing_calls::target_of_one_call(const std::string& url,
                                                                            const std::string& pin) {
    return client_.core()->target(url, pin);
}

http::address_list outgoing_calls::addresses_of(const http::call_target& to) {
    auto known = client_.core()->names.known(to.where.host);
    return known && *known ? std::move(**known) : http::address_list();
}

void outgoing_calls::send(http::client_request r, http::client_call::completion on_done) {
    http::client_call::start(client_.core(), std::move(r), std::move(on_done));
}

}  // namespace distd::registry
