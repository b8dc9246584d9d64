// Structured logging. A record is an event name (a fixed snake_case word) and fields; user input goes into
// fields, never into the name. Writing never blocks: records are queued in batches, and a full queue drops
// and counts them.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

namespace distd {

enum class log_level : std::uint8_t { debug, info, warn, error };

[[nodiscard]] std::string_view to_string(log_level) noexcept;

struct log_field {
    log_field(std::string_view k, std::string_view v) : key(k), text(v) {}
    log_field(std::string_view k, const char* v) : key(k), text(v) {}
    log_field(std::string_view k, const std::string& v) : key(k), text(v) {}
    log_field(std::string_view k, bool v) : key(k), text(v ? "true" : "false"), quoted(false) {}
    template <std::integral T>
    log_field(std::string_view k, T v) : key(k), text(std::to_string(v)), quoted(false) {}
    log_field(std::string_view k, double v);

    std::string_view key;
    std::string text;
    bool quoted = true;
};

class log_sink;  // src/base/logging: the destination

class logger {
public:
    // A null sink discards everything.
    logger(std::shared_ptr<log_sink> sink, std::string source);

    void debug(std::string_view event, std::initializer_list<log_field> = {}) const;
    void info(std::string_view event, std::initializer_list<log_field> = {}) const;
    void warn(std::string_view event, std::initializer_list<log_field> = {}) const;
    void error(std::string_view event, std::initializer_list<log_field> = {}) const;
    void write(log_level, std::string_view event, std::initializer_list<log_field>) const;

    [[nodiscard]] const std::string& source() const noexcept { return source_; }

private:
    std::shared_ptr<log_sink> sink_;
    std::string source_;
};

}  // namespace distd
