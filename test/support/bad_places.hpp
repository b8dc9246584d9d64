// A disk that does not give back some places of one file, as one that wears out; all else is another disk's.
#pragma once

#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "support/forwarding_disk.hpp"

namespace distd::test {

class bad_places final : public forwarding_disk {
public:
    explicit bad_places(disk& under = real_disk()) : forwarding_disk(under) {}

    void spoil(const path& file, std::uint64_t from, std::uint64_t to) { bad_[file.string()] = {from, to}; }
    void heal() { bad_.clear(); }

private:
    struct range {
        std::uint64_t from;
        std::uint64_t to;
    };

    class worn_file final : public forwarding_file {
    public:
        worn_file(bad_places& d, std::string name, std::unique_ptr<file> that)
            : forwarding_file(std::move(that)), disk_(d), name_(std::move(name)) {}
        result<std::size_t> read_at(std::uint64_t at, char* out, std::size_t size) override {
            const auto bad = disk_.bad_.find(name_);
            if (bad != disk_.bad_.end() && at < bad->second.to && bad->second.from < at + size)
                return boost::system::error_code(EIO, boost::system::generic_category());
            return forwarding_file::read_at(at, out, size);
        }

    private:
        bad_places& disk_;
        const std::string name_;
    };

    std::unique_ptr<file> wrapped(const path& p, std::unique_ptr<file> that) override {
        return std::make_unique<worn_file>(*this, p.string(), std::move(that));
    }

    std::map<std::string, range> bad_;
};

}  // namespace distd::test
