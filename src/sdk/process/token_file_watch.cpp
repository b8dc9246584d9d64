#include "sdk/process/token_file_watch.hpp"

#include <sys/stat.h>

#include <distd/settings.hpp>
#include <filesystem>
#include <utility>

#include "base/disk_wait.hpp"
#include "sdk/process/token_file.hpp"

namespace distd {

token_file_watch::token_file_watch(std::string path, taker take, executor loop, time_source& time, logger log)
    : path_(std::move(path)),
      take_(std::move(take)),
      bell_(loop, time),
      log_(std::move(log)),
      seen_(trace_of_file()) {}

task<> token_file_watch::run() {
    for (;;) {
        co_await bell_.wait_for(interval);
        look();
    }
}

// On the loop: it is a small file of this machine.
void token_file_watch::look() {
    const auto now = trace_of_file();
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

token_file_watch::trace token_file_watch::trace_of_file() const {
    const std::filesystem::path waited_for(path_);
    const disk_wait waiting(waited_for);
    struct stat about {};
    if (::stat(path_.c_str(), &about) != 0) return {};
    const auto ns = [](const timespec& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
    return {about.st_dev, about.st_ino, static_cast<std::uint64_t>(about.st_size), ns(about.st_mtim),
            ns(about.st_ctim)};
}

}  // namespace distd
