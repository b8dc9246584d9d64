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

// As one batch for each time. `synced`: so much of the file is on the disk.
std::string rendered(const std::vector<batch_memory::dated_batch>& all, std::uint64_t synced) {
    std::string text;
    batch_trailer t;
    t.synced = synced;
    for (const auto& b : all) {
        if (!t.ids.empty() && t.at != b.at) {
            text += render_trailer(std::move(t), {});
            t = {};
            t.synced = synced;
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
        id_file known{std::move(path)};
        for (auto& b : read_file(known.path, damaged)) {
            known.newest_at = std::max(known.newest_at, b.at);
            found.push_back(std::move(b));
        }
        files_.push_back(std::move(known));
    }
    return found;
}

// What was torn belongs to a segment that is still there. It is not torn where a later one says that it was
// on the disk, nor where the disk fails to read it.
std::vector<batch_memory::dated_batch> batch_id_files::read_file(const std::filesystem::path& path,
                                                                 std::vector<damage>& damaged) {
    const posix_file file(storage_, path, posix_file::mode::read);
    segment_scanner scan(file, 0, file.size());
    std::vector<batch_memory::dated_batch> found;
    std::vector<damage> unsound;
    std::uint64_t synced = 0;
    while (auto b = scan.next()) {
        scan.add_damage(*b, scan.was_read(b->skipped_from, b->end) ? unsound : damaged);
        if (!b->sound) continue;
        synced = std::max(synced, b->trailer.synced.value_or(0));
        for (auto& id : b->trailer.ids) found.push_back({std::move(id), b->trailer.at});
    }
    scan.add_rest(scan.was_read(scan.position(), file.size()) ? unsound : damaged);
    for (auto& d : unsound)
        if (d.offset < synced) damaged.push_back(std::move(d));
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
    try {
        if (!current_.is_open() || current_bytes_ >= enough_bytes) begin_file();
        const auto text = rendered(batches, current_bytes_);
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
