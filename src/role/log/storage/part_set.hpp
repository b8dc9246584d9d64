// The parts that are there, in the order of their lines, which no two share. Readers take the list as it is
// and keep it while it changes. Any thread; changes come from one at a time. Throws store_error.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "role/log/storage/part.hpp"

namespace distd::logs {

class part_set {
public:
    using list = std::vector<std::shared_ptr<const part>>;

    // Opens what lies in the directory, which is made when it is not there. What was being written is
    // removed, and parts whose lines all are in a larger one: they were being replaced.
    explicit part_set(std::filesystem::path directory, disk& = real_disk());

    // Kept free by the upkeep; deleted, it makes room on a full disk.
    static constexpr const char* reserve_name = "reserve";
    static void release_reserve(disk&, const std::filesystem::path& directory);

    [[nodiscard]] disk& storage() const noexcept { return storage_; }
    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
    [[nodiscard]] std::shared_ptr<const list> parts() const;
    [[nodiscard]] std::uint64_t last() const;  // number of the last line; 0: there is none
    [[nodiscard]] bool has_any_of(std::uint64_t from, std::uint64_t to) const;  // lines, to excluded
    [[nodiscard]] const std::vector<damage>& damaged() const noexcept { return damaged_; }

    // False: the disk had no room to give the last part its name again, which a power cut may take with all
    // its lines. The segments for which it stands must stay until another start finds room.
    [[nodiscard]] bool is_last_named() const noexcept { return is_last_named_; }

    void add(std::shared_ptr<const part>);
    // Neighbours, by one that has the lines of all of them. Their files are deleted.
    void replace(const list& old, std::shared_ptr<const part>);
    void drop_oldest();

private:
    void set(list);
    void read_directory();
    [[nodiscard]] bool name_again(const std::filesystem::path&);
    [[nodiscard]] bool try_to_rename(const std::filesystem::path& from, const std::filesystem::path& to);

    disk& storage_;
    const std::filesystem::path directory_;
    std::vector<damage> damaged_;  // met when it was opened
    bool is_last_named_ = true;
    mutable std::mutex mutex_;  // guards what follows
    std::shared_ptr<const list> parts_ = std::make_shared<const list>();
};

}  // namespace distd::logs
