#include "role/log/storage/part_format.hpp"

#include "role/log/storage/packing.hpp"

namespace distd::logs {
namespace {

constexpr std::string_view start_mark = "distdlog";
constexpr std::string_view end_mark = "distdend";
constexpr std::string_view block_mark = "DLB1";
constexpr std::uint64_t max_file = std::uint64_t{1} << 50;

void check_version(std::uint32_t version) {
    if (version != part_format_version)
        throw damaged_bytes("is of format " + std::to_string(version) + ", this version knows format " +
                            std::to_string(part_format_version) + " only");
}

}  // namespace

std::string part_start() {
    std::string out(start_mark);
    put_u32(out, part_format_version);
    put_u32(out, 0);
    return out;
}

bool has_part_mark(std::string_view bytes) noexcept { return bytes.starts_with(start_mark); }

bool is_part_start(std::string_view bytes) {
    if (bytes.size() < part_start_bytes || !has_part_mark(bytes)) return false;
    check_version(byte_reader(bytes.substr(start_mark.size())).u32());
    return true;
}

std::string block_start(std::string_view head) {
    std::string out(block_mark);
    put_u32(out, static_cast<std::uint32_t>(head.size()));
    put_u32(out, checksum(head));
    return out;
}

std::optional<announced_head> read_block_start(std::string_view bytes) {
    if (bytes.size() < block_start_bytes || !bytes.starts_with(block_mark)) return std::nullopt;
    byte_reader in(bytes.substr(block_mark.size()));
    announced_head h;
    h.bytes = in.u32();
    h.crc = in.u32();
    return h.bytes <= max_block_head ? std::optional(h) : std::nullopt;
}

std::string part_end(const part_index& index, std::uint64_t size) {
    std::string text;
    put_varint(text, index.first);
    put_varint(text, index.last);
    put_varint(text, zigzag(index.arrived_ns));
    put_varint(text, index.line_bytes);
    put_varint(text, index.blocks.size());
    for (const auto& b : index.blocks) {
        put_varint(text, b.offset);
        put_text(text, render_block_head(b.head));
    }
    auto out = packed(text);
    std::string end;
    put_u64(end, size);
    put_u32(end, static_cast<std::uint32_t>(out.size()));
    put_u32(end, static_cast<std::uint32_t>(text.size()));
    put_u32(end, checksum(out));
    put_u32(end, part_format_version);
    put_u32(end, 0);
    put_u32(end, checksum(end));
    end += end_mark;
    return out += end;
}

index_place read_part_end(std::string_view bytes) {
    if (bytes.size() != part_end_bytes || !bytes.ends_with(end_mark))
        throw damaged_bytes("its end is not that of a part");
    const auto covered = bytes.substr(0, part_end_bytes - end_mark.size() - sizeof(std::uint32_t));
    byte_reader in(bytes);
    index_place p;
    p.offset = in.u64();
    p.packed = in.u32();
    p.bytes = in.u32();
    p.crc = in.u32();
    const auto version = in.u32();
    static_cast<void>(in.u32());
    if (in.u32() != checksum(covered)) throw damaged_bytes("its end does not fit its checksum");
    check_version(version);
    if (p.offset > max_file || p.bytes > (1U << 30)) throw damaged_bytes("its end makes no sense");
    return p;
}

part_index read_index(const index_place& place, std::string_view bytes) {
    if (bytes.size() != place.packed || checksum(bytes) != place.crc)
        throw damaged_bytes("its index does not fit its checksum");
    const auto text = unpacked(bytes, place.bytes);
    byte_reader in(text);
    part_index index;
    index.first = in.varint();
    index.last = in.varint();
    index.arrived_ns = from_zigzag(in.varint());
    index.line_bytes = in.varint();
    index.blocks.resize(in.count(in.left()));
    for (auto& b : index.blocks) {
        b.offset = in.count(max_file);
        const auto head = in.text(max_block_head);
        b.head_bytes = static_cast<std::uint32_t>(head.size());
        b.head = parse_block_head(head);
    }
    return index;
}

}  // namespace distd::logs
