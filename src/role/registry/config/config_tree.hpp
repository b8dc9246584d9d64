// The configuration as its readers get it: values by key, and directories of keys. Pure.
//
// A key is a path, "app/db/url"; a directory is what its keys begin with up to a slash, "app/db/", or
// nothing: then it holds all. Keys and directories have an index, the number of their latest change, which
// only grows, also over deletions: what was deleted is remembered until `forget`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace distd::registry {

// A key's state as of one change.
struct config_entry {
    std::string key;
    std::uint64_t version = 0;  // 1, 2, 3 ..., deletions included
    std::uint64_t index = 0;    // of that change, among all changes of all keys
    std::int64_t at_ms = 0;     // since 1970
    std::string media_type;
    std::shared_ptr<const std::string> value;  // null: deleted
    std::size_t reason_bytes = 0;              // of that change: they are kept with it
};

[[nodiscard]] bool is_directory(std::string_view path) noexcept;

// The directories that hold `key`, from the outermost, which is "".
void for_each_directory_of(std::string_view key, const std::function<void(std::string_view)>& use);

// What an entry that is there counts for: its texts, and what it takes to keep them.
[[nodiscard]] std::size_t weight_of(const config_entry&) noexcept;

class config_tree {
public:
    // Of a change that is newer than all before, or, at the start, in any order.
    void put(config_entry);
    // Deletions up to this index are no longer remembered; nothing is older than it from now on.
    void forget(std::uint64_t up_to);

    // Null when there is none, or no longer.
    [[nodiscard]] const config_entry* find(std::string_view key) const noexcept;
    [[nodiscard]] std::vector<const config_entry*> list(std::string_view directory) const;  // by key
    // Of a key or a directory, there or not.
    [[nodiscard]] std::uint64_t index_of(std::string_view path) const noexcept;

    [[nodiscard]] std::size_t keys() const noexcept { return keys_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
    void count(const config_entry&, bool comes) noexcept;

    std::map<std::string, config_entry, std::less<>> entries_;  // the deleted ones, too
    std::map<std::string, std::uint64_t, std::less<>> directories_;
    std::uint64_t min_index_ = 1;
    std::size_t keys_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace distd::registry
