#include "role/large_answers.hpp"

#include <boost/asio/post.hpp>

#include "http/server/over_limit.hpp"
#include "sdk/role_services.hpp"

namespace distd {

large_answers::large_answers(service& s)
    : service_(s),
      under_way_(http::source_shares::bounds::of(max_at_once,
                                                 static_cast<unsigned>(s.config().integer("source-share")),
                                                 !listens_beyond_loopback(s))) {}

task<http::response> large_answers::answer(http::request q, std::function<http::response()> make) {
    http::source_shares::hold place;
    const auto said = under_way_.take(q.remote_address(), place);
    if (said != http::source_shares::verdict::granted)
        co_return http::over_limit(said, http::limited::request);
    // All that came at the same moment have asked for a place before the first is made.
    co_await boost::asio::post(service_.loop(), use_task);
    co_return make();
}

}  // namespace distd
