#include "role/grading/core/fold.hpp"

#include <array>

#include "base/ascii.hpp"
#include "base/utf8.hpp"

namespace distd::grading {
namespace {

constexpr unsigned first_letter = 0xc0;

// U+00C0 to U+017F; empty: unchanged (the multiplication and division signs).
constexpr std::array<std::string_view, 192> plain_letters{
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "",  "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "",  "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "n",  "n",  "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};

// clang-format off
// The folded form of each letter of a range: lower case, without accents; others are unchanged.
struct letter_range {
    char32_t first;
    std::u16string_view plain;
};
constexpr std::array<letter_range, 4> more_letters{{
    {0x180,  // Latin Extended-B
     u"bbbbƅƅɔccddddƍǝəɛffgɣƕɩikklƛɯnno"
     u"ooƣƣppʀƨƨʃƪttttuuʊvyyzzʒƹƹƺƻƽƽƾƿ"
     u"ǀǁǂǃǆǆǆǉǉǉǌǌǌaaiioouuuuuuuuuuǝaa"
     u"aaææggggkkooooʒʒjǳǳǳggƕƿnnaaææøø"
     u"aaaaeeeeiiiioooorrrruuuussttȝȝhh"
     u"ndȣȣzzaaeeooooooooyylntjȸȹacclts"
     u"zɂɂbuʌeejjɋɋrryy"},
    {0x386,  // Greek
     u"α·εηι\u038bο\u038dυωιαβγδεζηθικλμνξοπρ\u03a2στυ"
     u"φχψωιυαεηιυαβγδεζηθικλμνξοπρσστυ"
     u"φχψωιυουω"},
    {0x400,  // Cyrillic
     u"ееђгєѕііјљњћкиуџабвгдежзииклмноп"
     u"рстуфхцчшщъыьэюяабвгдежзииклмноп"
     u"рстуфхцчшщъыьэюяееђгєѕііјљњћкиуџ"
     u"ѡѡѣѣѥѥѧѧѩѩѫѫѭѭѯѯѱѱѳѳѵѵѵѵѹѹѻѻѽѽѿѿ"
     u"ҁҁ҂\u0483\u0484\u0485\u0486\u0487\u0488\u0489ҋҋҍҍҏҏґґғғҕҕҗҗҙҙққҝҝҟҟ"
     u"ҡҡңңҥҥҧҧҩҩҫҫҭҭүүұұҳҳҵҵҷҷҹҹһһҽҽҿҿ"
     u"ӏжжӄӄӆӆӈӈӊӊӌӌӎӎӏааааӕӕееәәәәжжзз"
     u"ӡӡииииооөөөөээууууууччӷӷыыӻӻӽӽӿӿ"
     u"ԁԁԃԃԅԅԇԇԉԉԋԋԍԍԏԏԑԑԓԓԕԕԗԗԙԙԛԛԝԝԟԟ"
     u"ԡԡԣԣԥԥԧԧԩԩԫԫԭԭԯԯ"},
    {0x1e00,  // Latin Extended Additional
     u"aabbbbbbccddddddddddeeeeeeeeeeff"
     u"gghhhhhhhhhhiiiikkkkkkllllllllmm"
     u"mmmmnnnnnnnnoooooooopppprrrrrrrr"
     u"ssssssssssttttttttuuuuuuuuuuvvvv"
     u"wwwwwwwwwwxxxxyyzzzzzzhtwyasssßẟ"
     u"aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
     u"eeeeeeeeiiiioooooooooooooooooooo"
     u"oooouuuuuuuuuuuuuuyyyyyyyyỻỻỽỽỿỿ"},
}};
// clang-format on

constexpr bool is_combining(char32_t letter) { return letter >= 0x300 && letter <= 0x36f; }

// A UTF-8 character of two or three bytes; nullopt for anything else, including invalid UTF-8.
struct decoded {
    char32_t letter = 0;
    std::size_t bytes = 0;
};

decoded decode(std::string_view text) {
    const auto at = [text](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
    };
    const auto tail = [&](std::size_t i) { return at(i) & 0x3fU; };
    const auto follows = [&](std::size_t i) { return (at(i) & 0xc0U) == 0x80U; };
    if (at(0) >= 0xc2 && at(0) <= 0xdf && follows(1)) return {(at(0) & 0x1fU) << 6 | tail(1), 2};
    if (at(0) >= 0xe0 && at(0) <= 0xef && follows(1) && follows(2))
        return {(at(0) & 0x0fU) << 12 | tail(1) << 6 | tail(2), 3};
    return {};
}

void append_folded(std::string& out, char32_t letter) {
    if (is_combining(letter)) return;
    for (const auto& range : more_letters) {
        if (letter < range.first || letter - range.first >= range.plain.size()) continue;
        letter = range.plain[letter - range.first];
        break;
    }
    const bool listed = letter >= first_letter && letter < first_letter + plain_letters.size();
    const auto plain = listed ? plain_letters[letter - first_letter] : std::string_view();
    if (plain.empty())
        append_utf8(out, letter);
    else
        out += plain;
}

}  // namespace

std::string folded(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    while (!text.empty()) {
        const auto next = decode(text);
        if (next.bytes == 0) {
            plain += ascii::lower(text.front());
            text.remove_prefix(1);
        } else {
            append_folded(plain, next.letter);
            text.remove_prefix(next.bytes);
        }
    }
    return plain;
}

}  // namespace distd::grading
