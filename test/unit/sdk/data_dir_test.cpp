// A service's folder is its own, or it is not used.
#include "sdk/data_dir.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "support/temp_dir.hpp"

using namespace distd;
using Catch::Contains;
namespace fs = std::filesystem;

namespace {

struct scene {
    void make(const std::string& path, mode_t mode) {
        REQUIRE(::mkdir(path.c_str(), 0700) == 0);
        REQUIRE(::chmod(path.c_str(), mode) == 0);
    }
    std::string problem() const {
        try {
            const data_dir taken(real_disk(), folder);
            return {};
        } catch (const std::runtime_error& e) {
            return e.what();
        }
    }

    test::temp_dir dir;
    std::string root = dir / "data";
    std::string folder = dir / "data/registry";
};

}  // namespace

TEST_CASE_METHOD(scene, "a folder is made for its user alone, with its parents, and taken again later") {
    CHECK(problem().empty());
    CHECK(problem().empty());
    for (const auto& path : {root, folder}) {
        struct stat about {};
        REQUIRE(::stat(path.c_str(), &about) == 0);
        CHECK((about.st_mode & 07777) == 0700);
    }
}

TEST_CASE_METHOD(scene, "a folder that others may write to is refused, and nothing in it is touched") {
    const auto mode = GENERATE(0777, 0770, 0702);
    const auto victim = dir / "victim.txt";
    std::ofstream(victim) << "precious";
    make(root, 0700);
    make(folder, static_cast<mode_t>(mode));
    fs::create_symlink(victim, folder + "/lock");
    CHECK_THAT(problem(), Contains(folder) && Contains("may be written by other users") && Contains("chmod"));
    CHECK(fs::file_size(victim) == 8);
}

TEST_CASE_METHOD(
    scene, "a folder whose parent others may write to is refused, unless only owners move things there") {
    make(root, 0777);
    CHECK_THAT(problem(), Contains(root) && Contains("may be written by other users"));
    REQUIRE(::chmod(root.c_str(), 01777) == 0);
    CHECK(problem().empty());
}

TEST_CASE_METHOD(scene, "a lock that leads elsewhere is not followed") {
    const auto victim = dir / "victim.txt";
    std::ofstream(victim) << "precious";
    make(root, 0700);
    make(folder, 0700);
    SECTION("by a symbolic link") { fs::create_symlink(victim, folder + "/lock"); }
    SECTION("by another name of the same file") { fs::create_hard_link(victim, folder + "/lock"); }
    CHECK_THAT(problem(), Contains(folder + "/lock"));
    CHECK(fs::file_size(victim) == 8);
}

TEST_CASE_METHOD(scene, "a lock that is no file is refused at once") {
    make(root, 0700);
    make(folder, 0700);
    const auto lock = folder + "/lock";
    SECTION("a pipe, whose other end nobody opens") { REQUIRE(::mkfifo(lock.c_str(), 0600) == 0); }
    SECTION("a folder") { REQUIRE(::mkdir(lock.c_str(), 0700) == 0); }
    CHECK_THAT(problem(), Contains(lock) && Contains("no file that distd has made; remove it"));
}

TEST_CASE("to open a pipe in a file's place does not wait for its other end") {
    test::temp_dir dir;
    const auto pipe = dir / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::array<char, 8> bytes{};
    const auto file = real_disk().open(pipe, disk::mode::read);
    const auto read = file ? (*file)->read_at(0, bytes.data(), bytes.size()) : result<std::size_t>(0);
    CHECK((!read || *read == 0));
}

TEST_CASE_METHOD(scene, "a folder that is a link is not followed") {
    make(root, 0700);
    make(dir / "elsewhere", 0700);
    fs::create_directory_symlink(dir / "elsewhere", folder);
    CHECK_THAT(problem(), Contains("the data folder " + folder + " is a link"));
}

TEST_CASE_METHOD(scene, "a folder of another user is refused") {
    if (::geteuid() != 0) return;  // nobody else can give a folder away
    constexpr uid_t somebody = 65'534;
    make(root, 0700);
    make(folder, 0700);
    const bool is_root = GENERATE(true, false);
    REQUIRE(::chown((is_root ? root : folder).c_str(), somebody, somebody) == 0);
    CHECK_THAT(problem(), Contains("belongs to another user"));
}
