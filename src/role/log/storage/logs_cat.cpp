#include "role/log/storage/logs_cat.hpp"

#include "role/log/storage/part.hpp"
#include "store/journal/segment_scanner.hpp"

namespace distd::logs {
namespace {

constexpr const char* usage =
    "Usage: distd logs cat FILE...\n"
    "\n"
    "Prints files of the log service, DATA-DIR/log/journal/*.ndjson and DATA-DIR/log/parts/*.part, as JSON\n"
    "lines. Damaged places are left out and named on standard error.\n"
    "Exit code: 0 all was printed; 4 all but damaged places; 1 a file could not be read; 2 wrong use.\n";

class output_ended {};

class printer {
public:
    printer(std::FILE* out, std::FILE* err) : out_(out), err_(err) {}

    void print(const std::string& file) {
        try {
            const posix_file in(real_disk(), file, posix_file::mode::read);
            std::string start(part_start_bytes, '\0');
            start.resize(in.read_at(0, start.data(), start.size()));
            if (start.starts_with(R"({"_segment":)"))
                print_segment(in);
            else if (has_part_mark(start) || part::range_of(file))
                print_part(file);
            else
                fail(file + ": is neither a segment nor a part of the log");
        } catch (const store_error& e) {
            fail(e.what());
        } catch (const damaged_bytes& e) {
            fail(file + ": " + e.what());
        }
    }

    int finish() {
        if (places_ > 0)
            std::fprintf(err_, "distd: %llu damaged place%s left out\n",
                         static_cast<unsigned long long>(places_), places_ == 1 ? " was" : "s were");
        if (std::fflush(out_) != 0) return cat_exit_codes::cannot_read;
        return failed_       ? cat_exit_codes::cannot_read
               : places_ > 0 ? cat_exit_codes::damaged
                             : cat_exit_codes::complete;
    }

private:
    void print_segment(const posix_file& in) {
        const auto size = in.size();
        const auto head = read_first_line(in, size).value_or("");
        if (const auto h = parse_head(head); h && !is_known_segment_format(h->format))
            return fail(in.path().string() + ": " + unknown_segment_format(h->format));
        segment_scanner scan(in, first_batch_at(in, size), size);
        std::vector<damage> damaged;
        while (const auto b = scan.next()) {
            scan.add_damage(*b, damaged);
            for (const auto& d : std::exchange(damaged, {})) report(d);
            if (b->sound) write(b->lines);
        }
        scan.add_rest(damaged);
        for (const auto& d : damaged) report(d);
    }

    void print_part(const std::string& file) {
        std::vector<damage> damaged;
        const auto p = part::open(real_disk(), file, damaged);
        for (const auto& d : damaged) report(d);
        const part_input in(p);
        for (std::size_t i = 0; i < p->index().blocks.size(); ++i) print_block(in, i);
    }

    void print_block(const part_input& in, std::size_t i) {
        text_.clear();
        try {
            const auto source = in.source(i);
            block_reader reader(in.block(i).head, source);
            for (std::size_t row = 0; row < reader.head().rows; ++row) {
                reader.append_line(text_, row);
                text_ += '\n';
            }
        } catch (const damaged_bytes& e) {
            return report(in.damage_of(i, e.what()));
        }
        write(text_);
    }

    void write(std::string_view text) {
        if (std::fwrite(text.data(), 1, text.size(), out_) != text.size()) throw output_ended();
    }
    void report(const damage& d) {
        ++places_;
        std::fprintf(err_, "distd: %s: %llu bytes from %llu on: %s\n", d.file.c_str(),
                     static_cast<unsigned long long>(d.bytes), static_cast<unsigned long long>(d.offset),
                     d.reason.c_str());
    }
    void fail(const std::string& text) {
        failed_ = true;
        std::fprintf(err_, "distd: %s\n", text.c_str());
    }

    std::FILE* out_;
    std::FILE* err_;
    std::string text_;
    std::uint64_t places_ = 0;
    bool failed_ = false;
};

}  // namespace

int run_logs_command(const std::vector<std::string>& arguments, std::FILE* out, std::FILE* err) {
    const bool asks_for_help =
        !arguments.empty() && (arguments.back() == "--help" || arguments.back() == "-h");
    if (asks_for_help) {
        std::fputs(usage, out);
        return cat_exit_codes::complete;
    }
    if (arguments.size() < 2 || arguments[0] != "cat") {
        std::fprintf(err, "distd: expected logs cat FILE...\n%s", usage);
        return cat_exit_codes::wrong_use;
    }
    printer p(out, err);
    try {
        for (std::size_t i = 1; i < arguments.size(); ++i) p.print(arguments[i]);
    } catch (const output_ended&) {
        return cat_exit_codes::cannot_read;
    }
    return p.finish();
}

}  // namespace distd::logs
