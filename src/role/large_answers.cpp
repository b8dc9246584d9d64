#include "role/large_answers.hpp"

#include <boost/asio/post.hpp>
#include <chrono>

#include "http/server/exchange.hpp"
#include "http/server/over_limit.hpp"
#include "sdk/role_services.hpp"

namespace distd {

large_answers::large_answers(service& s)
    : service_(s),
      under_way_(http::source_shares::bounds::of(max_at_once,
                                                 static_cast<unsigned>(s.config().integer("source-share")),
                                                 !listens_beyond_loopback(s))),
      made_(s.metrics().count("distd_large_answers_total", "Answers of megabytes that were made")) {}

task<http::response> large_answers::answer(http::request q, std::size_t bytes,
                                           std::function<http::response()> make) {
    http::source_shares::hold place;
    const auto said = under_way_.take(q.remote_address(), place);
    if (said != http::source_shares::verdict::granted)
        co_return http::over_limit(said, http::limited::request);
    const auto room = http::exchange_of(q).io->reserve(bytes);
    if (room != http::source_shares::verdict::granted)
        co_return http::over_limit(room, http::limited::memory);
    // All that came at the same moment have asked for a place before the first is made.
    co_await boost::asio::post(service_.loop(), use_task);
    auto& time = service_.time();
    while (time.now() < next_at_)
        co_await sleep_for(time, std::chrono::ceil<milliseconds>(next_at_ - time.now()));
    next_at_ = time.now() + pause;
    made_.add();
    co_return make();
}

}  // namespace distd
