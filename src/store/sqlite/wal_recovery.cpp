#include "store/sqlite/wal_recovery.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "store/posix_file.hpp"
#include "store/sqlite/wal_file.hpp"
#include "store/sqlite/wal_format.hpp"

namespace distd::sqlite {
namespace {

constexpr std::int64_t piece_bytes = 64 << 10;  // SQLite takes less than 128 KiB at a time

class log_file {
public:
    log_file(sqlite3_file& log, std::filesystem::path path) : log_(log), path_(std::move(path)) {}

    [[nodiscard]] std::int64_t size() {
        sqlite3_int64 size = 0;
        expect(log_.pMethods->xFileSize(&log_, &size), "get its size");
        return size;
    }
    [[nodiscard]] std::string read(std::int64_t at, std::int64_t bytes) {
        std::string piece(static_cast<std::size_t>(bytes), '\0');
        expect(log_.pMethods->xRead(&log_, piece.data(), static_cast<int>(bytes), at), "read");
        return piece;
    }
    void write(std::int64_t at, std::string_view piece) {
        expect(log_.pMethods->xWrite(&log_, piece.data(), static_cast<int>(piece.size()), at), "write");
    }
    void empty() {
        expect(log_.pMethods->xTruncate(&log_, 0), "truncate");
        sync();
    }
    void sync() { expect(log_.pMethods->xSync(&log_, SQLITE_SYNC_NORMAL), "sync"); }

    [[nodiscard]] std::string damage_at(std::int64_t place) const {
        return "its write-ahead log " + path_.string() + " is not as it was written at byte " +
               std::to_string(place) + ", and has acknowledged commits behind that";
    }

private:
    void expect(int code, const char* step) const {
        if (code == SQLITE_OK) return;
        if (const int number = error_number_of(log_); number != 0) throw file_error(path_, step, number);
        throw store_error(errc::storage_failed,
                          path_.string() + ": cannot " + step + ": " + sqlite3_errstr(code));
    }

    sqlite3_file& log_;
    std::filesystem::path path_;
};

void put_number(std::string& bytes, std::size_t place, std::uint32_t n) {
    for (std::size_t i = 0; i < 4; ++i) bytes[place + i] = static_cast<char>(n >> (24 - 8 * i));
}

bool is_of_zeros(std::string_view bytes) { return bytes.find_first_not_of('\0') == bytes.npos; }

// Whole frames from `at` on, in pieces; until `take` returns false.
template <class Take>
void for_pieces(log_file& log, std::int64_t frame_bytes, std::int64_t end, Take take) {
    const auto frames_at_once = std::max<std::int64_t>(piece_bytes / frame_bytes, 1);
    for (auto at = log_head_bytes; at + frame_bytes <= end;) {
        const auto piece = log.read(at, std::min(frames_at_once, (end - at) / frame_bytes) * frame_bytes);
        if (!take(at, std::string_view(piece))) return;
        at += static_cast<std::int64_t>(piece.size());
    }
}

// Given all frames in order, sees whether one was acknowledged that SQLite will not find: one that ends a
// commit and was followed. Its head alone does not show that, since half of it may be of a commit and half of
// one that failed before. Only where the next frame goes on from the sum that this one should have, made of
// what it holds, is it as it was written.
class chain {
public:
    explicit chain(log_head head)
        : order_(head.order()), salts_(head.salts()), stored_(head.stored_sum()), expected_(stored_) {}

    void add(std::int64_t place, std::string_view frame) {
        const frame_head head{frame.substr(0, frame_head_bytes)};
        const auto page = frame.substr(frame_head_bytes);
        const auto sum = head.sum_with(page, expected_, order_);
        const bool follows = head.salts() == salts_ && sum == head.stored_sum();
        if (broken_at_ && ends_commit_ && follows) hides_commits_ = true;
        if (!broken_at_ && !follows) broken_at_ = place;
        // The frame before may have a sum as it was written, and be wrong otherwise.
        expected_ = follows ? sum : head.sum_with(page, stored_, order_);
        stored_ = head.stored_sum();
        ends_commit_ = head.is_commit();
    }

    [[nodiscard]] bool is_broken() const noexcept { return broken_at_.has_value(); }
    [[nodiscard]] std::optional<std::int64_t> damage() const {
        return hides_commits_ ? broken_at_ : std::nullopt;
    }

private:
    const std::endian order_;
    const std::string salts_;

    // Of the frame before.
    page_sum stored_;
    page_sum expected_;
    bool ends_commit_ = false;

    std::optional<std::int64_t> broken_at_;
    bool hides_commits_ = false;
};

// What an unsound head is.
enum class head_state {
    damaged,
    begins_nothing,  // of a log without a frame so far
    of_last_round,   // but for its number: the log may be copied once more
    of_next_round,   // partly
};

// A process may die while it writes the head of the next round over the log of the last one, which is in the
// main file by then. Such a head begins as the new one and ends as the old one, whose salts are those of the
// frame behind it and whose round is one less. `head` becomes the old one where only the round has changed.
head_state state_of(log_file& log, std::string& head, std::int64_t end) {
    constexpr std::size_t round_at = 12;
    constexpr std::size_t salts_at = 16;
    constexpr std::size_t sum_at = 24;
    const auto behind = log.read(log_head_bytes, std::min(end - log_head_bytes, piece_bytes));
    if (is_of_zeros(head)) return is_of_zeros(behind) ? head_state::begins_nothing : head_state::damaged;
    const auto salts = frame_head{std::string_view(behind).substr(0, frame_head_bytes)}.salts();
    auto old = head;
    old.replace(salts_at, salts.size(), salts);
    put_number(old, round_at, number_at(head, round_at) - 1);
    const auto set_sum = [](std::string& of) {
        const auto sum = sum_of(std::string_view(of).substr(0, sum_at), {}, log_head{of}.order());
        put_number(of, sum_at, sum.a);
        put_number(of, sum_at + 4, sum.b);
    };
    set_sum(old);
    if (!log_head{old}.is_sound()) return head_state::damaged;
    auto next = head;
    set_sum(next);
    const auto sum_in = [](const std::string& of) { return std::string_view(of).substr(sum_at); };
    for (std::size_t of_next = 0; of_next < sum_in(head).size(); ++of_next) {
        const bool fits = sum_in(head).substr(0, of_next) == sum_in(next).substr(0, of_next) &&
                          sum_in(head).substr(of_next) == sum_in(old).substr(of_next);
        if (!fits) continue;
        if (log_head{head}.salts() != salts) return head_state::of_next_round;
        head = old;
        return head_state::of_last_round;
    }
    return head_state::damaged;
}

// What there is of the frames up to `end`.
chain frames_of(log_file& log, log_head head, std::int64_t frame_bytes, std::int64_t end) {
    chain frames(head);
    for_pieces(log, frame_bytes, end, [&](std::int64_t at, std::string_view piece) {
        const auto bytes = static_cast<std::size_t>(frame_bytes);
        for (std::size_t i = 0; i < piece.size(); i += bytes)
            frames.add(at + static_cast<std::int64_t>(i), piece.substr(i, bytes));
        return true;
    });
    return frames;
}

std::int64_t frame_bytes_of(log_head head) {
    return frame_head_bytes + std::max<std::int64_t>(head.page_bytes(), 512);
}

}  // namespace

std::string make_log_durable(sqlite3* database, const std::filesystem::path& file) {
    auto* const found = log_of(database);
    if (!found) return {};
    log_file log(*found, std::filesystem::path(file) += "-wal");
    const auto end = log.size();
    if (end < log_head_bytes + frame_head_bytes) return {};
    auto head = log.read(0, log_head_bytes);
    if (!log_head{head}.is_sound()) {
        const auto state = state_of(log, head, end);
        if (state == head_state::damaged) return log.damage_at(0);
        // Nor may a head that is written next, in part again, meet what is left of two.
        if (state == head_state::of_next_round) {
            log.empty();
            return {};
        }
    }
    const auto frame_bytes = frame_bytes_of(log_head{head});
    if (log_head{head}.is_sound())
        if (const auto place = frames_of(log, log_head{head}, frame_bytes, end).damage())
            return log.damage_at(*place);
    log.write(0, head);
    // Up to what an earlier round left, or the room that was made: no reader looks further.
    for_pieces(log, frame_bytes, end, [&](std::int64_t at, std::string_view piece) {
        std::size_t used = 0;
        while (used < piece.size() &&
               frame_head{piece.substr(used, frame_head_bytes)}.salts() == log_head{head}.salts())
            used += static_cast<std::size_t>(frame_bytes);
        if (used > 0) log.write(at, piece.substr(0, used));
        return used == piece.size();
    });
    log.sync();
    return {};
}

bool is_log_whole(sqlite3* database, std::uint32_t frames, std::string salts) noexcept {
    auto* const found = log_of(database);
    if (!found || frames == 0) return true;
    try {
        log_file log(*found, "");
        const auto is_of_other_round = [&](const std::string& head) {
            return log_head{head}.is_sound() && log_head{head}.salts() != salts;
        };
        const auto head = log.read(0, log_head_bytes);
        if (is_of_other_round(head)) return true;
        if (!log_head{head}.is_sound()) return false;
        const auto frame_bytes = frame_bytes_of(log_head{head});
        const auto end = log_head_bytes + frames * frame_bytes;
        if (log.size() >= end && !frames_of(log, log_head{head}, frame_bytes, end).is_broken()) return true;
        return is_of_other_round(log.read(0, log_head_bytes));  // it was begun while it was looked at
    } catch (const std::exception&) {
        return false;  // what cannot be read cannot be copied, either
    }
}

}  // namespace distd::sqlite
