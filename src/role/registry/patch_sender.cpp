#include "role/registry/patch_sender.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "base/random.hpp"
#include "http/client/client.hpp"

namespace distd::registry {
namespace {

constexpr milliseconds deadline_of_call{5000};
constexpr milliseconds connect_deadline{1000};
constexpr std::size_t max_sent_at_once = 512;  // before the loop looks at everything else

// What an answer to a patch says about its receiver's list.
outbox::outcome judged(const result<http::reply>& answer) {
    if (answer) {
        if (answer->status >= 200 && answer->status < 300) return outbox::outcome::arrived;
        return answer->status >= 500 ? outbox::outcome::in_doubt : outbox::outcome::refused;
    }
    return http::may_have_arrived(answer.error()) ? outbox::outcome::in_doubt : outbox::outcome::refused;
}

counter& count(service& s, const char* outcome) {
    return s.metrics().count("distd_registry_patches_total", "Patches sent, by outcome",
                             {{"outcome", outcome}});
}

}  // namespace

patch_sender::patch_sender(service& s, outgoing_calls& calls, directory& d)
    : service_(s),
      calls_(calls),
      instances_(d.instances()),
      dispatcher_(d.patches()),
      arrived_(count(s, "arrived")),
      refused_(count(s, "refused")),
      in_doubt_(count(s, "in_doubt")),
      bell_(s.loop(), s.time()),
      waiting_(s.loop(), s.time()) {}

task<> patch_sender::run() {
    for (;;) {
        for (std::size_t begun = 1; auto next = dispatcher_.take(service_.time().now()); ++begun) {
            deliver(std::move(*next));
            if (begun % max_sent_at_once == 0) co_await boost::asio::post(service_.loop(), use_task);
        }
        co_await bell_.wait_until(dispatcher_.next_due());
    }
}

task<> patch_sender::settled(std::string url, steady_point deadline) {
    while (!dispatcher_.is_settled(url))
        if (!co_await waiting_.wait(url, deadline)) break;
}

void patch_sender::deliver(dispatcher::delivery d) {
    auto to = calls_.target(d.update_url, instances_.pin_of(d.url, d.update_url));
    auto c = status_request(std::move(to), d.text);
    c.connect_deadline = connect_deadline;
    c.deadline = deadline_of_call;
    calls_.send(std::move(c),
                [this, d = std::move(d)](const result<http::reply>& answer) { delivered(d, answer); });
}

void patch_sender::delivered(const dispatcher::delivery& d, const result<http::reply>& answer) {
    const auto how = judged(answer);
    using enum outbox::outcome;
    (how == arrived ? arrived_ : how == refused ? refused_ : in_doubt_).add();
    dispatcher_.finish(d, how, service_.time().now(), random_u64());
    if (waiting_.parked() > 0 && dispatcher_.is_settled(d.url)) waiting_.touch(d.url);
    // The next ones start together, once all answers that have come are read: a send at a time would wake a
    // receiver for each.
    bell_.wake();
    if (how == arrived) return;
    service_.log().debug("patch_not_delivered", {{"subscriber", d.url}, {"reason", failure_text(answer)}});
}

}  // namespace distd::registry
