// A shipped record as a log service of the base protocol takes it: one line of text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace distd {

// "[Name] - message key=value key="with spaces"\n": the message and the record's own fields. What stands in
// front of the message (time, level, who, the trace) has no place in the base protocol, nor have the size of
// an answer and the address of its client. Also of the records in spools of earlier versions, whose message
// is the whole text. Nothing when `record` was damaged in the spool.
[[nodiscard]] std::optional<std::string> plain_text(std::string_view record, std::string_view service);

}  // namespace distd
