#include "role/log/storage/compactor.hpp"

#include <algorithm>

#include "role/log/storage/part_writer.hpp"
#include "store/journal/segment_scanner.hpp"

namespace distd::logs {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view aside = ".damaged";
constexpr int pieces_of_retention = 8;  // what is dropped at once is about one of them

std::uint64_t bytes_of(disk& on, const fs::path& file) {
    const auto found = on.look_at(file);
    return found ? found->size : 0;
}

// Segments that are kept for inspection: 00000000000000000001.ndjson.damaged
std::vector<fs::path> set_aside(disk& on, const fs::path& journal) {
    auto files = on.list(journal);
    if (!files) return {};
    std::erase_if(*files, [](const fs::path& file) { return file.extension() != aside; });
    return *std::move(files);
}

// Lines of a segment on their way into a part.
class sealing {
public:
    // Ends early, and has sealed nothing, when `stop` says so.
    sealing(disk& on, const segment& s, part_writer& out, std::uint64_t last,
            const std::function<bool()>& stop)
        : file_(on, s.file(), posix_file::mode::read),
          out_(out),
          next_(s.first()),
          last_(last),
          stop_(stop) {}

    [[nodiscard]] bool has_stopped() const noexcept { return has_stopped_; }

    std::vector<damage> run() {
        const auto size = file_.size();
        segment_scanner scan(file_, first_batch_at(file_, size), size);
        while (const auto b = scan.next()) {
            scan.add_damage(*b, damaged_);
            const auto& t = b->trailer;
            if (!b->sound || t.lines == 0) continue;
            if (t.first >= next_ && t.first <= last_ && t.lines <= last_ - t.first + 1)
                take(b->lines, t.first);
            else
                damaged_.push_back(
                    {file_.path(), b->start, b->end - b->start, "its lines have others' numbers"});
            if (has_stopped_) return {};
        }
        scan.add_rest(damaged_);
        return std::move(damaged_);
    }

private:
    void take(std::string_view lines, std::uint64_t seq) {
        for (; !lines.empty(); ++seq) {
            if (++taken_ % lines_between_looks == 0 && stop_()) {
                has_stopped_ = true;
                return;
            }
            const auto end = lines.find('\n');
            out_.add(seq, lines.substr(0, end));
            lines.remove_prefix(end + 1);
        }
        next_ = seq;
    }
    static constexpr std::uint64_t lines_between_looks = 1024;

    const posix_file file_;
    part_writer& out_;
    std::uint64_t next_;
    const std::uint64_t last_;
    const std::function<bool()>& stop_;
    std::uint64_t taken_ = 0;
    bool has_stopped_ = false;
    std::vector<damage> damaged_;
};

// Small blocks are taken apart and merged with their neighbours; large ones are copied, and so are damaged
// ones, whose readers get the error.
void add_lines(part_writer& out, const part_input& in, std::size_t i) {
    const auto& head = in.block(i).head;
    if (head.rows >= block_rows / 2 || head.line_bytes >= block_bytes / 2) return out.add(in, i);
    std::vector<std::string> lines(head.rows);
    try {
        const auto source = in.source(i);
        block_reader reader(head, source);
        for (std::size_t row = 0; row < head.rows; ++row) reader.append_line(lines[row], row);
    } catch (const damaged_bytes&) {
        return out.add(in, i);
    }
    for (std::size_t row = 0; row < head.rows; ++row) out.add(head.first + row, lines[row]);
}

}  // namespace

upkeep_limits limits_for(const retention& keep) {
    upkeep_limits limits;
    limits.keep = keep;
    limits.merge.span_ns = keep.age_ns / pieces_of_retention;
    if (keep.bytes == 0) return limits;
    limits.merge.line_bytes = std::min(limits.merge.line_bytes, keep.bytes / pieces_of_retention);
    limits.reserve_bytes = std::min(limits.reserve_bytes, keep.bytes / 16);
    return limits;
}

std::chrono::nanoseconds max_segment(const retention& keep) noexcept {
    constexpr std::chrono::nanoseconds min = std::chrono::seconds(1);
    constexpr std::chrono::nanoseconds max = std::chrono::hours(1);
    if (keep.age_ns == 0) return max;
    return std::clamp(std::chrono::nanoseconds(keep.age_ns / pieces_of_retention), min, max);
}

compactor::compactor(segment_journal& journal, part_set& parts, upkeep_limits limits)
    : journal_(journal), parts_(parts), limits_(limits) {}

bool compactor::step(std::int64_t now_ns, upkeep_report& report) {
    for (const bool first_try : {true, false}) {
        try {
            if (drop(now_ns, report) || seal(report) || merge(report)) return true;
            take_reserve();
            return false;
        } catch (const store_error& e) {
            report.failure = e.what();
            if (e.code() != errc::storage_full || !first_try) return false;
        }
        part_set::release_reserve(parts_.storage(), parts_.directory());
        report.failure.clear();
    }
    return false;
}

bool compactor::drop(std::int64_t now_ns, upkeep_report& report) {
    auto& on = parts_.storage();
    const auto parts = parts_.parts();
    const auto segments = journal_.segments();
    std::vector<kept_file> files;
    for (const auto& p : *parts) files.push_back({p->bytes(), p->index().arrived_ns});
    for (std::size_t i = 0; i + 1 < segments.size(); ++i)
        files.push_back({bytes_of(on, segments[i]->file()), written_ns(on, segments[i]->file())});
    std::uint64_t others = segments.empty() ? 0 : bytes_of(on, segments.back()->file());
    const auto damaged = set_aside(on, journal_.directory());
    for (const auto& file : damaged) others += bytes_of(on, file);
    const auto count = files_to_drop(files, others, limits_.keep, now_ns);
    if (count == 0) return false;

    const auto before = first_line();
    for (std::size_t i = 0; i < count; ++i) {
        i < parts->size() ? parts_.drop_oldest() : journal_.forget_oldest();
        ++report.dropped_files;
        report.dropped_bytes += files[i].bytes;
    }
    const auto first = first_line();
    report.dropped_lines += first - before;
    for (const auto& file : damaged)
        if (segment_journal::first_of(file.stem()).value_or(first) < first) remove_file(on, file);
    return true;
}

bool compactor::seal(upkeep_report& report) {
    const auto segments = journal_.segments();
    if (segments.size() < 2) return false;
    if (!parts_.is_last_named())
        throw store_error(errc::storage_failed,
                          parts_.directory().string() +
                              ": the disk had no room to make sure that the last part keeps its name. "
                              "Nothing is sealed until a start finds room");
    const auto& oldest = *segments.front();
    const auto last = segments[1]->first() - 1;
    part_writer out(parts_.storage(), parts_.directory(), oldest.first(), last);
    const auto arrived = written_ns(parts_.storage(), oldest.file());
    sealing work(parts_.storage(), oldest, out, last, stop_);
    const auto damaged = work.run();
    if (work.has_stopped()) return true;
    if (!damaged.empty()) {
        auto kept = oldest.file();
        kept += aside;
        // One that an earlier try has left may have a name that is lost.
        remove_file(parts_.storage(), kept);
        if (const auto linked = parts_.storage().link(oldest.file(), kept); !linked)
            throw file_error(kept, "make", linked.error().value());
        sync_directory(parts_.storage(), journal_.directory());  // before the other name goes
        report.damaged.insert(report.damaged.end(), damaged.begin(), damaged.end());
    }
    parts_.add(out.finish(arrived));
    journal_.forget_oldest();
    ++report.sealed;
    return true;
}

bool compactor::merge(upkeep_report& report) {
    const auto parts = parts_.parts();
    std::vector<kept_part> sizes;
    for (const auto& p : *parts) {
        // What is damaged stays as it is: a person, or a later read, may get more out of it.
        const bool may_be_merged =
            p->is_sound() && !unreadable_.contains(p->file()) && parts_.storage().exists(p->file());
        const auto bytes = may_be_merged ? p->index().line_bytes : limits_.merge.line_bytes + 1;
        sizes.push_back({bytes, p->index().arrived_ns});
    }
    const auto choice = parts_to_merge(sizes, limits_.merge);
    if (choice.count == 0) return false;
    const auto begin = parts->begin() + static_cast<std::ptrdiff_t>(choice.first);
    const part_set::list old(begin, begin + static_cast<std::ptrdiff_t>(choice.count));
    if (auto made = merged(old, report)) {
        parts_.replace(old, std::move(made));
        report.merged += choice.count;
    }
    return true;
}

// Null: one of them cannot be read, and is left alone from now on; or it is to stop.
std::shared_ptr<const part> compactor::merged(const part_set::list& old, upkeep_report& report) {
    constexpr std::size_t blocks_between_looks = 16;
    part_writer out(parts_.storage(), parts_.directory(), old.front()->first(), old.back()->last());
    std::size_t blocks = 0;
    for (const auto& p : old) {
        const part_input in(p);
        for (std::size_t i = 0; i < p->index().blocks.size(); ++i) {
            if (++blocks % blocks_between_looks == 0 && stop_()) return nullptr;
            try {
                add_lines(out, in, i);
            } catch (const damaged_bytes& e) {
                report.damaged.push_back(in.damage_of(i, e.what()));
                unreadable_.insert(p->file());
                return nullptr;
            }
        }
    }
    return out.finish(old.back()->index().arrived_ns);
}

std::uint64_t compactor::bytes() const {
    auto& on = parts_.storage();
    std::uint64_t sum = 0;
    const auto parts = parts_.parts();
    for (const auto& p : *parts) sum += p->bytes();
    for (const auto& s : journal_.segments()) sum += bytes_of(on, s->file());
    for (const auto& file : set_aside(on, journal_.directory())) sum += bytes_of(on, file);
    return sum;
}

std::uint64_t compactor::first_line() const {
    const auto parts = parts_.parts();
    if (!parts->empty()) return parts->front()->first();
    const auto segments = journal_.segments();
    return segments.empty() ? journal_.next() : segments.front()->first();
}

// --- the reserve

void compactor::take_reserve() {
    auto& on = parts_.storage();
    const auto file = parts_.directory() / part_set::reserve_name;
    const auto space = on.space(parts_.directory());
    if (!space) return;
    const auto wanted = std::min(limits_.reserve_bytes, space->capacity / 32);
    // Not the last of what is left: lines come first.
    if (wanted == 0 || bytes_of(on, file) >= wanted || space->available < 4 * wanted) return;
    const auto reserve = on.open(file, disk::mode::append);  // or it is tried again the next time
    if (reserve && !(*reserve)->allocate(wanted)) part_set::release_reserve(on, parts_.directory());
}

}  // namespace distd::logs
