#include "client/verbs/config_edit.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/environment.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/config_access.hpp"
#include "client/verbs/diff_text.hpp"

namespace distd::ops::client {
namespace {

// The text while it is edited: a file that only its user may read. It is removed by `discard` alone, so that
// nothing that was typed is lost, however the editing ends.
class draft_file {
public:
    draft_file(const std::string& text, bool is_json) {
        auto pattern = (std::filesystem::temp_directory_path() / "distd-config-XXXXXX").string() +
                       (is_json ? ".json" : ".txt");
        const int fd = ::mkstemps(pattern.data(), is_json ? 5 : 4);
        if (fd < 0)
            throw verb_failure(exit_code::cannot_reach,
                               "no file can be made for the editor: " + std::string(std::strerror(errno)));
        ::close(fd);
        path_ = pattern;
        std::ofstream(path_, std::ios::binary) << text;
    }

    [[nodiscard]] std::string text() const {
        std::ifstream in(path_, std::ios::binary);
        std::ostringstream all;
        all << in.rdbuf();
        return all.str();
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    void discard() const { ::unlink(path_.c_str()); }

private:
    std::string path_;
};

std::string own_editor() {
    for (const auto* name : {"VISUAL", "EDITOR"})
        if (auto value = environment_variable(name); !value.empty()) return value;
    return "vi";
}

// Ctrl-C belongs to the editor while it runs.
void run_editor(const std::string& file) {
    const auto editor = own_editor();
    const auto command = editor + " \"$1\"";
    const auto before = std::signal(SIGINT, SIG_IGN);
    const auto child = ::fork();
    if (child == 0) {
        std::signal(SIGINT, SIG_DFL);
        ::execl("/bin/sh", "sh", "-c", command.c_str(), "sh", file.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    while (child > 0 && ::waitpid(child, &status, 0) < 0 && errno == EINTR) {}
    std::signal(SIGINT, before);
    if (child < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        throw verb_failure(exit_code::answer_is_no,
                           "the editor (" + editor + ") did not end well: nothing is saved");
}

enum class answer : std::uint8_t { yes, no, interrupted };

// Asks who sits at the terminal; Enter is yes, as the question says. No where nobody sits there, and at the
// end of the input. The loop does not run meanwhile, so a Ctrl-C is noticed here: by `ppoll`, which lets
// signals in only while it waits, so that none is lost between the question and the wait.
answer ask_person(const context& c, const std::string& question) {
    if (::isatty(STDIN_FILENO) != 1) return answer::no;
    sigset_t interrupts, before;
    ::sigemptyset(&interrupts);
    ::sigaddset(&interrupts, SIGINT);
    ::sigaddset(&interrupts, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &interrupts, &before);
    c.say(question + " [Y/n]");
    pollfd typed{STDIN_FILENO, POLLIN, 0};
    const bool is_interrupted = ::ppoll(&typed, 1, nullptr, &before) < 0;
    ::sigprocmask(SIG_SETMASK, &before, nullptr);
    if (is_interrupted) return answer::interrupted;
    std::array<char, 64> line{};
    const auto n = ::read(STDIN_FILENO, line.data(), line.size());
    return n <= 0 || line[0] == 'n' || line[0] == 'N' ? answer::no : answer::yes;
}

std::string shown_diff(const context& c, const std::string& key, const std::string& from,
                       const std::string& to) {
    return is_secret(key) ? "(the value is not shown)\n" : diff_text(from, to, c.err);
}

void say_block(const context& c, std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    if (!text.empty()) c.say(text);
}

class editing {
public:
    editing(context& c, std::string key) : c_(c), key_(std::move(key)) {}

    task<int> run() {
        base_ = co_await read_value_of(c_, key_);
        const draft_file draft(bytes_of(base_), is_json(key_, base_ ? base_->media_type : ""));
        try {
            while (!co_await edit_once(&draft)) {}
        } catch (const verb_failure& e) {
            if (draft.text() != bytes_of(base_))
                throw verb_failure(e.code(), std::string(e.what()) + "\nyour text is in " + draft.path());
            draft.discard();
            throw;
        }
        draft.discard();
        if (c_.out.is_json) c_.print_json({{"key", key_}, {"version", version_}});
        co_return exit_code::done;
    }

private:
    static std::string bytes_of(const std::optional<config_value>& v) { return v ? v->bytes : std::string(); }

    // False: the text is to be edited again. Throws when it is not saved.
    task<bool> edit_once(const draft_file* draft) {
        run_editor(draft->path());
        const auto text = draft->text();
        if (text == bytes_of(base_)) {
            c_.say("nothing has changed");
            version_ = base_ ? base_->version : 0;
            co_return true;
        }
        const auto type = base_ ? base_->media_type : media_type_of(text);
        if (const auto fault = fault_in(key_, type, text); !fault.empty()) {
            c_.say(key_ + ": " + fault);
            go_on_or_throw("Edit again?", exit_code::wrong_use);
            co_return false;
        }
        say_block(c_, shown_diff(c_, key_, bytes_of(base_), text));
        if (co_await save(text, type)) co_return true;
        go_on_or_throw("Edit again, upon theirs?", exit_code::answer_is_no);
        co_return false;
    }

    void go_on_or_throw(const std::string& question, int code) const {
        const auto a = ask_person(c_, question);
        if (a != answer::yes)
            throw verb_failure(a == answer::interrupted ? exit_code::interrupted : code, "nothing is saved");
    }

    // False: somebody else was quicker; then `base_` is what is there now.
    task<bool> save(std::string text, std::string type) {
        const auto r = co_await put_value(c_, key_, text, type, base_ ? base_->etag : "");
        if (r.status != 412) {
            expect_changed(r);
            version_ = version_in(r);
            c_.say(key_ + ": version " + std::to_string(version_));
            co_return true;
        }
        const auto before = bytes_of(base_);
        base_ = co_await read_value_of(c_, key_);
        const auto theirs = bytes_of(base_);
        c_.say("Somebody else has changed " + key_ + " meanwhile: nothing is saved.");
        c_.say("What they changed:");
        say_block(c_, shown_diff(c_, key_, before, theirs));
        c_.say("What you have, compared with that:");
        say_block(c_, shown_diff(c_, key_, theirs, text));
        co_return false;
    }

    context& c_;
    std::string key_;
    std::optional<config_value> base_;  // what the editing began with
    std::int64_t version_ = 0;          // that is there when it ends; 0: none
};

}  // namespace

task<int> edit_value(context& c, std::string key) {
    editing e(c, std::move(key));
    co_return co_await e.run();
}

}  // namespace distd::ops::client
