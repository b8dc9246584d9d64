// Takes JSON apart without building a tree: the members of an object or the elements of an array come one
// after the other, as views into the text, and what lies deeper is checked and passed over. It takes what is
// JSON, nested 128 deep at most; in strings also bytes that are not UTF-8 and halves of surrogate pairs, as
// truncated texts have them: they stand for U+FFFD. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace distd::logs {

enum class json_kind : std::uint8_t { string, number, object, array, boolean, null };

struct json_part {
    std::string_view text;  // as it stands; a string with its quotes
    json_kind kind = json_kind::null;
    bool has_escapes = false;  // of a string
    bool is_normal = true;  // a journal may hold it as it stands: no blanks, nothing that acts, short escapes

    // Of a string: what lies between its quotes.
    [[nodiscard]] std::string_view inside() const noexcept { return text.substr(1, text.size() - 2); }
};

class json_items {
public:
    // Of an object or an array, with blanks around it. Of anything else there are none, and it is not sound.
    explicit json_items(std::string_view text) noexcept;
    // The members that follow one of an object: `text` begins with the comma behind it.
    [[nodiscard]] static json_items behind_a_member(std::string_view text) noexcept;

    [[nodiscard]] bool is_object() const noexcept { return opening_ == '{'; }
    [[nodiscard]] bool is_array() const noexcept { return opening_ == '['; }

    // The next member of an object, the next element of an array. False: there is none, see is_sound.
    [[nodiscard]] bool next(json_part& name, json_part& value) noexcept;
    [[nodiscard]] bool next(json_part& value) noexcept;
    // After the last one: whether that was the end, and only blanks follow it.
    [[nodiscard]] bool is_sound() const noexcept { return sound_; }

private:
    [[nodiscard]] bool begin_item() noexcept;
    [[nodiscard]] bool take(json_part& value) noexcept;

    const char* at_;
    const char* end_;
    char opening_ = 0;
    bool first_ = true;
    bool sound_ = false;
};

// One value alone, with blanks around it; false when that is not what `text` is.
[[nodiscard]] bool scan_json(std::string_view text, json_part& value) noexcept;

// The closing quote of the string whose opening quote is at `at`; text.size() or more when there is none. The
// text need not be sound JSON.
[[nodiscard]] std::size_t end_of_string(std::string_view text, std::size_t at) noexcept;

// Why it is not one value, and where.
[[nodiscard]] std::string why_not_json(std::string_view text);

// What the inside of a string stands for. Halves of surrogate pairs become U+FFFD; bytes that are not UTF-8
// stay.
void append_decoded(std::string& out, std::string_view inside);

// The text of a string: a view into it, or of `scratch` when it has escapes.
[[nodiscard]] std::string_view text_of(const json_part&, std::string& scratch);

// As a journal holds it: without blanks, with as few escapes as can be.
void append_normal(std::string& out, const json_part&);

[[nodiscard]] std::string name_of(json_kind);  // "a string"

}  // namespace distd::logs
