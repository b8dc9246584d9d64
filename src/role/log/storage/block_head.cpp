#include "role/log/storage/block_head.hpp"

namespace distd::logs {
namespace {

constexpr std::size_t max_rows = 1 << 16;
constexpr std::size_t max_name = 1 << 20;
constexpr std::size_t max_pieces = 2;

void put_counts(std::string& out, const std::vector<text_count>& counts) {
    put_varint(out, counts.size());
    for (const auto& [text, count] : counts) {
        put_text(out, text);
        put_varint(out, count);
    }
}

std::vector<text_count> read_counts(byte_reader& in) {
    std::vector<text_count> counts(in.count(max_rows));
    for (auto& [text, count] : counts) {
        text = in.text(max_name);
        count = static_cast<std::uint32_t>(in.count(max_rows));
    }
    return counts;
}

void put_place(std::string& out, const column_place& c) {
    put_text(out, c.name);
    out += static_cast<char>(static_cast<unsigned>(c.kind) | (c.quoted ? 0x80U : 0U));
    put_varint(out, c.values);
    put_varint(out, c.pieces.size());
    for (const auto& p : c.pieces) {
        put_varint(out, p.offset);
        put_varint(out, p.packed);
        put_varint(out, p.size);
        put_u32(out, p.crc);
    }
}

column_place read_place(byte_reader& in, std::uint64_t body_bytes) {
    column_place c;
    c.name = in.text(max_name);
    const auto kind = in.u8();
    c.quoted = (kind & 0x80) != 0;
    if ((kind & 0x7f) > static_cast<unsigned>(column_kind::integers))
        throw damaged_bytes("a column of an unknown kind");
    c.kind = static_cast<column_kind>(kind & 0x7f);
    c.values = static_cast<std::uint32_t>(in.count(max_rows));
    c.pieces.resize(in.count(max_pieces));
    for (auto& p : c.pieces) {
        p.offset = in.count(body_bytes);
        p.packed = static_cast<std::uint32_t>(in.count(body_bytes - p.offset));
        p.size = static_cast<std::uint32_t>(in.count(max_piece));
        p.crc = in.u32();
    }
    return c;
}

std::vector<std::vector<std::uint16_t>> read_shapes(byte_reader& in) {
    std::vector<std::vector<std::uint16_t>> shapes(in.count(max_shapes));
    for (auto& shape : shapes) {
        shape.resize(in.count(max_field_columns));
        for (auto& c : shape) c = static_cast<std::uint16_t>(in.count(max_field_columns));
    }
    return shapes;
}

void check(const block_head& h) {
    if (h.rows == 0 || h.first == 0 || h.columns.size() < known_columns ||
        h.filter_offset + std::uint64_t{h.filter_lines} * 64 > h.body_bytes)
        throw damaged_bytes("a block's head makes no sense");
    for (const auto& shape : h.shapes)
        for (const auto c : shape)
            if (known_columns + c >= h.columns.size()) throw damaged_bytes("a shape names no column");
    for (const auto c : {known_column::level, known_column::service, known_column::trace,
                         known_column::message, known_column::shape})
        if (h.place(c).values != h.rows) throw damaged_bytes("a column has too few or too many values");
}

}  // namespace

std::string render_block_head(const block_head& h) {
    std::string out;
    put_varint(out, h.body_bytes);
    put_varint(out, h.first);
    put_varint(out, h.rows);
    put_varint(out, zigzag(h.earliest_ns));
    put_varint(out, zigzag(h.latest_ns));
    put_varint(out, h.line_bytes);
    out += static_cast<char>(h.has_verbatim ? 1 : 0);
    put_counts(out, h.levels);
    put_counts(out, h.services);
    put_varint(out, h.shapes.size());
    for (const auto& shape : h.shapes) {
        put_varint(out, shape.size());
        for (const auto c : shape) put_varint(out, c);
    }
    put_varint(out, h.columns.size());
    for (const auto& c : h.columns) put_place(out, c);
    put_varint(out, h.filter_offset);
    put_varint(out, h.filter_lines);
    return out;
}

block_head parse_block_head(std::string_view text) {
    byte_reader in(text);
    block_head h;
    h.body_bytes = in.count(std::uint64_t{1} << 31);
    h.first = in.count(std::uint64_t{1} << 62);
    h.rows = static_cast<std::uint32_t>(in.count(max_rows));
    h.earliest_ns = from_zigzag(in.varint());
    h.latest_ns = from_zigzag(in.varint());
    h.line_bytes = in.varint();
    h.has_verbatim = in.u8() != 0;
    h.levels = read_counts(in);
    h.services = read_counts(in);
    h.shapes = read_shapes(in);
    h.columns.resize(in.count(known_columns + max_field_columns));
    for (auto& c : h.columns) c = read_place(in, h.body_bytes);
    h.filter_offset = in.count(h.body_bytes);
    h.filter_lines = static_cast<std::uint32_t>(in.count(h.body_bytes / 64));
    check(h);
    return h;
}

}  // namespace distd::logs
