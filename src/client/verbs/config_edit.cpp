#include "client/verbs/config_edit.hpp"

#include <fcntl.h>
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
#include "client/system/going_wrong.hpp"
#include "client/verbs/config_access.hpp"
#include "client/verbs/diff_text.hpp"

namespace distd::ops::client {
namespace {

// The text while it is edited: a file that only its user may read. It stays when something went wrong, so
// that nothing that was typed is lost.
class draft_file {
public:
    draft_file(const std::string& text, bool is_json) {
        auto pattern = (std::filesystem::temp_directory_path() / "distd-config-XXXXXX").string() +
                       (is_json ? ".json" : ".txt");
        const int fd = ::mkstemps(pattern.data(), is_json ? 5 : 4);
        if (fd < 0)
            throw cannot_go_on(exit_code::cannot_reach,
                               "no file can be made for the editor: " + std::string(std::strerror(errno)));
        ::close(fd);
        path_ = pattern;
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~draft_file() {
        if (!stays_) ::unlink(path_.c_str());
    }
    draft_file(const draft_file&) = delete;
    draft_file& operator=(const draft_file&) = delete;

    [[nodiscard]] std::string text() const {
        std::ifstream in(path_, std::ios::binary);
        std::ostringstream all;
        all << in.rdbuf();
        return all.str();
    }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    void keep() noexcept { stays_ = true; }

private:
    std::string path_;
    bool stays_ = false;
};

std::string own_editor() {
    for (const auto* name : {"VISUAL", "EDITOR"})
        if (auto value = environment_variable(name); !value.empty()) return value;
    return "vi";
}

// Its Ctrl-C is the editor's.
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
        throw cannot_go_on(exit_code::answer_is_no,
                           "the editor (" + editor + ") did not end well: nothing is saved");
}

// Of somebody who sits at the terminal; `otherwise` where nobody does.
char ask_person(const context& c, const std::string& question, char otherwise) {
    if (::isatty(STDIN_FILENO) != 1) return otherwise;
    c.say(question);
    std::array<char, 64> line{};
    const auto n = ::read(STDIN_FILENO, line.data(), line.size());
    return n > 0 && line[0] != '\n' ? line[0] : otherwise;
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
        draft_file draft(base_ ? base_->bytes : "", is_json(key_, base_ ? base_->media_type : ""));
        for (;;) {
            run_editor(draft.path());
            const auto text = draft.text();
            if (base_ ? text == base_->bytes : text.empty()) {
                c_.say("nothing has changed");
                co_return exit_code::done;
            }
            const auto type = base_ ? base_->media_type : media_type_of(text);
            if (!is_accepted(text, type, draft)) continue;
            say_block(c_, shown_diff(c_, key_, base_ ? base_->bytes : "", text));
            const auto saved = co_await save(text, type);
            if (saved) co_return exit_code::done;
            draft.keep();
            if (!goes_on(draft)) co_return exit_code::answer_is_no;
        }
    }

private:
    // Whether it may be sent; false: it is edited again.
    bool is_accepted(const std::string& text, const std::string& type, draft_file& draft) {
        const auto fault = fault_in(key_, type, text);
        if (fault.empty()) return true;
        draft.keep();
        c_.say(fault);
        if (ask_person(c_, "Edit again? [Y/n]", '-') != '-') return false;
        throw cannot_go_on(exit_code::wrong_use, "nothing is saved; your text is in " + draft.path());
    }

    // False: somebody else was quicker; then `base_` is what is there now.
    task<bool> save(std::string text, std::string type) {
        const auto r = co_await put_value(c_, key_, text, type, base_ ? base_->etag : "");
        if (r.status != 412) {
            expect_changed(r);
            c_.say(key_ + ": version " + std::to_string(version_in(r)));
            co_return true;
        }
        const auto before = base_ ? base_->bytes : std::string();
        base_ = co_await read_value_of(c_, key_);
        const auto theirs = base_ ? base_->bytes : std::string();
        c_.say("Somebody else has changed " + key_ + " meanwhile: nothing is saved.");
        c_.say("What they changed:");
        say_block(c_, shown_diff(c_, key_, before, theirs));
        c_.say("What you have, compared with that:");
        say_block(c_, shown_diff(c_, key_, theirs, text));
        co_return false;
    }

    bool goes_on(const draft_file& draft) {
        const bool goes = ask_person(c_, "Edit again, upon theirs? [Y/n]", 'n') != 'n';
        if (!goes) c_.say("your text is in " + draft.path());
        return goes;
    }

    context& c_;
    std::string key_;
    std::optional<config_value> base_;  // what the editing began with
};

}  // namespace

task<int> edit_value(context& c, std::string key) {
    editing e(c, std::move(key));
    co_return co_await e.run();
}

}  // namespace distd::ops::client
