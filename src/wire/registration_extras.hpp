// What a registration may say beyond the base protocol. An old peer sends nothing of it and never notices.
#pragma once

#include <distd/json.hpp>
#include <distd/time.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace distd {

// Nothing: it was not sent, and what holds for everybody holds.
struct registration_extras {
    std::vector<std::string> tags;            // each once, in the order of their first mention
    std::map<std::string, std::string> meta;  // keys as they were sent
    std::optional<int> weight;                // 0: offered, but not to be picked
    std::string zone;
    std::string version;
    std::optional<milliseconds> heartbeat_interval;
    std::optional<milliseconds> heartbeat_timeout;
    std::optional<int> failures_before_lost;
    std::optional<int> successes_before_back;
    std::optional<milliseconds> deregister_after;  // 0: never
    std::optional<milliseconds> ttl;               // it reports in by itself and is not probed
    // The certificate that it shows at its https:// addresses, by its SHA-256 in lower-case hex. Empty: one
    // that a root vouches for.
    std::string certificate_sha256;

    [[nodiscard]] bool empty() const { return *this == registration_extras(); }
    friend bool operator==(const registration_extras&, const registration_extras&) = default;
};

using extras_ptr = std::shared_ptr<const registration_extras>;

// Reads them from an object that may hold other fields as well; null when there are none. What is null, an
// empty text or an empty list was not sent. On failure `error.text` names the field, what was found and what
// would be right.
[[nodiscard]] extras_ptr read_extras(json::value object, json_error& error);

// `"Tags":["a"],"Weight":3`, without braces: only what was sent. Nothing for null.
[[nodiscard]] std::string to_members(const extras_ptr&);

}  // namespace distd
