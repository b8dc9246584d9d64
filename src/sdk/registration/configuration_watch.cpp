#include "sdk/registration/configuration_watch.hpp"

#include <algorithm>
#include <utility>

#include "base/backoff.hpp"
#include "base/random.hpp"
#include "http/message/base64.hpp"
#include "http/message/url.hpp"
#include "wire/header_names.hpp"

namespace distd {
namespace {

constexpr milliseconds answer_deadline{10'000};  // beyond the wait
constexpr std::size_t max_answer = 128 << 20;    // a full configuration, escaped
constexpr milliseconds min_wait{1000};           // of a registry that does wait

struct listed_value {
    std::string key;
    std::int64_t version = 0;
    std::string media_type;
    std::optional<std::string> value;
    std::optional<std::string> base64;
};
BOOST_DESCRIBE_STRUCT(listed_value, (), (key, version, media_type, value, base64))

std::optional<configuration::map> read_list(const std::string& body, const std::string& directory) {
    json_error error;
    auto listed = from_json<std::vector<listed_value>>(body, error);
    if (!listed) return std::nullopt;
    configuration::map values;
    for (auto& one : *listed) {
        auto bytes = one.base64 ? http::base64_decode(*one.base64) : std::move(one.value);
        if (!bytes || !one.key.starts_with(directory)) return std::nullopt;
        values[one.key.substr(directory.size())] = {std::move(*bytes), std::move(one.media_type),
                                                    one.version};
    }
    return values;
}

}  // namespace

configuration_watch::configuration_watch(configuration_watch_setup s, http::client& client, executor loop,
                                         time_source& time, const logger& log)
    : setup_(std::move(s)), client_(client), time_(time), log_(log), bell_(loop, time) {}

task<> configuration_watch::run() {
    for (;;) {
        const auto began = time_.now();
        const auto seen = seen_;
        const auto reply = co_await client_.send(question());
        const auto how = judge(reply);
        const auto took = std::chrono::duration_cast<milliseconds>(time_.now() - began);
        const auto pause = pause_after(how, took, seen_ != seen);
        if (pause.count() > 0) co_await bell_.wait_for(pause);
    }
}

http::call configuration_watch::question() const {
    http::call c("GET", setup_.registries[registry_] + "/config/" + http::percent_encode(setup_.directory) +
                            "?values=1");
    c.deadline = answer_deadline;
    c.answer_limit = max_answer;
    if (seen_ != 0) {
        c.url += "&index=" + std::to_string(seen_) + "&wait=" + std::to_string(wait.count()) + "s";
        c.deadline += wait + wait / 16;  // the registry may prolong the wait by that
    }
    return c;
}

configuration_watch::poll_result configuration_watch::judge(const result<http::reply>& r) {
    const auto at = "the registry at " + setup_.registries[registry_];
    if (!r) {
        complain(at + " cannot be asked: " + r.error().message());
        return poll_result::failed;
    }
    const auto index = wire::read_index(r->headers.find(wire::index_header));
    if (r->status == 404 || (r->status == 200 && index == 0)) {
        complain(at + " has no central configuration");
        return poll_result::foreign;
    }
    if (r->status != 200) {
        complain(at + " answered " + std::to_string(r->status) + ": " + r->body.substr(0, 200));
        return poll_result::failed;
    }
    if (!take(*r, index)) {
        complain(at + " gave a list of its configuration that cannot be read");
        return poll_result::failed;
    }
    return poll_result::current;
}

bool configuration_watch::take(const http::reply& r, std::uint64_t index) {
    if (index == seen_) {
        trouble_.clear();
        return true;
    }
    auto values = read_list(r.body, setup_.directory);
    if (!values) return false;
    seen_ = index;
    apply(std::move(*values), std::string(r.headers.find(wire::registry_id_header)));
    return true;
}

void configuration_watch::apply(configuration::map values, const std::string& source) {
    if (values.empty() && !known_.values().empty() && source != source_) {
        complain("the registry at " + setup_.registries[registry_] + " has lost its configuration below " +
                 setup_.directory + "; the values known so far stay in use");
        return;
    }
    source_ = source;
    trouble_.clear();
    if (was_called_ && values == known_.values()) return;
    was_called_ = true;
    known_ = configuration(std::move(values));
    log_.info("configured", {{"directory", setup_.directory}, {"keys", known_.values().size()}});
    setup_.changed(known_);
}

milliseconds configuration_watch::pause_after(poll_result how, milliseconds took, bool is_new) {
    if (how == poll_result::current) {
        in_vain_ = 0;
        all_foreign_ = true;
        return is_new || took >= min_wait ? milliseconds(0) : min_wait;
    }
    all_foreign_ = all_foreign_ && how == poll_result::foreign;
    const auto count = setup_.registries.size();
    if (count > 1) seen_ = 0;  // another registry counts for itself
    registry_ = (registry_ + 1) % count;
    if (++in_vain_ % count != 0) return milliseconds(0);
    const bool is_foreign = std::exchange(all_foreign_, true);
    return backoff(static_cast<unsigned>(in_vain_ / count), is_foreign ? foreign_pause : first_pause,
                   is_foreign ? foreign_pause : max_pause, random_u64());
}

// A registry that is away for an hour is one line.
void configuration_watch::complain(const std::string& sentence) {
    if (sentence == trouble_) return;
    trouble_ = sentence;
    log_.warn("not_configured", {{"directory", setup_.directory}, {"reason", sentence}});
}

}  // namespace distd
