#include "http/server/connection_block.hpp"

namespace distd::http {
namespace {

constexpr std::size_t kept_out_bytes = 16 * 1024;  // of the room that answers had, with a block in the pool
constexpr std::size_t kept_body_bytes = 4 * 1024;  // the same of a body

}  // namespace

std::unique_ptr<connection_block> block_pool::take() {
    if (kept_.empty())
        return std::unique_ptr<connection_block>(new connection_block);  // the input stays uninitialised
    auto block = std::move(kept_.back());
    kept_.pop_back();
    return block;
}

void block_pool::give_back(std::unique_ptr<connection_block> block) {
    if (kept_.size() == max_pooled) return;
    block->sender.shrink_to(kept_out_bytes);
    if (block->body.capacity() > kept_body_bytes) free_memory_of(block->body);
    kept_.push_back(std::move(block));
}

}  // namespace distd::http
