// A disk that passes every call on to another one, and its files likewise: for disks of tests that are bad at
// one thing only.
#pragma once

#include <memory>
#include <utility>

#include "base/disk.hpp"

namespace distd::test {

class forwarding_disk : public disk {
public:
    explicit forwarding_disk(disk& under) : under_(under) {}

    result<std::unique_ptr<file>> open(const path& p, mode m) override {
        auto opened = under_.open(p, m);
        if (!opened) return opened.error();
        return wrapped(p, std::move(*opened));
    }
    bool exists(const path& p) override { return under_.exists(p); }
    result<status> look_at(const path& p) override { return under_.look_at(p); }
    result<> remove(const path& p) override { return under_.remove(p); }
    result<> rename(const path& from, const path& to) override { return under_.rename(from, to); }
    result<> link(const path& from, const path& to) override { return under_.link(from, to); }
    result<std::vector<path>> list(const path& p) override { return under_.list(p); }
    result<> make_directory(const path& p, unsigned mode) override { return under_.make_directory(p, mode); }
    result<room> space(const path& p) override { return under_.space(p); }
    [[nodiscard]] const char* sqlite_vfs() const noexcept override { return under_.sqlite_vfs(); }

protected:
    class forwarding_file : public file {
    public:
        explicit forwarding_file(std::unique_ptr<file> that) : that_(std::move(that)) {}
        result<std::size_t> append(std::string_view bytes) override { return that_->append(bytes); }
        result<std::size_t> write_at(std::uint64_t at, std::string_view bytes) override {
            return that_->write_at(at, bytes);
        }
        result<std::size_t> read_at(std::uint64_t at, char* out, std::size_t size) override {
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
        const std::unique_ptr<file> that_;
    };

    // The file that was opened at that path, with what is bad about it.
    virtual std::unique_ptr<file> wrapped(const path&, std::unique_ptr<file>) = 0;

private:
    result<> flush_directory(const path& p) override { return under_.sync_directory(p); }

    disk& under_;
};

}  // namespace distd::test
