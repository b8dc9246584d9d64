#include "enrolling.hpp"

#include <boost/asio/this_coro.hpp>

namespace bench {
namespace {

constexpr std::size_t at_once = 32;

task<> enroll_some(const town* all, enrolment how, std::size_t first, std::size_t* left) {
    peer asking = co_await connect(how.registry);
    for (auto i = first; i < how.instances; i += at_once) {
        const auto url = all->url(i);
        std::string more;
        if (how.takes_patches)
            more += R"(,"RequiredServices":["Provider"],"ServiceUpdateURL":")" + url + R"(/services")";
        if (how.has_heartbeat) more += R"(,"HeartbeatURL":")" + url + R"(/heartbeat")";
        const auto body = registration("Service" + std::to_string(i), url, more);
        co_await asking.ask(with_body("POST", "/services", body));
    }
    --*left;
}

}  // namespace

std::string registration(const std::string& name, const std::string& url, const std::string& more) {
    return R"({"ServiceName":")" + name + R"(","ServiceURL":")" + url + '"' + more + "}";
}

task<> enroll_all(const town& all, enrolment how) {
    const auto executor = co_await boost::asio::this_coro::executor;
    auto& loop = static_cast<boost::asio::io_context&>(executor.context());
    std::size_t left = at_once;
    for (std::size_t first = 0; first < at_once; ++first) spawn(loop, enroll_some(&all, how, first, &left));
    while (left > 0) co_await pause_for(milliseconds(20));
}

}  // namespace bench
