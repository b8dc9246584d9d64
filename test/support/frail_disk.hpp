// A disk for SQLite that fails as disks do, and forgets as they do. As Linux has it: a sync that fails leaves
// the pages readable, and takes them for written. So each file has two contents, the one that processes see
// and the one that is left when the power goes.
#pragma once

#include <filesystem>
#include <string>

namespace distd::test {

class frail_disk {
public:
    frail_disk();  // from now on SQLite's files are opened on it
    ~frail_disk();
    frail_disk(const frail_disk&) = delete;
    frail_disk& operator=(const frail_disk&) = delete;

    // The next so many syncs, or reads, of files whose names end so.
    void fail_syncs(std::string ending, int count);
    void fail_reads(std::string ending, int count);

    // The database as a process finds it when all others were killed; or, after a power cut, what is left.
    // What was durable of the first file is so of the second.
    void copy_as_left_by_a_kill(const std::filesystem::path& from, const std::filesystem::path& to);
    void copy_as_left_by_a_power_cut(const std::filesystem::path& from, const std::filesystem::path& to);
};

}  // namespace distd::test
