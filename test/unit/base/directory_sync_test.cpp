// What a folder's sync means where two threads ask for it at once.
#include <atomic>
#include <catch2/catch.hpp>
#include <cerrno>
#include <future>
#include <memory>

#include "support/forwarding_disk.hpp"
#include "support/temp_dir.hpp"
#include "support/thread_gate.hpp"

using namespace distd;

namespace {

// As Linux has it: a failure is told once.
class once_failing_disk final : public test::forwarding_disk {
public:
    once_failing_disk() : forwarding_disk(real_disk()) {}

    test::thread_gate first_sync;

private:
    std::unique_ptr<file> wrapped(const path&, std::unique_ptr<file> that) override { return that; }
    result<> flush_directory(const path&) override {
        if (has_failed_.exchange(true)) return {};
        static_cast<void>(first_sync.hold());
        return boost::system::error_code(EIO, boost::system::generic_category());
    }

    std::atomic<bool> has_failed_ = false;
};

}  // namespace

TEST_CASE("of two syncs of a folder at once none succeeds when the disk has failed one") {
    const test::temp_dir dir;
    once_failing_disk disk;
    auto one = std::async(std::launch::async, [&] { return disk.sync_directory(dir.path()); });
    disk.first_sync.wait_until_held();
    std::promise<void> begins;
    auto other = std::async(std::launch::async, [&] {
        begins.set_value();
        return disk.sync_directory(dir.path());
    });
    begins.get_future().wait();
    disk.first_sync.open();
    CHECK(one.get().error().value() == EIO);
    CHECK(other.get().error().value() == EIO);
    CHECK(disk.has_lost_names(dir.path()));
}
