#include "role/log/storage/part_writer.hpp"

#include "base/assert.hpp"

namespace distd::logs {
namespace fs = std::filesystem;

part_writer::part_writer(disk& on, fs::path directory, std::uint64_t first, std::uint64_t last)
    : storage_(on),
      directory_(std::move(directory)),
      name_(part::name(first, last)),
      temporary_(directory_ / (name_.string() + std::string(unfinished))) {
    refuse_lost_names(storage_, directory_);
    storage_.remove(temporary_);
    file_ = posix_file(storage_, temporary_, posix_file::mode::create_new);
    index_.first = first;
    index_.last = last;
    const auto start = part_start();
    file_.write_all(start);
    size_ = start.size();
}

part_writer::~part_writer() {
    if (finished_) return;
    storage_.remove(temporary_);
}

void part_writer::add(std::uint64_t seq, std::string_view line) {
    DISTD_ASSERT(seq >= index_.first && seq <= index_.last);
    if (!builder_.empty() && (builder_.full() || builder_.next() != seq)) write_block();
    builder_.add(seq, line);
}

void part_writer::add(const part_input& other, std::size_t i) {
    if (!builder_.empty()) write_block();
    const auto& head = other.block(i).head;
    write(render_block_head(head), other.body(i), head);
}

void part_writer::write_block() {
    auto b = builder_.take();
    const auto head = render_block_head(b.head);
    write(head, b.body, std::move(b.head));
}

void part_writer::write(std::string_view head, std::string_view body, block_head parsed) {
    auto bytes = block_start(head);
    placed_block placed{size_ + bytes.size(), static_cast<std::uint32_t>(head.size()), std::move(parsed)};
    bytes += head;
    bytes += body;
    file_.write_all(bytes);
    size_ += bytes.size();
    index_.line_bytes += placed.head.line_bytes;
    index_.blocks.push_back(std::move(placed));
}

std::shared_ptr<const part> part_writer::finish(std::int64_t arrived_ns) {
    if (!builder_.empty()) write_block();
    index_.arrived_ns = arrived_ns;
    const auto end = part_end(index_, size_);
    file_.write_all(end);
    size_ += end.size();
    file_.sync();
    file_.close();
    rename_file(storage_, temporary_, directory_ / name_);
    finished_ = true;
    sync_directory(storage_, directory_);
    return std::make_shared<const part>(storage_, directory_ / name_, size_, std::move(index_));
}

}  // namespace distd::logs
