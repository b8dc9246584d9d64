// Any bytes as a config file: they are refused with a sentence, or taken; and what was taken is printed as a
// file that gives the same settings, which is printed the same again but for the origins.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/settings/options.hpp"
#include "require.hpp"

using distd::test::require;

namespace {

using namespace distd;

std::vector<setting> every_kind() {
    using enum setting_kind;
    return {
        {.name = "t", .kind = text, .fallback = "", .help = ""},
        {.name = "o", .kind = on_off, .fallback = "off", .help = ""},
        {.name = "i", .kind = integer, .fallback = "0", .help = "", .min = -1000},
        {.name = "d", .kind = duration, .fallback = "0s", .help = ""},
        {.name = "s", .kind = size, .fallback = "0", .help = ""},
        {.name = "c", .kind = choice, .fallback = "a", .help = "", .choices = {"a", "b"}},
        {.name = "cs", .kind = choices, .fallback = "all", .help = "", .choices = {"a", "b"}},
        {.name = "a", .kind = address, .fallback = "", .help = ""},
        {.name = "u", .kind = urls, .fallback = "", .help = ""},
        {.name = "p", .kind = path, .fallback = "", .help = ""},
        {.name = "ts", .kind = texts, .fallback = "", .help = ""},
        {.name = "config", .kind = path, .fallback = "", .help = ""},
    };
}

settings parse(const settings_parser& parser, const std::string& file) {
    return parser.parse({{"--config=f"}, {}, [&](const std::string&) { return file; }});
}

bool same(const settings& a, const settings& b) {
    for (const char* name : {"t", "c", "a", "p"}) {
        if (a.text(name) != b.text(name)) return false;
    }
    for (const char* name : {"cs", "u", "ts"}) {
        if (a.list(name) != b.list(name)) return false;
    }
    return a.on("o") == b.on("o") && a.integer("i") == b.integer("i") && a.duration("d") == b.duration("d") &&
           a.size("s") == b.size("s");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const settings_parser parser(every_kind());
    const std::string file(reinterpret_cast<const char*>(data), size);
    try {
        const settings first = parse(parser, file);
        try {
            require(same(first, parse(parser, parser.effective(first))));
        } catch (const settings_error&) {
            require(false);  // what we print, we take
        }
    } catch (const settings_error& wrong) {
        require(std::string(wrong.what()).find_first_of("\n\r") == std::string::npos);
    }
    return 0;
}
