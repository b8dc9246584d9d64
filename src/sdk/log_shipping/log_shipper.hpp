// Brings a service's log lines to the log service, in order, without ever holding up the loop: a bounded
// queue in memory, a bounded spool file while no log service is reachable (after a second or so, so that a
// kill costs the lines of some seconds only), the oldest dropped and counted when that is full. Once lines
// arrive again, one of them says how many were dropped. A line is a record, one JSON object, in the queue and
// in the spool, and goes like that, in batches, to a log service that takes them (it says so: OPTIONS /log
// answers `Accept-Post` with application/x-ndjson); to any other it goes as plain text, one request per line,
// waiting for each answer. A line is repeated until somebody answered
// it: an answer that got lost repeats a line to a log service that does not know batch ids. A line that is
// refused for what it is (400, 413, 415, 422) is dropped and counted, and holds up nobody.
#pragma once

#include <distd/http.hpp>
#include <distd/metrics.hpp>
#include <distd/time.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/disk.hpp"

namespace distd {

struct log_shipper_setup {
    std::string service;                                   // the Name in "[Name] - text"
    std::string instance;                                  // its URL, in records of the shipper itself
    std::function<std::optional<std::string>()> provider;  // base URL of a log service, if one is known
    disk* storage = &real_disk();                          // that the spool is on
    std::function<std::string()> spool_dir;                // asked once, when `run` begins; "" = keep none
    std::size_t queue_limit_bytes = 1 << 20;
    std::size_t spool_limit_bytes = 16 << 20;  // under 64 KiB: none is kept
    // Nobody promised a log service: lines go to one that takes records or to none, as any other would get a
    // request for each. Until one did, they wait in memory only, and the oldest make room without being
    // missed.
    bool only_records = false;
    // What a person should know of the shipper itself, which cannot log: once a minute at most. May be empty.
    std::function<void(std::string_view sentence)> complain;
};

class log_shipper {
public:
    log_shipper(log_shipper_setup, http::client&, executor, time_source&, metrics&);
    ~log_shipper();

    void push(std::string_view record);  // as base/logging/shipped_record.hpp makes it
    void provider_changed() noexcept;    // look again at once
    [[nodiscard]] task<> run();          // until cancelled; takes up what an earlier process spooled
    [[nodiscard]] task<> flush(
        milliseconds within);  // called after `run` was cancelled; what remains is spooled

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

}  // namespace distd
