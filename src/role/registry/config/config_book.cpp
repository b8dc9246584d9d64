#include "role/registry/config/config_book.hpp"

#include <utility>

#include "sdk/role_services.hpp"

namespace distd::registry {
namespace {

// Of changes that wait for the disk, and so of the log that one commit makes.
constexpr std::size_t max_queued_bytes = 16 << 20;

}  // namespace

config_book::config_book(service& s, watch_board& board, config_limits limits, change_function on_change)
    : service_(s),
      board_(board),
      on_change_(std::move(on_change)),
      store_(s.data_dir() + "/config.db", limits, s.time().wall(), disk_of(s)),
      history_(s.data_dir() + "/config.db", limits, disk_of(s)),
      tree_(store_.load()),
      past_bytes_(store_.past_bytes()),
      queue_("config-writer", store_.database(), s.loop(), {.bytes = max_queued_bytes}),
      reader_("config-reader", 1, s.loop()) {
    health_.watch(reader_);
    auto& m = s.metrics();
    m.level_of("distd_registry_config_keys", "Keys of the configuration",
               [this] { return static_cast<double>(tree_.keys()); });
    m.level_of("distd_registry_config_bytes",
               "Bytes of the configuration, as they count for registry-config-max-bytes",
               [this] { return static_cast<double>(tree_.bytes()); });
    m.level_of("distd_registry_config_history_bytes",
               "Bytes of old versions and deletions of the configuration, as they count with it",
               [this] { return static_cast<double>(past_bytes_); });
    if (store_.has_lost_data())
        s.log().warn("configuration_data_lost",
                     {{"reason", "config.db is gone: no key has a value, and all histories begin anew"},
                      {"indexes_from", tree_.index_of("")}});
    if (store_.has_lost_mark())
        s.log().warn(
            "configuration_mark_lost",
            {{"reason", "config.mark makes no sense: it cannot be told which indexes were given out"},
             {"indexes_from", tree_.index_of("")}});
    s.log().info("configuration_opened", {{"keys", tree_.keys()}, {"index", tree_.index_of("")}});
}

std::string config_book::topic_of(std::string_view path) { return "config/" + std::string(path); }

// Several wait at a time; they go on in the order of their commits, so memory and file agree on the order.
task<result<config_outcome>> config_book::perform(config_change c) {
    const auto bytes = sizeof c + c.key.size() + c.reason.size() + (c.value ? c.value->size() : 0);
    const auto kept = std::make_shared<const config_change>(std::move(c));
    auto job = [this, kept]() -> result<config_outcome> { return store_.perform(*kept); };
    auto made = co_await queue_.submit(std::move(job), bytes);
    if (made && made->is == config_outcome::verdict::done) apply(*kept, *made);
    co_return made;
}

void config_book::apply(const config_change& c, const config_outcome& made) {
    tree_.put(made.now);
    past_bytes_ = made.past_bytes;
    if (made.forgotten_up_to != 0) tree_.forget(made.forgotten_up_to);
    board_.touch(topic_of(c.key));
    for_each_directory_of(c.key, [this](std::string_view d) { board_.touch(topic_of(d)); });
    on_change_(c, made);
    const char* event = made.now.value ? "configuration_changed" : "configuration_removed";
    service_.log().info(event, {{"key", c.key},
                                {"version", made.now.version},
                                {"index", made.now.index},
                                {"who", c.who},
                                {"reason", c.reason},
                                {"id", c.request_id}});
}

task<result<std::vector<config_history_entry>>> config_book::history(std::string key) {
    auto job = [this, key]() -> result<std::vector<config_history_entry>> { return history_.of(key); };
    co_return co_await reader_.run(std::move(job));
}

task<result<config_entry>> config_book::version(std::string key, std::int64_t number) {
    auto job = [this, key, number]() -> result<config_entry> { return history_.version(key, number); };
    co_return co_await reader_.run(std::move(job));
}

}  // namespace distd::registry
