#include "store/journal/batch_id_files.hpp"

#include <algorithm>

#include "base/parse_number.hpp"

namespace distd {
namespace {

constexpr std::uint64_t enough_bytes = 1 << 20;  // for one file
constexpr std::size_t digits = 20;
constexpr std::string_view extension = ".ids";

std::uint64_t number_of(const std::filesystem::path& file) {
    const auto name = file.filename().string();
    if (name.size() != digits + extension.size() || !name.ends_with(extension)) return 0;
    return parse_number<std::uint64_t>(std::string_view(name).substr(0, digits)).value_or(0);
}

std::string name_of(std::uint64_t number) {
    const auto text = std::to_string(number);
    return std::string(digits - text.size(), '0').append(text).append(extension);
}

// As one batch for each time.
std::string rendered(const std::vector<batch_memory::dated_batch>& all) {
    std::string text;
    batch_trailer t;
    for (const auto& b : all) {
        if (!t.ids.empty() && t.at != b.at) {
            text += render_trailer(std::move(t), {});
            t = {};
        }
        t.at = b.at;
        t.ids.push_back(b.batch);
    }
    if (!t.ids.empty()) text += render_trailer(std::move(t), {});
    return text;
}

}  // namespace

batch_id_files::batch_id_files(disk& storage, std::filesystem::path directory)
    : storage_(storage), directory_(std::move(directory)) {}

std::vector<batch_memory::dated_batch> batch_id_files::read(std::vector<damage>& damaged) {
    std::vector<std::filesystem::path> paths;
    for (auto& file : list_directory(storage_, directory_))
        if (number_of(file) > 0) paths.push_back(std::move(file));
    std::sort(paths.begin(), paths.end());
    std::vector<batch_memory::dated_batch> found;
    for (auto& path : paths) {
        last_number_ = number_of(path);
        const posix_file file(storage_, path, posix_file::mode::read);
        segment_scanner scan(file, 0, file.size());
        id_file known{std::move(path)};
        while (auto b = scan.next()) {
            // What was torn here belongs to a segment that is still there.
            if (!scan.was_read(b->skipped_from, b->end)) scan.add_damage(*b, damaged);
            if (!b->sound) continue;
            known.newest_at = std::max(known.newest_at, b->trailer.at);
            for (auto& id : b->trailer.ids) found.push_back({std::move(id), b->trailer.at});
        }
        files_.push_back(std::move(known));
    }
    return found;
}

void batch_id_files::begin_file() {
    id_file made{directory_ / name_of(++last_number_)};
    current_ = posix_file(storage_, made.path, posix_file::mode::create_new);
    current_bytes_ = 0;
    files_.push_back(std::move(made));
    sync_directory(storage_, directory_);
}

void batch_id_files::save(const std::vector<batch_memory::dated_batch>& batches) {
    if (batches.empty()) return;
    const auto text = rendered(batches);
    try {
        if (!current_.is_open() || current_bytes_ >= enough_bytes) begin_file();
        files_.back().newest_at = batches.back().at;
        current_.write_all(text);
        current_.sync();
        current_bytes_ += text.size();
    } catch (const store_error&) {
        current_.close();  // what became of it is not known: all of it goes to another one
        throw;
    }
}

void batch_id_files::forget_before(std::uint64_t at) {
    while (!files_.empty() && files_.front().newest_at < at) {
        if (files_.size() == 1 && current_.is_open()) return;
        remove_file(storage_, files_.front().path);
        files_.pop_front();
    }
}

}  // namespace distd
