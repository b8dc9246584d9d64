// Short texts and long ones are searched in different ways, with the same
// answers.
#include "role/log/line/find_text.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace distd::logs;

TEST_CASE(
    "a text is found in a line and in a block of lines as the standard "
    "library finds it") {
    for (const std::size_t size : {0U, 1U, 7U, 300U, 1023U, 1024U, 1025U, 1026U, 5000U}) {
        std::string inside;
        while (inside.size() < size) inside += "abcab"[inside.size() * inside.size() % 5];
        if (size > 20) inside.replace(size - 9, 4, "x-yz");
        for (const char* wanted : {"", "a", "x-yz", "x-yzq", "ba", "cc", "z"})
            for (const auto from :
                 {std::size_t{0}, std::size_t{1}, size / 2, size - size / 40, size, size + 1})
                CHECK(find_text(inside, wanted, from) == inside.find(wanted, from));
    }
}
