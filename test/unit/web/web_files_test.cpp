// The files of web/, embedded and from the disk.
#include "role/web/web_files.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "role/portal/grade_book/pages.hpp"
#include "support/files.hpp"
#include "support/places.hpp"

using namespace distd;
using namespace distd::web;
using distd::test::text_of;

namespace {

const std::string root = test::source_dir() + "/web";

web_files built_in() { return web_files("portal"); }
web_files from_disk() { return web_files("portal", root); }

}  // namespace

TEST_CASE("every file of web is embedded, byte for byte and in order") {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        const auto path = std::filesystem::relative(entry.path(), root).generic_string();
        const auto slash = path.find('/');
        INFO(path);
        const auto found = web_files(path.substr(0, slash)).find(path.substr(slash + 1));
        REQUIRE(found);
        CHECK(found->bytes == text_of(entry.path()));
        CHECK(found->tag.size() == 16);
        ++count;
    }
    CHECK(embedded_files().size() == count);
}

TEST_CASE("a file that does not exist is not found, in neither place") {
    for (const auto* path : {"", "assets", "assets/", "assets/none.css", "style.css"}) {
        INFO(path);
        CHECK_FALSE(built_in().find(path));
        CHECK_FALSE(from_disk().find(path));
    }
}

TEST_CASE("files from disk have no ETag, and only those below the root are served") {
    const auto files = from_disk();
    const auto style = files.find("assets/style.css");
    REQUIRE(style);
    CHECK(style->tag.empty());
    CHECK(files.tag_of("assets/style.css").empty());
    for (const auto* path :
         {"../CMakeLists.txt", "assets/../../CMakeLists.txt", "/etc/hostname", "assets/./style.css",
          "assets/.hidden", "assets\\style.css", "assets/style.css%00"}) {
        INFO(path);
        CHECK_FALSE(files.find(path));
    }
    CHECK_FALSE(files.find(std::string_view("assets/style.css\0", 17)));
}

TEST_CASE("a folder that is not a copy of web/ is refused with what is missing") {
    CHECK_THROWS_WITH(web_files("portal", "/nowhere"),
                      Catch::Contains("/nowhere") && Catch::Contains("templates"));
}

TEST_CASE("pages from disk equal embedded ones, except for asset versions") {
    const auto page = portal::pages(from_disk(), "Portald").message("Here", "a sentence", {});
    CHECK(page.find("href=\"/assets/style.css\"") != std::string::npos);
    const auto embedded = portal::pages(built_in(), "Portald").message("Here", "a sentence", {});
    CHECK(embedded.find("href=\"/assets/style.css?v=") != std::string::npos);
}

TEST_CASE("both themes of the style sheet define the same colours") {
    const auto css = text_of(root + "/portal/assets/style.css");
    const auto dark = css.find("prefers-color-scheme: dark");
    REQUIRE(dark != std::string::npos);
    const auto end_of_dark = css.find("\n}\n", dark);
    const auto light_part = css.substr(0, dark), dark_part = css.substr(dark, end_of_dark - dark);
    for (auto at = light_part.find("\n  --"); at != std::string::npos;
         at = light_part.find("\n  --", at + 1)) {
        const auto name = light_part.substr(at + 3, light_part.find(':', at) - at - 3);
        INFO(name);
        CHECK(dark_part.find("    " + name + ":") != std::string::npos);
    }
}
