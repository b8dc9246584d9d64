// Whose file is taken for a secret.
#include "sdk/secret_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <vector>

#include "base/disk_wait.hpp"
#include "base/logging/log_sink.hpp"
#include "support/fake_time.hpp"
#include "support/forwarding_disk.hpp"
#include "support/temp_dir.hpp"

using namespace distd;

namespace {

// Notes for which file it would be waited if it never came back.
class noting_disk final : public test::forwarding_disk {
public:
    noting_disk() : forwarding_disk(real_disk()) {}

    result<std::unique_ptr<file>> open(const path& p, mode m) override {
        note();
        return forwarding_disk::open(p, m);
    }
    result<rights> rights_of(const path& p, links l) override {
        note();
        return real_disk().rights_of(p, l);
    }

    std::vector<std::string> waits;

private:
    class noting_file final : public forwarding_file {
    public:
        noting_file(noting_disk& d, std::unique_ptr<file> that)
            : forwarding_file(std::move(that)), disk_(d) {}
        result<std::size_t> append(std::string_view bytes) override {
            disk_.note();
            return forwarding_file::append(bytes);
        }
        result<std::size_t> read_at(std::uint64_t at, char* out, std::size_t size) override {
            disk_.note();
            return forwarding_file::read_at(at, out, size);
        }

    private:
        noting_disk& disk_;
    };

    std::unique_ptr<file> wrapped(const path&, std::unique_ptr<file> that) override {
        return std::make_unique<noting_file>(*this, std::move(that));
    }
    void note() {
        const auto waiting = disk_wait::oldest();
        waits.push_back(waiting ? waiting->file : "nobody knows which");
    }
};

}  // namespace

TEST_CASE("a disk that hangs while a secret is kept or read is named by the secret's file") {
    const test::temp_dir dir;
    boost::asio::io_context loop;
    test::fake_time time(loop);
    const logger log(std::make_shared<log_sink>(log_sink::setup{.descriptor = -1}, time), "Test");
    noting_disk disk;
    keep_secret(disk, dir.path(), "operator", "secret", log);
    CHECK(read_secret(disk, dir / "operator.secret") == "secret");
    CHECK(disk.waits == std::vector<std::string>(6, dir / "operator.secret"));
}

TEST_CASE("a secret is read from a file that nobody else may write, and from nothing else") {
    const test::temp_dir dir;
    const auto file = dir / "operator.secret";
    const auto read = [&] { return read_secret(real_disk(), file); };
    CHECK_FALSE(read());
    std::ofstream(file) << "secret\n";
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
    CHECK(read() == "secret");
    for (const mode_t mode : {0620, 0602}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        CHECK_FALSE(read());
    }
    REQUIRE(::unlink(file.c_str()) == 0);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK_FALSE(read());
}
