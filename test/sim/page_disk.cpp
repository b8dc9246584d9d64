#include "sim/page_disk.hpp"

#include <algorithm>
#include <cerrno>

#include "sim/sqlite_files.hpp"

namespace distd::sim {
namespace {

using boost::system::error_code;

error_code code_of(int error_number) noexcept { return {error_number, boost::system::generic_category()}; }

}  // namespace

class page_disk_file final : public disk::file {
public:
    page_disk_file(page_disk& d, disk::path p, page_disk::inode_ptr that, bool is_direct)
        : disk_(d), path_(std::move(p)), that_(std::move(that)), is_direct_(is_direct), life_(d.life_) {}
    ~page_disk_file() override { unlock(); }

    result<std::size_t> append(std::string_view bytes) override {
        std::lock_guard lock(disk_.mutex_);
        return write(that_->bytes.shown().size(), bytes);
    }
    result<std::size_t> write_at(std::uint64_t offset, std::string_view bytes) override {
        std::lock_guard lock(disk_.mutex_);
        return write(offset, bytes);
    }
    result<std::size_t> read_at(std::uint64_t offset, char* out, std::size_t size) override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        if (disk_.chance_.one_in(odds().read_fails)) return code_of(EIO);
        if (disk_.rots_when_read && disk_.chance_.one_in(odds().rots))
            disk_.rot(path_, *that_, offset, offset + size);
        const auto all = that_->bytes.shown();
        if (offset >= all.size()) return 0;
        return all.copy(out, shortened(std::min<std::uint64_t>(size, all.size() - offset)), offset);
    }
    result<std::uint64_t> size() override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        return that_->bytes.shown().size();
    }
    result<> sync() override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        if (that_->bytes.is_dirty() && disk_.chance_.one_in(odds().sync_fails)) {
            that_->bytes.fail_to_sync(disk_.chance_);
            return code_of(disk_.chance_.one_in(4) ? ENOSPC : EIO);
        }
        that_->bytes.sync();
        return {};
    }
    result<> truncate(std::uint64_t size) override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        if (disk_.chance_.one_in(odds().write_fails)) return code_of(EIO);
        that_->bytes.truncate(size);
        disk_.touch(*that_);
        return {};
    }
    result<> allocate(std::uint64_t size) override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        if (disk_.full) return code_of(ENOSPC);
        if (size > that_->bytes.shown().size()) that_->bytes.truncate(size);
        return {};
    }
    // Whoever would have to wait for ever, on one thread, has found a mistake of the test.
    result<> lock(disk::patience) override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        if (that_->locked_by && that_->locked_by != this) return code_of(EWOULDBLOCK);
        that_->locked_by = this;
        return {};
    }
    void unlock() noexcept override {
        std::lock_guard lock(disk_.mutex_);
        if (that_->locked_by == this) that_->locked_by = nullptr;
    }
    result<void*> map(std::size_t size) override {
        std::lock_guard lock(disk_.mutex_);
        if (const int reason = call()) return code_of(reason);
        if (!that_->mapped) that_->mapped = std::make_unique<std::string>(size, '\0');
        return static_cast<void*>(that_->mapped->data());
    }

private:
    int call() { return life_ != disk_.life_ ? EIO : disk_.count_call(); }

    std::size_t shortened(std::size_t size) {
        return size > 1 && disk_.chance_.one_in(odds().goes_short) ? disk_.chance_.between(1, size) : size;
    }

    result<std::size_t> write(std::uint64_t offset, std::string_view bytes) {
        const int reason = call();
        const bool dies = reason != 0 && life_ == disk_.life_ && disk_.died_now_;
        const bool grows = offset + bytes.size() > that_->bytes.shown().size();
        int failure = reason;
        if (failure == 0 && disk_.chance_.one_in(odds().write_fails)) failure = EIO;
        if (failure == 0 && grows && (disk_.full || disk_.chance_.one_in(odds().is_full))) failure = ENOSPC;
        // A part of it may be there all the same.
        if (dies || (failure != 0 && reason == 0 && disk_.chance_.one_in(2))) put_some(offset, bytes);
        if (failure != 0) return code_of(failure);
        const auto taken = is_direct_ ? bytes.size() : shortened(bytes.size());
        put(offset, bytes.substr(0, taken));
        return taken;
    }

    void put(std::uint64_t offset, std::string_view bytes) {
        disk_.touch(*that_);
        is_direct_ ? that_->bytes.write_through(offset, bytes) : that_->bytes.write(offset, bytes);
    }

    // Of a direct write any sectors; of one into the cache what came first.
    void put_some(std::uint64_t offset, std::string_view bytes) {
        if (!is_direct_) return put(offset, bytes.substr(0, disk_.chance_.below(bytes.size())));
        for (std::size_t at = 0; at < bytes.size(); at += page_file::sector_bytes)
            if (disk_.chance_.one_in(2)) put(offset + at, bytes.substr(at, page_file::sector_bytes));
    }

    [[nodiscard]] const faults& odds() const { return disk_.odds_at(path_); }

    page_disk& disk_;
    const disk::path path_;  // by which it was opened
    const page_disk::inode_ptr that_;
    const bool is_direct_;
    const std::uint64_t life_;
};

page_disk::page_disk(std::uint64_t seed)
    : chance_(seed), sqlite_(std::make_unique<sqlite_files>(*this, seed)) {
    directories_["/"];
}

page_disk::~page_disk() = default;

// --- life and death

int page_disk::count_call() {
    died_now_ = false;
    if (down_) return EIO;
    ++calls_;
    if (calls_until_death == std::numeric_limits<std::uint64_t>::max()) return 0;
    if (calls_until_death-- > 0) return 0;
    died_now_ = true;
    down_ = true;
    return EIO;
}

void page_disk::kill() {
    std::lock_guard lock(mutex_);
    down_ = true;
}

void page_disk::crash() {
    std::lock_guard lock(mutex_);
    down_ = true;
    for (auto& [name, d] : directories_) {
        lose_names(d);
        d.shown = d.durable;
    }
    forget_lost_directories();
    std::map<inode*, inode_ptr> left;  // each once
    std::vector<inode_ptr> in_order;
    for (auto& [name, d] : directories_)
        for (auto& [entry, i] : d.durable)
            if (left.emplace(i.get(), i).second) in_order.push_back(i);
    for (auto& i : in_order) i->bytes.lose_power(chance_);
}

// Those whose name has not survived, or that of one above them, with all that is in them.
void page_disk::forget_lost_directories() {
    std::erase_if(directories_, [this](const auto& entry) {
        const path p = entry.first;
        if (p == p.root_path()) return false;
        const auto found = find(p);
        return !found || !found->is_directory;
    });
}

void page_disk::start() {
    std::lock_guard lock(mutex_);
    down_ = false;
    begin_process();
    ++life_;
    calls_until_death = std::numeric_limits<std::uint64_t>::max();
    sqlite_->forget();
    for (auto& [name, d] : directories_)
        for (auto& [entry, i] : d.shown) {
            i->locked_by = nullptr;
            i->mapped.reset();
        }
}

void page_disk::begin_process() {
    names_were_lost_ = false;
    forget_lost_names();
}

void page_disk::settle() {
    std::lock_guard lock(mutex_);
    for (auto& [name, d] : directories_) {
        d.durable = d.shown;
        d.since.clear();
        for (auto& [entry, i] : d.shown) i->bytes.sync();
    }
}

// --- what changes by itself

void page_disk::rot() {
    std::lock_guard lock(mutex_);
    std::vector<std::pair<path, inode_ptr>> files;
    for (const auto& [name, d] : directories_)
        for (const auto& [entry, i] : d.shown)
            if (!i->bytes.shown().empty()) files.emplace_back(path(name) / entry, i);
    if (files.empty()) return;
    const auto& [file, i] = files[chance_.below(files.size())];
    const auto size = i->bytes.shown().size();
    constexpr std::uint64_t head_bytes = 128;
    constexpr std::uint64_t tail_bytes = 8192;
    const auto where = chance_.below(4);
    const auto from = where == 0 && size > tail_bytes ? size - tail_bytes : 0;
    rot(file, *i, from, where == 1 ? head_bytes : size);
}

void page_disk::rot(const path& file, inode& i, std::uint64_t from, std::uint64_t to) {
    std::string before(i.bytes.shown());
    const auto at = i.bytes.rot(chance_, from, to);
    if (at && on_rot) on_rot({file, *at, std::move(before)});
}

bool page_disk::is_rotten() {
    std::lock_guard lock(mutex_);
    for (const auto& p : everything())
        if (is_rotten(p)) return true;
    return false;
}

bool page_disk::is_rotten(const path& p) {
    std::lock_guard lock(mutex_);
    const auto found = find(p);
    return found && found->bytes.is_rotten();
}

bool page_disk::has_written_over_rot(const path& p) {
    std::lock_guard lock(mutex_);
    const auto found = find(p);
    return found && found->bytes.has_written_over_rot();
}

void page_disk::restore() {
    std::lock_guard lock(mutex_);
    for (const auto& [name, d] : directories_)
        for (const auto& [entry, i] : d.shown) i->bytes.restore();
}

void page_disk::accept_rot(const path& p) {
    std::lock_guard lock(mutex_);
    if (const auto found = find(p)) found->bytes.accept_rot();
}

std::string page_disk::content(const path& p) {
    std::lock_guard lock(mutex_);
    const auto found = find(p);
    return found ? std::string(found->bytes.shown()) : std::string();
}

std::vector<disk::path> page_disk::everything() const {
    std::lock_guard lock(mutex_);
    std::vector<path> all;
    for (const auto& [name, d] : directories_)
        for (const auto& [entry, i] : d.shown) all.push_back(path(name) / entry);
    return all;
}

// --- names

page_disk::directory* page_disk::directory_of(const path& p) {
    const auto it = directories_.find(p.parent_path().empty() ? "/" : p.parent_path().string());
    return it == directories_.end() ? nullptr : &it->second;
}

page_disk::inode_ptr page_disk::find(const path& p) {
    auto* d = directory_of(p);
    if (!d) return nullptr;
    const auto it = d->shown.find(p.filename().string());
    return it == d->shown.end() ? nullptr : it->second;
}

void page_disk::apply(std::map<std::string, inode_ptr>& names, const name_change& c) {
    if (!c.also_removed.empty()) names.erase(c.also_removed);
    if (c.now)
        names[c.name] = c.now;
    else
        names.erase(c.name);
}

void page_disk::change(directory& d, name_change c) {
    apply(d.shown, c);
    d.since.push_back(std::move(c));
}

void page_disk::touch(inode& i) noexcept {
    constexpr std::int64_t birth_ns = 1'800'000'000'000'000'000;
    i.written_ns = birth_ns + static_cast<std::int64_t>(calls_) * 1000;
}

const faults& page_disk::odds_at(const path& p) const {
    const auto own = odds_of.find(p.string());
    return own == odds_of.end() ? odds : own->second;
}

bool page_disk::is_sick() const noexcept {
    return odds.any() || std::ranges::any_of(odds_of, [](const auto& own) { return own.second.any(); });
}

bool page_disk::may_fail_to_read() const noexcept {
    const auto may_fail = [](const auto& own) { return own.second.read_fails > 0; };
    return odds.read_fails > 0 || std::ranges::any_of(odds_of, may_fail);
}

int page_disk::name_fault(const path& p) {
    if (const int reason = count_call()) return reason;
    return chance_.one_in(odds_at(p).name_fails) ? EIO : 0;
}

// It goes where one went since the directory was synced last, or needs more of the disk.
bool page_disk::has_no_room_for_name(const path& p) {
    const auto& since = directory_of(p)->since;
    const auto leaves_room = [](const name_change& c) { return !c.now || !c.also_removed.empty(); };
    if (find(p) || std::any_of(since.begin(), since.end(), leaves_room)) return false;
    return full || chance_.one_in(odds_at(p).is_full);
}

result<std::unique_ptr<disk::file>> page_disk::open(const path& p, mode m) {
    std::lock_guard lock(mutex_);
    if (const int reason = name_fault(p)) return code_of(reason);
    auto* d = directory_of(p);
    if (!d) return code_of(ENOENT);
    auto found = find(p);
    if (found && found->is_directory) return code_of(EISDIR);
    if (found && m == mode::create_new) return code_of(EEXIST);
    if (!found && (m == mode::read || m == mode::direct)) return code_of(ENOENT);
    if (!found) {
        if (full) return code_of(ENOSPC);
        found = std::make_shared<inode>();
        touch(*found);
        change(*d, {p.filename().string(), found});
    }
    return std::unique_ptr<file>(std::make_unique<page_disk_file>(*this, p, found, m == mode::direct));
}

bool page_disk::exists(const path& p) {
    std::lock_guard lock(mutex_);
    return find(p) || p == p.root_path();
}

result<disk::status> page_disk::look_at(const path& p) {
    std::lock_guard lock(mutex_);
    if (const int reason = count_call()) return code_of(reason);
    const auto found = find(p);
    if (!found) return code_of(ENOENT);
    return status{found->bytes.shown().size(), found->written_ns};
}

result<> page_disk::remove(const path& p) {
    std::lock_guard lock(mutex_);
    if (const int reason = name_fault(p)) return code_of(reason);
    auto* d = directory_of(p);
    const auto found = find(p);
    if (found && found->is_directory && !directories_[p.string()].shown.empty()) return code_of(ENOTEMPTY);
    if (found) change(*d, {p.filename().string(), nullptr});
    return {};
}

result<> page_disk::rename(const path& from, const path& to) {
    std::lock_guard lock(mutex_);
    if (const int reason = name_fault(from)) return code_of(reason);
    auto* d = directory_of(from);
    const auto found = find(from);
    if (!found || from.parent_path() != to.parent_path()) return code_of(found ? EXDEV : ENOENT);
    if (has_no_room_for_name(to)) return code_of(ENOSPC);
    change(*d, {to.filename().string(), found, from.filename().string()});
    return {};
}

result<> page_disk::link(const path& from, const path& to) {
    std::lock_guard lock(mutex_);
    if (const int reason = name_fault(from)) return code_of(reason);
    auto* d = directory_of(to);
    const auto found = find(from);
    if (!found || !d) return code_of(ENOENT);
    if (find(to)) return code_of(EEXIST);
    if (has_no_room_for_name(to)) return code_of(ENOSPC);
    change(*d, {to.filename().string(), found});
    return {};
}

result<std::vector<disk::path>> page_disk::list(const path& p) {
    std::lock_guard lock(mutex_);
    if (const int reason = name_fault(p)) return code_of(reason);
    const auto it = directories_.find(p.string());
    if (it == directories_.end() || !exists(p)) return code_of(ENOENT);
    std::vector<path> names;
    for (const auto& [name, that] : it->second.shown) names.push_back(p / name);
    return names;
}

result<> page_disk::make_directory(const path& p, unsigned) {
    std::lock_guard lock(mutex_);
    if (const int reason = name_fault(p)) return code_of(reason);
    auto* d = directory_of(p);
    if (!d) return code_of(ENOENT);
    if (const auto found = find(p)) return found->is_directory ? result<>() : code_of(ENOTDIR);
    if (full) return code_of(ENOSPC);
    const auto made = std::make_shared<inode>();
    made->is_directory = true;
    touch(*made);
    change(*d, {p.filename().string(), made});
    directories_[p.string()] = {};
    return {};
}

result<> page_disk::flush_directory(const path& p) {
    std::lock_guard lock(mutex_);
    if (const int reason = count_call()) return code_of(reason);
    const auto it = directories_.find(p.string());
    if (it == directories_.end() || !exists(p)) return code_of(ENOENT);
    auto& d = it->second;
    if (!d.since.empty() && chance_.one_in(odds_at(p).sync_fails)) {
        lose_names(d);
        names_were_lost_ = true;
        return code_of(EIO);
    }
    for (const auto& c : d.since) apply(d.durable, c);
    d.since.clear();
    return {};
}

// A part of them got there. The others are shown, and never reach the disk unless they are changed again.
void page_disk::lose_names(directory& d) {
    const auto survived = chance_.below(d.since.size() + 1);
    for (std::size_t i = 0; i < survived; ++i) apply(d.durable, d.since[i]);
    d.since.clear();
}

void page_disk::keep_names_of(const path& p) {
    std::lock_guard lock(mutex_);
    const auto it = directories_.find(p.string());
    if (down_ || it == directories_.end()) return;
    for (const auto& c : it->second.since) apply(it->second.durable, c);
    it->second.since.clear();
}

result<disk::room> page_disk::space(const path&) {
    std::lock_guard lock(mutex_);
    if (const int reason = count_call()) return code_of(reason);
    constexpr std::uint64_t capacity = 1 << 30;
    return room{capacity, full ? 0 : capacity / 2};
}

const char* page_disk::sqlite_vfs() const noexcept { return sqlite_->name(); }

}  // namespace distd::sim
