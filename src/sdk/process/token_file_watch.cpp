#include "sdk/process/token_file_watch.hpp"

#include <distd/settings.hpp>
#include <utility>

#include "sdk/process/token_file.hpp"

namespace distd {

token_file_watch::token_file_watch(std::string path, taker take, executor loop, time_source& time, logger log)
    : path_(std::move(path)),
      take_(std::move(take)),
      bell_(loop, time),
      log_(std::move(log)),
      seen_(file_trace::of(path_)) {}

task<> token_file_watch::run() {
    for (;;) {
        co_await bell_.wait_for(interval);
        look();
    }
}

// On the loop: it is a small file of this machine.
void token_file_watch::look() {
    const auto now = file_trace::of(path_);
    if (now == seen_) return;
    seen_ = now;
    try {
        auto tokens = read_token_file(path_);
        log_.info("access_tokens_exchanged", {{"count", tokens.size()}});
        take_(std::move(tokens));
    } catch (const settings_error& e) {
        log_.error("access_tokens_kept", {{"reason", e.what()}});
    }
}

}  // namespace distd
