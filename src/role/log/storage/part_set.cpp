#include "role/log/storage/part_set.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "role/log/storage/part_writer.hpp"

namespace distd::logs {
namespace fs = std::filesystem;
namespace {

// What a part is called for the moment in which it is named again.
constexpr std::string_view renamed = ".again";

}  // namespace

part_set::part_set(fs::path directory, disk& on) : storage_(on), directory_(std::move(directory)) {
    make_directories(storage_, directory_);
    read_directory();
}

void part_set::release_reserve(disk& on, const fs::path& directory) { on.remove(directory / reserve_name); }

// False: there is no room for the other name.
bool part_set::try_to_rename(const fs::path& from, const fs::path& to) {
    try {
        rename_file(storage_, from, to);
        return true;
    } catch (const store_error& e) {
        if (e.code() != errc::storage_full) throw;
        return false;
    }
}

// Takes its name away and gives it again: a sync writes that, whatever became of an earlier one. A full disk,
// which may have no room for the other name, is no reason not to start: false, and the name stays in doubt.
bool part_set::name_again(const fs::path& file) {
    auto meanwhile = file;
    meanwhile += renamed;
    if (!try_to_rename(file, meanwhile)) {
        release_reserve(storage_, directory_);
        if (!try_to_rename(file, meanwhile)) return false;
    }
    rename_file(storage_, meanwhile, file);
    return true;
}

// A name that a dead process gave may not be on the disk, also where a sync of the directory failed and those
// after it do not; and what the part stands for is deleted elsewhere when it is there. Where the process went
// on after that, the name was durable. So only the last part of all can be in doubt, and one that stands for
// others which are still there. Where the disk has no room to name it again, those others stay, too.
void part_set::read_directory() {
    std::vector<fs::path> files;
    for (auto& file : list_directory(storage_, directory_)) {
        if (file.extension() == part_writer::unfinished) remove_file(storage_, file);
        if (file.extension() == renamed) {
            auto name = file;
            rename_file(storage_, file, name.replace_extension());
            file = name;
        }
        if (part::range_of(file)) files.push_back(std::move(file));
    }
    // The larger one of two that begin with the same line comes first.
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
        const auto x = *part::range_of(a);
        const auto y = *part::range_of(b);
        return x.first != y.first ? x.first < y.first : x.last > y.last;
    });
    std::vector<fs::path> kept;
    std::vector<fs::path> replaced;
    std::optional<bool> is_named;  // kept.back(), for sure; null: nothing has been done about it
    for (auto& file : files) {
        const bool stands_alone =
            kept.empty() || part::range_of(file)->last > part::range_of(kept.back())->last;
        if (stands_alone) {
            is_named.reset();
            kept.push_back(std::move(file));
            continue;
        }
        if (!is_named) is_named = name_again(kept.back());
        if (*is_named) replaced.push_back(std::move(file));
    }
    if (!kept.empty()) is_last_named_ = is_named ? *is_named : name_again(kept.back());
    sync_directory(storage_, directory_);
    for (const auto& file : replaced) remove_file(storage_, file);
    list all;
    for (const auto& file : kept) all.push_back(part::open(storage_, file, damaged_));
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
