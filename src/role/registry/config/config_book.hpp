// The configuration at work: all values in memory, changes made durable in batches, readers woken by what
// concerns them. A change is durable, applied and announced to its watchers once `perform` returns.
#pragma once

#include <distd/service.hpp>
#include <functional>

#include "role/registry/config/config_store.hpp"
#include "role/registry/config/config_tree.hpp"
#include "role/registry/watch/watch_board.hpp"
#include "role/store_health.hpp"
#include "store/blocking_pool.hpp"
#include "store/commit_queue.hpp"

namespace distd::registry {

class config_book {
public:
    // Called for each change once it is durable: the registry's timeline is another file.
    using change_function = std::function<void(const config_change&, const config_outcome&)>;

    // Keeps config.db in the service's data folder. Throws store_error when it cannot be used.
    config_book(service&, watch_board&, config_limits, change_function);

    [[nodiscard]] task<result<config_outcome>> perform(config_change);
    // From the file, beside the writer.
    [[nodiscard]] task<result<std::vector<config_history_entry>>> history(std::string key);
    [[nodiscard]] task<result<config_entry>> version(std::string key, std::int64_t number);

    [[nodiscard]] const config_tree& now() const noexcept { return tree_; }
    // Where watchers of a key or a directory wait.
    [[nodiscard]] static std::string topic_of(std::string_view path);

    [[nodiscard]] sqlite::database& database() noexcept { return store_.database(); }

private:
    void apply(const config_change&, const config_outcome&);

    service& service_;
    watch_board& board_;
    change_function on_change_;
    config_store store_;
    config_history history_;
    config_tree tree_;
    std::size_t past_bytes_;
    commit_queue queue_;  // these last: their threads use the files
    blocking_pool reader_;
    store_health health_{service_, queue_, "configuration", "config_store_failed"};
};

}  // namespace distd::registry
