#include "base/logging/log_stamp.hpp"

#include "base/timestamp.hpp"

namespace distd {
namespace {

using std::chrono::floor;

void put_digits(char* at, int width, unsigned value) noexcept {
    for (char* p = at + width; p != at; value /= 10) *--p = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string_view log_stamp::of(wall_point t) noexcept {
    const auto ms = floor<milliseconds>(t.time_since_epoch()).count();
    if (ms != millisecond_) {
        const auto second = floor<seconds>(t.time_since_epoch()).count();
        if (second != second_) {
            second_ = second;
            write_date_and_time(text_.data(), std::chrono::sys_seconds{seconds(second)});
        }
        millisecond_ = ms;
        put_digits(text_.data() + 20, 3, static_cast<unsigned>(ms - second * 1000));
    }
    return {text_.data(), text_.size()};
}

}  // namespace distd
