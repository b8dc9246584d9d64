// Where a role keeps the secret of its registration for its operator.
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "role/registry_fixture.hpp"

using namespace distd::test;

TEST_CASE("a secret's file that others can read or that leads elsewhere is replaced") {
    registry_service s;
    const auto folder = s.w.data_dir("log") + "/log";
    const auto file = folder + "/owner.secret";
    const auto elsewhere = s.w.data_dir("log") + "/elsewhere";
    std::filesystem::create_directories(folder);
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    std::ofstream(elsewhere) << "precious";
    SECTION("others may read it") {
        std::ofstream(file) << "known";
        REQUIRE(::chmod(file.c_str(), 0666) == 0);
    }
    SECTION("it is a link") { std::filesystem::create_symlink(elsewhere, file); }
    SECTION("it is another name") { std::filesystem::create_hard_link(elsewhere, file); }
    s.w.start("log", "log", {"--registry=" + s.url()});
    struct stat about {};
    REQUIRE(::lstat(file.c_str(), &about) == 0);
    CHECK(S_ISREG(about.st_mode));
    CHECK((about.st_mode & 0777) == 0600);
    CHECK(about.st_nlink == 1);
    CHECK(std::filesystem::file_size(elsewhere) == 8);
}
