// The line by which a script learns how many tests there were, where both outputs go to one file.
#include "support/files.hpp"
#include "support/process.hpp"
#include "support/temp_dir.hpp"

#include <unistd.h>
#include <catch2/catch.hpp>
#include <cstdio>

namespace distd::test {

// More than one buffer of standard output holds, so that the rest of a line is still in it at the end.
TEST_CASE("a test that prints much", "[.]") {
    for (int line = 0; line != 1000; ++line) {
        std::printf("line %d\n", line);
    }
}

TEST_CASE("the number of tests stands on a line of its own, however much they printed") {
    const temp_dir dir;
    const std::string output = dir.path() + "/output";
    process run({"bash", "-c", "exec \"$0\" 'a test that prints much' >\"$1\" 2>&1",
                 "/proc/" + std::to_string(::getpid()) + "/exe", output});
    CHECK(run.wait() == 0);
    CHECK_THAT(text_of(output), Catch::Contains("\nline 999\ntally: 1 passed, 0 failed\n"));
}

}  // namespace distd::test
