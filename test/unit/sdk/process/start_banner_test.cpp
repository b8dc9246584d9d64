// What a person reads when a process has started.
#include "sdk/process/start_banner.hpp"

#include <catch2/catch.hpp>

using namespace distd;

namespace {

start_banner sample() {
    return {"distd",
            "0.1.0",
            {{"registry", "http://127.0.0.1:3000", "services, health, configuration"},
             {"log", "http://127.0.0.1:4000", "lines in, lines found"},
             {"console", "http://127.0.0.1:5050", "what runs"}},
            "./data",
            std::chrono::microseconds(17'300),
            "http://127.0.0.1:5050/"};
}

}  // namespace

TEST_CASE("the banner says what runs where, and ends with the address to open") {
    CHECK(text_of(sample(), {true, false, true, 80}) ==
          "distd 0.1.0 · registry, log, console in this process · data in ./data\n"
          "\n"
          "  registry  http://127.0.0.1:3000   services, health, configuration\n"
          "  log       http://127.0.0.1:4000   lines in, lines found\n"
          "  console   http://127.0.0.1:5050   what runs\n"
          "\n"
          "● ready after 17 ms. Open http://127.0.0.1:5050/ (Ctrl-C stops it)\n"
          "\n");
}

TEST_CASE("the banner of roles without pages names nothing to open") {
    auto b = sample();
    b.services.resize(1);
    b.open.clear();
    b.data = "data";
    CHECK(text_of(b, {true, false, true, 0}) ==
          "distd 0.1.0 · registry in this process · data in ./data\n"
          "\n"
          "  registry  http://127.0.0.1:3000   services, health, configuration\n"
          "\n"
          "● ready after 17 ms (Ctrl-C stops it)\n"
          "\n");
}

TEST_CASE("the banner of a service of somebody else's has its name and its version") {
    start_banner b{"BookService",
                   "1.2",
                   {{"bookservice", "http://127.0.0.1:8010", ""}},
                   "/var/lib/b",
                   std::chrono::milliseconds(3),
                   ""};
    CHECK(text_of(b, {true, false, true, 0}) ==
          "BookService 1.2 · data in /var/lib/b\n"
          "\n"
          "  bookservice  http://127.0.0.1:8010\n"
          "\n"
          "● ready after 3.0 ms (Ctrl-C stops it)\n"
          "\n");
}

TEST_CASE("in a narrow terminal the banner is cut, but the address to open is whole") {
    auto b = sample();
    b.open = "http://127.0.0.1:5050/?t=0123456789abcdef0123456789abcdef";
    const auto text = text_of(b, {true, false, true, 62});
    CHECK_THAT(text, Catch::StartsWith("distd 0.1.0 · 3 services in this process · data in ./data\n"));
    CHECK_THAT(text, Catch::Contains("\n  registry  http://127.0.0.1:3000   services, health, configu…\n"));
    CHECK_THAT(text, Catch::EndsWith("● ready after 17 ms (Ctrl-C stops it)\n"
                                     "  Open http://127.0.0.1:5050/?t=0123456789abcdef0123456789abcdef\n\n"));
}

TEST_CASE("the banner has colours only where they are wanted") {
    CHECK(text_of(sample(), {true, false, true, 80}).find('\x1b') == std::string::npos);
    const auto text = text_of(sample(), {true, true, true, 80});
    CHECK_THAT(text, Catch::StartsWith("\x1b[1mdistd 0.1.0\x1b[0m"));
    CHECK_THAT(text, Catch::Contains("\x1b[36mhttp://127.0.0.1:5050/\x1b[0m"));
}
