// Which files of access tokens are used, and what becomes of one that changes.
#include "sdk/process/token_file.hpp"

#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <distd/settings.hpp>
#include <filesystem>
#include <fstream>
#include <optional>

#include "base/logging/log_sink.hpp"
#include "sdk/process/token_file_watch.hpp"
#include "support/fake_time.hpp"
#include "support/record_text.hpp"
#include "support/temp_dir.hpp"

using namespace distd;
using Catch::Contains;

namespace {

const std::string good = "0123456789abcdef";

struct scene {
    void write(const std::string& text, mode_t mode = 0600) {
        std::ofstream(file) << text;
        REQUIRE(::chmod(file.c_str(), mode) == 0);
    }
    std::string problem() const {
        try {
            static_cast<void>(read_token_file(file));
            return {};
        } catch (const settings_error& e) {
            return e.what();
        }
    }

    test::temp_dir dir;
    std::string file = dir / "tokens";
};

struct watched : scene {
    watched() {
        write(good + "\n");
        log->tap("distd",
                 [this](log_level, std::string_view line) { lines += test::record_text(line) + "\n"; });
        watch.emplace(
            file, [this](std::vector<std::string> t) { tokens = std::move(t); }, loop.get_executor(), time,
            logger(log, "distd"));
    }

    boost::asio::io_context loop;
    test::fake_time time{loop};
    std::string lines;
    std::shared_ptr<log_sink> log = std::make_shared<log_sink>(log_sink::setup{.descriptor = -1}, time);
    std::vector<std::string> tokens{"none yet"};
    std::optional<token_file_watch> watch;
};

}  // namespace

TEST_CASE_METHOD(scene, "a token stands on a line of its own, and notes are passed over") {
    write("# ours\n" + good + "  \r\n\n# theirs\n" + good + "-2");
    CHECK(read_token_file(file) == std::vector<std::string>{good, good + "-2"});
}

TEST_CASE_METHOD(scene, "a file that others may read or write is refused") {
    for (const int mode : {0640, 0604, 0620, 0602, 0666}) {
        CAPTURE(mode);
        write(good + "\n", static_cast<mode_t>(mode));
        CHECK_THAT(problem(), Contains("--access-token-file=" + file) && Contains("chmod 600"));
    }
    write(good + "\n", 0400);
    CHECK(problem().empty());
}

TEST_CASE_METHOD(scene, "a token that can be guessed or cannot be sent is refused, by its line") {
    write("# a note\n" + good + "\nshort\n");
    CHECK_THAT(problem(), Contains("line 3") && Contains("5 characters") && Contains("openssl rand -hex 32"));
    write(std::string(64, 'a') + "\n");
    CHECK_THAT(problem(), Contains("line 1") && Contains("1 different characters") && Contains("guessed"));
    write("abcdefgabcdefgabcdefg\n");
    CHECK_THAT(problem(), Contains("7 different characters"));
    write("two words of some length\n");
    CHECK_THAT(problem(), Contains("line 1") && Contains("no spaces"));
    write("umlaut-\xc3\xa4-in-this-token\n");
    CHECK_THAT(problem(), Contains("visible ASCII"));
    write("# nothing\n");
    CHECK_THAT(problem(), Contains("holds no token"));
}

TEST_CASE_METHOD(scene, "what is no file is refused") {
    CHECK_THAT(problem(), Contains("cannot be read"));
    std::filesystem::create_directory(file);
    CHECK_THAT(problem(), Contains("that is not a file"));
    std::filesystem::remove(file);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK_THAT(problem(), Contains("that is not a file"));
}

TEST_CASE_METHOD(watched, "a file that has changed is used, one that has not is left alone") {
    watch->look();
    CHECK(tokens == std::vector<std::string>{"none yet"});
    write(good + "-new\n");
    watch->look();
    CHECK(tokens == std::vector<std::string>{good + "-new"});
    CHECK_THAT(lines, Contains("access_tokens_exchanged count=1"));
}

TEST_CASE_METHOD(watched, "a bad new file changes nothing and is said once, a good one behind it is used") {
    write("short\n");
    watch->look();
    watch->look();
    CHECK(tokens == std::vector<std::string>{"none yet"});
    CHECK_THAT(lines, Contains("access_tokens_kept") && Contains("can be guessed"));
    const auto said = lines.size();
    watch->look();
    CHECK(lines.size() == said);
    std::filesystem::remove(file);
    watch->look();
    CHECK_THAT(lines.substr(said), Contains("cannot be read"));
    write(good + "-later\n");
    watch->look();
    CHECK(tokens == std::vector<std::string>{good + "-later"});
}
