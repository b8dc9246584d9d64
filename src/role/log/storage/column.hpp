// One column of a block: a text per value, packed in the way that fits it best. Values hold no line end.
// Pure.
//
// texts:      the values, each with a line end.
// dictionary: the different values likewise, in order of appearance; then, when there are several, one number
//             per value: a byte while there are at most 256, else 0 for the next new value, or how many new
//             values back it appeared (1: the last one), as a varint: what comes in runs stays small.
// hex:        the same, all being 32 lower-case hexadecimal digits: 16 bytes each.
// integers:   zigzag varint of the least, a byte for the width, then what each is above it.
// Each of the one or two pieces is packed separately, unless that makes it no smaller.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "role/log/storage/bytes.hpp"

namespace distd::logs {

enum class column_kind : std::uint8_t { texts, dictionary, hex, integers };

struct piece {
    std::uint64_t offset = 0;  // in the block's body
    std::uint32_t packed = 0;  // bytes there; as many as `size`: it lies there as it is
    std::uint32_t size = 0;
    std::uint32_t crc = 0;  // of what lies there
};

// Where a column lies.
struct column_place {
    std::string name;  // empty for the columns that every block has
    column_kind kind = column_kind::texts;
    bool quoted = false;  // each value stands between quotation marks, which are left out
    std::uint32_t values = 0;
    std::vector<piece> pieces;
};

inline constexpr std::size_t max_piece = 16 << 20;  // unpacked

// Appends to the body of a block.
[[nodiscard]] piece put_piece(std::string& body, std::string_view bytes);

// Reads from it. Throws.
using piece_source = std::function<std::string(const piece&)>;
[[nodiscard]] std::string checked(const piece&, std::string bytes,
                                  std::string room = {});  // unpacked; throws damaged_bytes

class column_builder {
public:
    void add(std::string_view value);
    [[nodiscard]] std::uint32_t values() const noexcept { return static_cast<std::uint32_t>(ends_.size()); }
    [[nodiscard]] std::string_view value(std::size_t i) const noexcept;
    // Texts: any; numbers and strings of JSON are distinguished and kept without their quotation marks.
    [[nodiscard]] column_place write_texts(std::string& body) const;
    [[nodiscard]] column_place write_json(std::string& body) const;

private:
    void write_as_fits(std::string& body, column_place&) const;
    [[nodiscard]] bool write_integers(std::string& body, column_place&) const;
    [[nodiscard]] bool write_dictionary(std::string& body, column_place&) const;
    [[nodiscard]] bool all_quoted() const noexcept;

    std::string text_;                 // each value with a line end
    std::vector<std::uint32_t> ends_;  // of the values, before their line ends
};

// A column that was read back. Made piece by piece, when it is first asked for something.
class column {
public:
    column(const column_place& place, const piece_source& source) : place_(place), source_(source) {}
    ~column();
    column(column&&) = default;
    column& operator=(column&&) = delete;

    [[nodiscard]] column_kind kind() const noexcept { return place_.kind; }
    [[nodiscard]] std::size_t values() const noexcept { return place_.values; }
    void append(std::string& out, std::size_t i);  // with its quotation marks

    // Of texts and dictionaries; without quotation marks.
    [[nodiscard]] std::string_view text(std::size_t i) { return entries()[id(i)]; }
    // Of a dictionary: its entries. Of texts: the values.
    [[nodiscard]] const std::vector<std::string_view>& entries();
    // Which entry value i is.
    [[nodiscard]] std::size_t id(std::size_t i) { return i < ids_.size() ? ids_[i] : first_id(i); }
    // Of texts: one after the other, each with a line end.
    [[nodiscard]] const std::string& joined();
    [[nodiscard]] std::int64_t number(std::size_t i);  // of integers

private:
    [[nodiscard]] std::size_t first_id(std::size_t i);  // reads them, where there are any
    void read_ids();
    void read_numbers();
    [[nodiscard]] const piece& part(std::size_t i) const;

    const column_place& place_;
    const piece_source& source_;
    std::string text_;
    std::vector<std::string_view> entries_;
    std::vector<std::uint32_t> ids_;
    std::vector<std::int64_t> numbers_;
    bool has_text_ = false;
    bool has_entries_ = false;
};

// Event times: differences in the coarsest unit that fits all of them. Bounds apart, no pieces of its own.
[[nodiscard]] std::string times_text(const std::vector<std::int64_t>&);
[[nodiscard]] std::vector<std::int64_t> read_times(std::string_view, std::size_t count);

}  // namespace distd::logs
