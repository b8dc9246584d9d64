#include "role/log/storage/column.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/unordered/unordered_flat_map.hpp>
#include <charconv>
#include <optional>
#include <utility>

#include "base/parse_number.hpp"
#include "role/log/storage/packing.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t hex_digits = 32;
constexpr std::size_t small_dictionary = 256;

// As a number whose digits give the same text again.
std::optional<std::int64_t> integer(std::string_view text) noexcept {
    const auto n = parse_number<std::int64_t>(text);
    if (!n) return std::nullopt;
    const auto digits = text.substr(text.front() == '-' ? 1 : 0);
    const bool canonical = digits == "0" ? text.size() == 1 : digits.front() != '0';
    return canonical ? n : std::nullopt;
}

int digit_of(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool is_hex(std::string_view text) noexcept {
    return text.size() == hex_digits &&
           std::all_of(text.begin(), text.end(), [](char c) { return digit_of(c) >= 0; });
}

void append_as_bytes(std::string& out, std::string_view hex) {
    for (std::size_t i = 0; i < hex_digits; i += 2)
        out += static_cast<char>(digit_of(hex[i]) << 4 | digit_of(hex[i + 1]));
}

std::string as_hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2 + bytes.size() / 16);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto b = static_cast<unsigned char>(bytes[i]);
        out += "0123456789abcdef"[b >> 4];
        out += "0123456789abcdef"[b & 15];
        if (i % 16 == 15) out += '\n';
    }
    return out;
}

std::string ids_text(const std::vector<std::uint32_t>& ids, std::size_t entries) {
    std::string out;
    std::uint32_t next_new = 0;
    for (const auto id : ids) {
        if (entries <= small_dictionary) {
            out += static_cast<char>(id);
        } else if (id == next_new) {
            put_varint(out, 0);
            ++next_new;
        } else {
            put_varint(out, next_new - id);
        }
    }
    return out;
}

}  // namespace

// --- pieces

piece put_piece(std::string& body, std::string_view bytes) {
    const auto smaller = packed(bytes);
    const auto stored = smaller.size() < bytes.size() ? std::string_view(smaller) : bytes;
    const piece p{body.size(), static_cast<std::uint32_t>(stored.size()),
                  static_cast<std::uint32_t>(bytes.size()), checksum(stored)};
    body += stored;
    return p;
}

std::string checked(const piece& p, std::string bytes, std::string room) {
    if (bytes.size() != p.packed || checksum(bytes) != p.crc)
        throw damaged_bytes("a column does not fit its checksum");
    return p.packed == p.size ? std::move(bytes) : unpacked(bytes, p.size, std::move(room));
}

// --- writing

void column_builder::add(std::string_view value) {
    text_ += value;
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
    text_ += '\n';
}

std::string_view column_builder::value(std::size_t i) const noexcept {
    const auto start = i == 0 ? 0 : ends_[i - 1] + 1;
    return std::string_view(text_).substr(start, ends_[i] - start);
}

column_place column_builder::write_texts(std::string& body) const {
    column_place place;
    place.values = values();
    write_as_fits(body, place);
    return place;
}

column_place column_builder::write_json(std::string& body) const {
    column_place place;
    place.values = values();
    if (write_integers(body, place)) return place;
    place.quoted = all_quoted();
    write_as_fits(body, place);
    return place;
}

void column_builder::write_as_fits(std::string& body, column_place& place) const {
    if (write_dictionary(body, place)) return;
    place.kind = column_kind::texts;
    if (!place.quoted) {
        place.pieces.push_back(put_piece(body, text_));
        return;
    }
    std::string inner;
    inner.reserve(text_.size());
    for (std::size_t i = 0; i < values(); ++i) {
        inner += value(i).substr(1, value(i).size() - 2);
        inner += '\n';
    }
    place.pieces.push_back(put_piece(body, inner));
}

bool column_builder::all_quoted() const noexcept {
    for (std::size_t i = 0; i < values(); ++i) {
        const auto v = value(i);
        if (v.size() < 2 || v.front() != '"' || v.back() != '"') return false;
    }
    return values() > 0;
}

bool column_builder::write_integers(std::string& body, column_place& place) const {
    std::vector<std::int64_t> numbers;
    numbers.reserve(values());
    for (std::size_t i = 0; i < values(); ++i) {
        if (value(i).empty()) return false;
        const auto n = integer(value(i));
        if (!n) return false;
        numbers.push_back(*n);
    }
    if (numbers.empty()) return false;
    const auto [min, max] = std::minmax_element(numbers.begin(), numbers.end());
    const auto above = [from = static_cast<std::uint64_t>(*min)](std::int64_t n) {
        return static_cast<std::uint64_t>(n) - from;
    };
    const auto width = (static_cast<std::size_t>(std::bit_width(above(*max))) + 7) / 8;
    std::string bytes;
    put_varint(bytes, zigzag(*min));
    bytes += static_cast<char>(width);
    for (const auto n : numbers)
        for (std::size_t i = 0; i < width; ++i) bytes += static_cast<char>(above(n) >> (8 * i));
    place.kind = column_kind::integers;
    place.pieces.push_back(put_piece(body, bytes));
    return true;
}

bool column_builder::write_dictionary(std::string& body, column_place& place) const {
    boost::unordered_flat_map<std::string_view, std::uint32_t> known;
    std::vector<std::string_view> entries;
    std::vector<std::uint32_t> ids;
    ids.reserve(values());
    for (std::size_t i = 0; i < values(); ++i) {
        auto v = value(i);
        if (place.quoted) v = v.substr(1, v.size() - 2);
        const auto [it, is_new] = known.try_emplace(v, static_cast<std::uint32_t>(entries.size()));
        if (is_new) entries.push_back(v);
        ids.push_back(it->second);
        // Most values are seen once: not worth it.
        if (entries.size() > small_dictionary && entries.size() > i / 2 + small_dictionary) return false;
    }
    const bool hex = !entries.empty() && std::all_of(entries.begin(), entries.end(), is_hex);
    place.kind = hex ? column_kind::hex : column_kind::dictionary;
    std::string text;
    for (const auto& e : entries) {
        if (hex) {
            append_as_bytes(text, e);
        } else {
            text += e;
            text += '\n';
        }
    }
    place.pieces.push_back(put_piece(body, text));
    if (entries.size() > 1) place.pieces.push_back(put_piece(body, ids_text(ids, entries.size())));
    return true;
}

// --- reading

namespace {

// The memory of the last large column that this thread released: fresh pages cost as much as the unpacking.
std::string& spare_room() {
    thread_local std::string room;
    return room;
}
constexpr std::size_t min_spared = 128 << 10;
constexpr std::size_t max_spared = 4 << 20;

}  // namespace

column::~column() {
    if (text_.size() >= min_spared && text_.size() <= max_spared && text_.size() > spare_room().size())
        spare_room() = std::move(text_);
}

const piece& column::part(std::size_t i) const {
    if (i >= place_.pieces.size()) throw damaged_bytes("a column lacks a piece");
    return place_.pieces[i];
}

const std::string& column::joined() {
    if (has_text_) return text_;
    const auto& p = part(0);
    const bool is_large = p.size >= min_spared && p.size <= max_spared;
    text_ = checked(p, source_(p), is_large ? std::exchange(spare_room(), {}) : std::string());
    if (place_.kind == column_kind::hex) text_ = as_hex(text_);
    if (!text_.empty() && text_.back() != '\n') throw damaged_bytes("a column's last value does not end");
    has_text_ = true;
    return text_;
}

const std::vector<std::string_view>& column::entries() {
    if (has_entries_) return entries_;
    const std::string_view all = joined();
    for (std::size_t at = 0; at < all.size();) {
        const auto end = all.find('\n', at);
        entries_.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    if (place_.kind == column_kind::texts && entries_.size() != values())
        throw damaged_bytes("a column has too few or too many values");
    if (values() > 0 && entries_.empty()) throw damaged_bytes("a column has no values");
    has_entries_ = true;
    return entries_;
}

std::size_t column::first_id(std::size_t i) {
    if (i >= values()) throw damaged_bytes("a column has too few values");
    if (place_.kind == column_kind::texts) return i;
    if (entries().size() == 1) return 0;
    if (ids_.empty()) read_ids();
    return ids_[i];
}

void column::read_ids() {
    const auto bytes = checked(part(1), source_(part(1)));
    const auto known = entries().size();
    byte_reader in(bytes);
    std::uint64_t next_new = 0;
    std::vector<std::uint32_t> ids;
    ids.reserve(std::min<std::size_t>(values(), bytes.size()));
    for (std::size_t i = 0; i < values(); ++i) {
        std::uint64_t id = 0;
        if (known <= small_dictionary) {
            id = in.u8();
        } else {
            const auto back = in.count(next_new);
            id = back == 0 ? next_new++ : next_new - back;
        }
        if (id >= known) throw damaged_bytes("a column names an entry that it does not have");
        ids.push_back(static_cast<std::uint32_t>(id));
    }
    ids_ = std::move(ids);
}

std::int64_t column::number(std::size_t i) {
    if (numbers_.empty()) read_numbers();
    if (i >= numbers_.size()) throw damaged_bytes("a column has too few values");
    return numbers_[i];
}

void column::read_numbers() {
    const auto bytes = checked(part(0), source_(part(0)));
    byte_reader in(bytes);
    const auto min = static_cast<std::uint64_t>(from_zigzag(in.varint()));
    const std::size_t width = in.u8();
    if (width > sizeof min || (width > 0 && in.left() != width * values()))
        throw damaged_bytes("a column of numbers has another size");
    numbers_.reserve(values());
    for (std::size_t i = 0; i < values(); ++i) {
        std::uint64_t above = 0;
        for (std::size_t b = 0; b < width; ++b) above |= static_cast<std::uint64_t>(in.u8()) << (8 * b);
        numbers_.push_back(static_cast<std::int64_t>(min + above));
    }
}

void column::append(std::string& out, std::size_t i) {
    if (place_.kind == column_kind::integers) {
        std::array<char, 24> digits;
        const auto [end, ec] = std::to_chars(digits.data(), digits.data() + digits.size(), number(i));
        out.append(digits.data(), end);
        return;
    }
    if (place_.quoted) out += '"';
    out += text(i);
    if (place_.quoted) out += '"';
}

// --- times

std::string times_text(const std::vector<std::int64_t>& times) {
    std::uint64_t unit = 1'000'000;
    for (const auto t : times)
        while (unit > 1 && t % static_cast<std::int64_t>(unit) != 0) unit /= 1000;
    std::string out;
    put_varint(out, unit);
    std::int64_t before = 0;
    for (const auto t : times) {
        const auto now = t / static_cast<std::int64_t>(unit);
        put_varint(out, zigzag(now - before));
        before = now;
    }
    return out;
}

std::vector<std::int64_t> read_times(std::string_view text, std::size_t count) {
    byte_reader in(text);
    const auto unit = in.varint();
    std::vector<std::int64_t> times;
    times.reserve(std::min(count, text.size()));
    std::uint64_t now = 0;  // unsigned: a damaged one may run over
    for (std::size_t i = 0; i < count; ++i) {
        now += static_cast<std::uint64_t>(from_zigzag(in.varint()));
        times.push_back(static_cast<std::int64_t>(now * unit));
    }
    return times;
}

}  // namespace distd::logs
