// What was written to a log and what has become of it, as far as those know who asked: the model that a log
// is compared with. And the life that a store leads in a history.
#pragma once

#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/history.hpp"
#include "store/journal/damage.hpp"
#include "store/journal/segment_journal.hpp"
#include "store/store_error.hpp"

namespace distd::sim::stores {

struct read_line {
    std::uint64_t seq = 0;
    std::string text;
};

struct written_batch {
    std::string id;
    std::vector<std::string> tags;
    std::size_t padding = 0;
    bool is_answered = false;

    [[nodiscard]] std::string text() const;
};
using batch_ptr = std::shared_ptr<written_batch>;

class log_lines {
public:
    log_lines(history&, std::filesystem::path journal, std::filesystem::path doublewrite);

    // A new one, or one that was written before, under its id.
    [[nodiscard]] batch_ptr next_batch();
    void answered(const batch_ptr&, const result<segment_journal::placed>&);
    // The process ended: nobody will get the answers that are still out.
    void forget_answers();
    [[nodiscard]] std::size_t acknowledged() const noexcept { return acknowledged_; }
    // Something was reported as damaged that the disk did not give back: from now on lines may be missing
    // that were there, and may come back when the disk gives them again.
    void damage_named() { may_miss_ = true; }

    // Of what the disk has changed by itself some cannot be told from what a crash has torn, and is cut off
    // like that: what the last segment does not yet note as synced. To be called before it is opened.
    void prepare_start();

    // All lines that are there, in order. Whatever is shown after a start is durable from then on.
    void look_after_start(const std::vector<read_line>&);
    void look(const std::vector<read_line>&);

private:
    void compare(const std::vector<read_line>&, bool is_start);
    void store(const batch_ptr&, const segment_journal::placed&);
    // The tag of a line that is as it was sent.
    [[nodiscard]] std::string tag_of(const read_line&);

    history& h_;
    [[nodiscard]] bool note_missing(const std::map<std::uint64_t, std::string>& there, bool is_start);
    void look_at_rot(const sim::rotten_place&);
    [[nodiscard]] std::filesystem::path last_segment() const;
    void may_cut(const std::filesystem::path& segment, std::string_view content);

    const std::filesystem::path journal_;
    const std::filesystem::path doublewrite_;
    bool is_end_of_doublewrite_changed_ = false;  // or its beginning, since the last start
    bool is_starting_ = false;
    bool may_forget_ids_ = false;                                                // those that were saved last
    std::uint64_t may_be_cut_from_ = std::numeric_limits<std::uint64_t>::max();  // this line
    std::map<std::uint64_t, std::string> stored_;                                // by number
    std::map<std::uint64_t, std::string> missed_;  // these were, in damage that was named
    std::map<std::uint64_t, std::string> cut_;     // and these in damage, or they were cut off
    bool may_miss_ = false;
    std::map<std::string, std::string> texts_;  // by tag, as they were sent
    std::set<std::string> doubtful_;            // tags: stored or not, nobody knows
    std::set<std::string> refused_;             // tags: it was said that they are not stored
    std::map<std::string, batch_ptr> by_id_;
    std::vector<batch_ptr> waiting_;
    std::uint64_t next_tag_ = 0;
    std::size_t acknowledged_ = 0;
};

// A disk that fails to give back what it has makes damage, and it must be named; nothing else may be.
void report_damage(history&, log_lines&, const damage&);

}  // namespace distd::sim::stores
