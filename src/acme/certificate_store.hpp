// What ACME keeps of a service, in a folder of its data folder that nobody else can read: the certificate
// with its key in one file, so that the two always fit, the accounts, and the record of the order that is
// under way. A file is written beside the old one, synced, and put in its place.
//
// When the disk refuses, what was to be kept stays in memory and is used all the same; `keep` and `retry`
// write it again.
#pragma once

#include <distd/task.hpp>
#include <map>
#include <optional>
#include <string>

#include "acme/acme_core.hpp"
#include "base/disk.hpp"
#include "store/blocking_pool.hpp"

namespace distd::acme {

// One for each directory.
struct kept_account {
    std::string directory;
    std::string url;  // by which the CA knows it; empty: it was not made yet
    std::string key;  // PEM
};
BOOST_DESCRIBE_STRUCT(kept_account, (), (directory, url, key))

class certificate_store {
public:
    // Throws std::runtime_error with a sentence when the folder cannot be made.
    certificate_store(disk&, std::string folder, executor);

    // As an earlier process left it: for a start, since the disk is waited for. Nothing where there is none,
    // and where it cannot be read, of which `problem` tells.
    [[nodiscard]] std::optional<std::string> read_certificate();  // PEM: the key, then the chain
    [[nodiscard]] acme_record read_record();
    void read_account(const std::string& directory);

    // That was kept last, on disk or not; null: none.
    [[nodiscard]] const kept_account* account(const std::string& directory) const;

    // False: it could not be written. It is on disk, and stays there, when it returns true.
    [[nodiscard]] task<bool> keep_certificate(std::string pair);
    [[nodiscard]] task<bool> keep_record(acme_record);
    [[nodiscard]] task<bool> keep_account(kept_account);
    [[nodiscard]] task<> retry();
    [[nodiscard]] bool has_unsaved() const noexcept { return !unsaved_.empty(); }

    // A sentence; empty: there is none.
    [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

private:
    [[nodiscard]] std::optional<std::string> read(const std::string& name);
    [[nodiscard]] task<bool> keep(std::string name, std::string text);
    [[nodiscard]] result<> write(const std::string& name, const std::string& text);

    disk& disk_;
    const std::string folder_;
    std::map<std::string, kept_account> accounts_;  // by directory
    std::map<std::string, std::string> unsaved_;    // text by file name
    std::string problem_;
    blocking_pool writer_;
};

}  // namespace distd::acme
