#include "role/log/storage/block_reader.hpp"

#include "role/log/line/stored_line.hpp"

namespace distd::logs {
namespace {
constexpr std::uint32_t no_place = 0xffffffff;
}

block_reader::block_reader(const block_head& head, const piece_source& source)
    : head_(head), source_(source) {
    columns_.reserve(head.columns.size());
    for (const auto& place : head.columns) columns_.emplace_back(place, source);
}

const std::vector<std::int64_t>& block_reader::times() {
    if (!times_.empty()) return times_;
    const auto& pieces = head_.place(known_column::time).pieces;
    if (pieces.empty()) throw damaged_bytes("a block has no times");
    times_ = read_times(checked(pieces[0], source_(pieces[0])), head_.rows);
    return times_;
}

std::size_t block_reader::shape(std::size_t row) {
    if (shapes_.empty()) read_shapes();
    return static_cast<unsigned char>(shapes_[row]);
}

void block_reader::read_shapes() {
    const auto& pieces = head_.place(known_column::shape).pieces;
    if (pieces.empty()) throw damaged_bytes("a block has no shapes");
    auto shapes = checked(pieces[0], source_(pieces[0]));
    if (shapes.size() != head_.rows) throw damaged_bytes("a block has too few shapes");
    for (const unsigned char s : shapes)
        if (s > rest_shape + head_.shapes.size()) throw damaged_bytes("a line has an unknown shape");
    shapes_ = std::move(shapes);
}

void block_reader::number_values() {
    const auto fields = head_.columns.size() - known_columns;
    std::vector<std::uint32_t> next(fields + 1);
    places_.assign(fields + 1, std::vector<std::uint32_t>(head_.rows, no_place));
    for (std::size_t row = 0; row < head_.rows; ++row) {
        const auto s = shape(row);
        if (s <= rest_shape)
            places_[fields][row] = next[fields]++;
        else
            for (const auto f : head_.shapes[s - rest_shape - 1]) places_[f][row] = next[f]++;
    }
}

std::size_t block_reader::place_in_field(std::size_t field, std::size_t row) {
    if (places_.empty()) number_values();
    const auto place = places_[field][row];
    return place == no_place ? npos : place;
}

std::size_t block_reader::place_in_rest(std::size_t row) {
    return place_in_field(head_.columns.size() - known_columns, row);
}

std::string_view block_reader::verbatim(std::size_t row) {
    return of(known_column::rest).text(place_in_rest(row));
}

void block_reader::append_line(std::string& out, std::size_t row) {
    const auto s = shape(row);
    if (s == verbatim_shape) {
        of(known_column::rest).append(out, place_in_rest(row));
        return;
    }
    tail_.clear();
    if (s == rest_shape) {
        of(known_column::rest).append(tail_, place_in_rest(row));
    } else {
        for (const auto f : head_.shapes[s - rest_shape - 1]) {
            add_name(tail_, head_.columns[known_columns + f].name);
            field(f).append(tail_, place_in_field(f, row));
        }
    }
    line_parts p;
    p.known.seq = head_.first + row;
    p.known.time_ns = times()[row];
    p.known.level = of(known_column::level).text(row);
    p.known.service = of(known_column::service).text(row);
    p.known.trace = of(known_column::trace).text(row);
    p.known.message = of(known_column::message).text(row);
    p.tail = tail_;
    join_line(out, p);
}

}  // namespace distd::logs
