#include "role/log/storage/part_set.hpp"

#include <algorithm>

#include "role/log/storage/part_writer.hpp"

namespace distd::logs {
namespace fs = std::filesystem;

part_set::part_set(fs::path directory, disk& on) : storage_(on), directory_(std::move(directory)) {
    make_directories(storage_, directory_);
    read_directory();
}

void part_set::read_directory() {
    // A name that a dead life gave may not be on the disk; what it stands for is deleted elsewhere.
    sync_directory(storage_, directory_);
    std::vector<fs::path> files;
    for (auto& file : list_directory(storage_, directory_)) {
        if (file.extension() == part_writer::unfinished) remove_file(storage_, file);
        if (part::range_of(file)) files.push_back(std::move(file));
    }
    // The larger one of two that begin with the same line comes first.
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        const auto x = *part::range_of(a);
        const auto y = *part::range_of(b);
        return x.first != y.first ? x.first < y.first : x.last > y.last;
    });
    list all;
    std::uint64_t last = 0;
    for (const auto& file : files) {
        if (part::range_of(file)->last <= last) {
            remove_file(storage_, file);
            continue;
        }
        all.push_back(part::open(storage_, file, damaged_));
        last = all.back()->last();
    }
    set(std::move(all));
}

void part_set::set(list l) {
    auto made = std::make_shared<const list>(std::move(l));
    std::lock_guard lock(mutex_);
    parts_ = std::move(made);
}

std::shared_ptr<const part_set::list> part_set::parts() const {
    std::lock_guard lock(mutex_);
    return parts_;
}

std::uint64_t part_set::last() const {
    const auto all = parts();
    return all->empty() ? 0 : all->back()->last();
}

bool part_set::has_any_of(std::uint64_t from, std::uint64_t to) const {
    const auto all = parts();
    return std::ranges::any_of(*all, [&](const auto& p) { return p->first() < to && p->last() >= from; });
}

void part_set::add(std::shared_ptr<const part> p) {
    auto all = *parts();
    all.push_back(std::move(p));
    set(std::move(all));
}

void part_set::replace(const list& old, std::shared_ptr<const part> by) {
    auto all = *parts();
    const auto begin = std::ranges::find(all, old.front());
    const auto after = all.erase(begin, begin + static_cast<std::ptrdiff_t>(old.size()));
    all.insert(after, std::move(by));
    set(std::move(all));
    for (const auto& p : old) remove_file(storage_, p->file());
    sync_directory(storage_, directory_);
}

void part_set::drop_oldest() {
    auto all = *parts();
    const auto oldest = all.front();
    all.erase(all.begin());
    set(std::move(all));
    remove_file(storage_, oldest->file());
    sync_directory(storage_, directory_);
}

}  // namespace distd::logs
