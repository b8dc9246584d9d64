// What was written to a log and what has become of it, as far as those know who asked: the model that a log
// is compared with. And the life that a store leads in a history.
#pragma once

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
    std::string tag;
};

struct written_batch {
    std::string id;
    std::vector<std::string> tags;
    std::size_t padding = 0;
    bool is_answered = false;

    [[nodiscard]] std::string text() const;
};
using batch_ptr = std::shared_ptr<written_batch>;

[[nodiscard]] std::string tag_of(std::string_view line);

class log_lines {
public:
    explicit log_lines(history& h) : h_(h) {}

    // A new one, or one that was written before, under its id.
    [[nodiscard]] batch_ptr next_batch();
    void answered(const batch_ptr&, const result<segment_journal::placed>&);
    // The process ended: nobody will get the answers that are still out.
    void forget_answers();
    [[nodiscard]] std::size_t acknowledged() const noexcept { return acknowledged_; }
    // Something was reported as damaged that the disk did not give back: from now on lines may be missing
    // that were there, and may come back when the disk gives them again.
    void damage_named() { may_miss_ = true; }

    // All lines that are there, in order. Whatever is shown after a start is durable from then on.
    void look_after_start(const std::vector<read_line>&);
    void look(const std::vector<read_line>&);

private:
    void compare(const std::vector<read_line>&, bool is_start);
    void store(const batch_ptr&, const segment_journal::placed&);

    history& h_;
    [[nodiscard]] bool note_missing(const std::map<std::uint64_t, std::string>& there);

    std::map<std::uint64_t, std::string> stored_;  // by number
    std::map<std::uint64_t, std::string> missed_;  // these were, in damage that was named
    bool may_miss_ = false;
    std::set<std::string> doubtful_;  // tags: stored or not, nobody knows
    std::set<std::string> refused_;   // tags: it was said that they are not stored
    std::map<std::string, batch_ptr> by_id_;
    std::vector<batch_ptr> waiting_;
    std::uint64_t next_tag_ = 0;
    std::size_t acknowledged_ = 0;
};

// A disk that fails to give back what it has makes damage, and it must be named; nothing else may be.
void report_damage(history&, log_lines&, const damage&);

}  // namespace distd::sim::stores
