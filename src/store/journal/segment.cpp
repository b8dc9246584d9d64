#include "store/journal/segment.hpp"

namespace distd {
namespace {

constexpr std::uint64_t block_bytes = 256 << 10;

bool is_full(const segment::block& b) noexcept { return b.bytes >= block_bytes; }

void add_to(std::vector<segment::block>& blocks, const segment::block& batch) {
    if (!blocks.empty() && !is_full(blocks.back()) &&
        blocks.back().offset + blocks.back().bytes == batch.offset)
        blocks.back().bytes += batch.bytes;
    else
        blocks.push_back(batch);
}

}  // namespace

segment::block block_of(const segment_scanner::batch& b, std::uint64_t& next) {
    const auto bytes = b.end - b.skipped_from;
    const segment::block block{b.skipped_from, bytes, b.sound ? b.trailer.first : next};
    next = b.sound ? b.trailer.first + b.trailer.lines : next + bytes;
    return block;
}

std::vector<segment::block> segment::blocks() {
    std::lock_guard lock(mutex_);
    if (blocks_.empty()) find_blocks();
    return blocks_;
}

// What is no batch is in a block, too, from a damaged head to the end of the file: readers meet it, and name
// it.
void segment::find_blocks() {
    const posix_file file(storage_, file_, posix_file::mode::read);
    const auto size = file.size();
    segment_scanner scan(file, first_batch_at(file, size), size);
    auto next = first_;
    while (auto b = scan.next()) add_to(blocks_, block_of(*b, next));
    if (scan.position() < size) add_to(blocks_, {scan.position(), size - scan.position(), next});
}

void segment::add(block batch) {
    std::lock_guard lock(mutex_);
    add_to(blocks_, batch);
}

segment::beginning segment::kept(const block& b) const {
    std::lock_guard lock(mutex_);
    const auto it = kept_.find(b.offset);
    // Another reader may know of more batches than this one does.
    return it == kept_.end() || it->second.bytes > b.bytes ? beginning{} : it->second;
}

void segment::keep(const block& b, std::shared_ptr<const journal_text> text) {
    std::lock_guard lock(mutex_);
    if (!keeps_) return;
    auto& kept = kept_[b.offset];
    if (b.bytes > kept.bytes) kept = {std::move(text), b.bytes};
}

void segment::keep_no_more() {
    std::lock_guard lock(mutex_);
    keeps_ = false;
    kept_.clear();
}

}  // namespace distd
