// A history of a store that SQLite keeps. The model is the whole of its tables as text, taken inside of each
// transaction right before its commit: after a start they are what the last answered commit left, or what one
// left whose outcome nobody was told. What is shown after a start is durable from then on.
#pragma once

#include <deque>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "sim/history.hpp"
#include "store/commit_queue.hpp"
#include "store/sqlite/sqlite.hpp"

namespace distd::sim::stores {

[[nodiscard]] std::string all_tables(sqlite::database&);

class table_history {
public:
    // One of the stores: opened and closed as often as the history wants it.
    class store {
    public:
        virtual ~store() = default;
        [[nodiscard]] virtual sqlite::database& database() = 0;
        // What is found at a start can be read.
        virtual void load() = 0;
        // Inside of a transaction: changes something that is drawn, and says what.
        virtual std::string change(chance&) = 0;
        // Right before its commit.
        virtual void finish() {}
    };
    using opener = std::function<std::unique_ptr<store>(const std::filesystem::path&, disk&)>;

    table_history(history& h, opener o);
    ~table_history();

    // It may refuse to start on bytes that the disk has changed.
    static constexpr bool starts_in_any_case = false;

    void open();
    void close();
    void write();
    void must_work();

private:
    class target;

    void answered(const std::string& what, const result<>&);
    [[nodiscard]] std::string read_tables();
    void look();
    void look_after_start();
    void keep_as_before(const std::string& tables);
    [[nodiscard]] bool may_be_cut(const std::string& tables);

    history& h_;
    const opener open_;
    std::unique_ptr<store> store_;
    std::unique_ptr<target> target_;
    std::unique_ptr<commit_queue> queue_;
    std::string acknowledged_;  // the tables
    bool has_any_ = false;
    std::deque<std::string> before_;  // what the commits before that one left, or may have left
    bool is_log_changed_ = false;     // by the disk, in a way that may stay
    std::set<std::string> doubtful_;  // tables of commits without an answer
    std::set<std::string> refused_;   // of those that were said to have stored nothing
    std::size_t commits_ = 0;
};

}  // namespace distd::sim::stores
