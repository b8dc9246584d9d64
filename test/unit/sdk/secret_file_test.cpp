// Whose file is taken for a secret.
#include "sdk/secret_file.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "support/temp_dir.hpp"

using namespace distd;

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
