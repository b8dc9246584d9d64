// A disk that does not give back some places of one file, as one that wears out; all else is another disk's.
#pragma once

#include <cerrno>
#include <map>
#include <memory>
#include <utility>

#include "base/disk.hpp"

namespace distd::test {

class bad_places final : public disk {
public:
    explicit bad_places(disk& under = real_disk()) : under_(under) {}

    void spoil(const path& file, std::uint64_t from, std::uint64_t to) { bad_[file.string()] = {from, to}; }
    void heal() { bad_.clear(); }

    result<std::unique_ptr<file>> open(const path& p, mode m) override {
        auto opened = under_.open(p, m);
        if (!opened) return opened.error();
        return std::unique_ptr<file>(std::make_unique<worn_file>(*this, p.string(), std::move(*opened)));
    }
    bool exists(const path& p) override { return under_.exists(p); }
    result<status> look_at(const path& p) override { return under_.look_at(p); }
    result<> remove(const path& p) override { return under_.remove(p); }
    result<> rename(const path& from, const path& to) override { return under_.rename(from, to); }
    result<> link(const path& from, const path& to) override { return under_.link(from, to); }
    result<std::vector<path>> list(const path& p) override { return under_.list(p); }
    result<> make_directories(const path& p) override { return under_.make_directories(p); }
    result<> sync_directory(const path& p) override { return under_.sync_directory(p); }
    result<room> space(const path& p) override { return under_.space(p); }
    [[nodiscard]] const char* sqlite_vfs() const noexcept override { return under_.sqlite_vfs(); }

private:
    struct range {
        std::uint64_t from;
        std::uint64_t to;
    };

    class worn_file final : public file {
    public:
        worn_file(bad_places& d, std::string name, std::unique_ptr<file> that)
            : disk_(d), name_(std::move(name)), that_(std::move(that)) {}
        result<std::size_t> append(std::string_view bytes) override { return that_->append(bytes); }
        result<std::size_t> write_at(std::uint64_t at, std::string_view bytes) override {
            return that_->write_at(at, bytes);
        }
        result<std::size_t> read_at(std::uint64_t at, char* out, std::size_t size) override {
            const auto bad = disk_.bad_.find(name_);
            if (bad != disk_.bad_.end() && at < bad->second.to && bad->second.from < at + size)
                return boost::system::error_code(EIO, boost::system::generic_category());
            return that_->read_at(at, out, size);
        }
        result<std::uint64_t> size() override { return that_->size(); }
        result<> sync() override { return that_->sync(); }
        result<> truncate(std::uint64_t size) override { return that_->truncate(size); }
        result<> allocate(std::uint64_t size) override { return that_->allocate(size); }
        result<> lock(patience p) override { return that_->lock(p); }
        void unlock() noexcept override { that_->unlock(); }
        result<void*> map(std::size_t size) override { return that_->map(size); }

    private:
        bad_places& disk_;
        const std::string name_;
        const std::unique_ptr<file> that_;
    };

    disk& under_;
    std::map<std::string, range> bad_;
};

}  // namespace distd::test
