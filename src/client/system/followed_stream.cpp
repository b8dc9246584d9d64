#include "client/system/followed_stream.hpp"

#include <algorithm>
#include <utility>

#include "client/system/reconnection.hpp"
#include "client/system/verb_failure.hpp"
#include "ops/answers/call_words.hpp"

namespace distd::ops::client {
namespace {

bool is_refusal(int status) { return status >= 400 && status < 500 && status != 429; }

// One life of the stream. Returns why it ended, in words.
task<std::string> follow_once(context& c, followed_stream* f, std::string address,
                              std::function<void()> on_open) {
    event_stream stream(c.roles.core());
    const auto opened = co_await stream.open(address + f->path, f->last_id);
    if (!opened) co_return trouble_of(opened);
    c.roles.expect_access(f->whom, address, *opened);
    if (is_refusal(opened->status))
        throw verb_failure(exit_code::wrong_use,
                           f->whom + " at " + address + ": " + without_end(refusal_of(*opened)));
    if (opened->status != 200) co_return refusal_of(*opened);
    on_open();
    for (;;) {
        const auto next = co_await stream.next();
        if (!next) co_return stream.trouble();
        if (!next->id.empty() && next->id == f->last_id) continue;
        if (!next->id.empty()) f->last_id = next->id;
        f->on_event(*next);
    }
}

std::string place(const followed_stream& f) {
    return f.last_id.empty() ? std::string() : " after " + f.unit + " " + f.last_id;
}

}  // namespace

task<> follow(context& c, followed_stream f) {
    std::string address;
    reconnection stream(c, f.whom);
    for (;;) {
        try {
            address = co_await f.find_address();
        } catch (const access_refused&) {
            throw;
        } catch (const verb_failure&) {
            if (address.empty()) throw;  // it was never there
        }
        const auto on_open = [&] { stream.found(": going on" + place(f)); };
        const auto why = co_await follow_once(c, &f, address, on_open);
        auto detail = " at " + address + place(f) + " (" + without_end(why) + ")";
        co_await stream.lost(std::move(detail));
    }
}

}  // namespace distd::ops::client
