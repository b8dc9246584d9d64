// The real disk, where it does not answer.
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/disk.hpp"
#include "base/disk_wait.hpp"
#include "support/held_call.hpp"
#include "support/temp_dir.hpp"

using namespace distd;

namespace {

using path_call = std::function<void(disk&, const disk::path&)>;
using file_call = std::function<void(std::unique_ptr<disk::file>)>;

const std::map<std::string, path_call> path_calls{
    {"open", [](disk& d, const auto& p) { static_cast<void>(d.open(p, disk::mode::in_place)); }},
    {"exists", [](disk& d, const auto& p) { static_cast<void>(d.exists(p)); }},
    {"look_at", [](disk& d, const auto& p) { static_cast<void>(d.look_at(p)); }},
    {"rights_of",
     [](disk& d, const auto& p) { static_cast<void>(d.rights_of(p, disk::links::are_followed)); }},
    {"remove", [](disk& d, const auto& p) { static_cast<void>(d.remove(p)); }},
    {"rename", [](disk& d, const auto& p) { static_cast<void>(d.rename(p, p.string() + "2")); }},
    {"link", [](disk& d, const auto& p) { static_cast<void>(d.link(p, p.string() + "2")); }},
    {"list", [](disk& d, const auto& p) { static_cast<void>(d.list(p)); }},
    {"make_directory", [](disk& d, const auto& p) { static_cast<void>(d.make_directory(p, 0700)); }},
    {"sync_directory", [](disk& d, const auto& p) { static_cast<void>(d.sync_directory(p)); }},
    {"space", [](disk& d, const auto& p) { static_cast<void>(d.space(p)); }},
};

const std::map<std::string, file_call> file_calls{
    {"append", [](auto f) { static_cast<void>(f->append("x")); }},
    {"write_at", [](auto f) { static_cast<void>(f->write_at(0, "x")); }},
    {"read_at",
     [](auto f) {
         char byte = 0;
         static_cast<void>(f->read_at(0, &byte, 1));
     }},
    {"size", [](auto f) { static_cast<void>(f->size()); }},
    {"sync", [](auto f) { static_cast<void>(f->sync()); }},
    {"truncate", [](auto f) { static_cast<void>(f->truncate(1)); }},
    {"allocate", [](auto f) { static_cast<void>(f->allocate(1)); }},
    {"close", [](auto f) { f.reset(); }},
};

void check_held(const disk::path& p, std::function<void()> call) {
    {
        const test::held_call held(std::move(call));
        if (!held.is_possible()) {
            WARN("this system lets nobody hold a call: not tested");
            return;
        }
        CHECK(held.wait_until_held());
        const auto waiting = disk_wait::oldest();
        CHECK((waiting ? waiting->file : "nobody knows which") == p.string());
    }
    CHECK_FALSE(disk_wait::oldest());
}

}  // namespace

TEST_CASE("whatever a disk is asked for, where it does not answer it is known which file it is about") {
    const test::temp_dir dir;
    const auto path = std::filesystem::path(dir / "file");
    for (const auto& [name, call] : path_calls) {
        INFO(name);
        call(real_disk(), path);
        check_held(path, [&] { call(real_disk(), path); });
    }
    for (const auto& [name, call] : file_calls) {
        INFO(name);
        const auto opened = [&] { return real_disk().open(path, disk::mode::in_place).value(); };
        call(opened());
        auto file = opened();
        check_held(path, [&] { call(std::move(file)); });
    }
}
