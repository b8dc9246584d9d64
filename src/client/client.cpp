#include "client/client.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <exception>

#include "base/environment.hpp"
#include "base/settings/options.hpp"
#include "base/settings/options_values.hpp"
#include "client/arguments/help.hpp"
#include "client/arguments/parsed_words.hpp"
#include "client/system/context.hpp"
#include "client/system/verb_failure.hpp"
#include "client/verbs/verbs.hpp"

namespace distd::ops::client {
namespace {

using signals = boost::asio::basic_signal_set<executor>;

colours wanted_colours(const parsed_words& given) {
    const auto& when = given.text("color");
    return when == "always" ? colours::always : when == "never" ? colours::never : colours::when_useful;
}

output_style style_of(std::FILE* file, const parsed_words& given) {
    output_style l;
    l.to = terminal_of(::fileno(file), wanted_colours(given));
    l.is_utc = given.on("utc");
    l.is_json = given.on("json");
    return l;
}

void complain(std::FILE* err, const std::string& words) {
    const auto text = "distd: " + words + "\n";
    std::fwrite(text.data(), 1, text.size(), err);
    std::fflush(err);
}

// The coroutine of the verb, and the end of the loop once it is over.
class one_run {
public:
    one_run(const verb& v, const parsed_words& given, std::FILE* out, std::FILE* err)
        : roles_(loop_.get_executor(), real_time(),
                 find_registry_access(given.list("registry"), environment_variable)),
          context_(v, given, out, err, roles_, real_time()),
          interrupts_(loop_.get_executor(), SIGINT, SIGTERM) {
        context_.out = style_of(out, given);
        context_.err = style_of(err, given);
    }

    int run() {
        interrupts_.async_wait([](const boost::system::error_code& ec, int number) {
            if (!ec) ::_exit(128 + number);  // what was printed is out: each piece is flushed
        });
        boost::asio::co_spawn(loop_, context_.what.run(context_), [this](std::exception_ptr why, int code) {
            why_ = why;
            code_ = code;
            roles_.stop();
            boost::system::error_code ignored;
            interrupts_.cancel(ignored);
        });
        loop_.run();
        if (why_) std::rethrow_exception(why_);
        return code_;
    }

private:
    boost::asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    roles_client roles_;
    context context_;
    signals interrupts_;
    std::exception_ptr why_;
    int code_ = 0;
};

int run_verb(const verb& v, const std::vector<std::string>& arguments, std::FILE* out, std::FILE* err) {
    try {
        const bool asks_for_help =
            std::ranges::any_of(arguments, [](const auto& a) { return a == "--help" || a == "-h"; });
        if (asks_for_help && !v.takes_rest) {
            std::fputs(help_of(v).c_str(), out);
            return std::fflush(out) == 0 ? exit_code::done : exit_code::cannot_reach;
        }
        const parsed_words given(v, arguments);
        return one_run(v, given, out, err).run();
    } catch (const wrong_use& e) {
        complain(err, e.what());
        return exit_code::wrong_use;
    } catch (const verb_failure& e) {
        complain(err, e.what());
        return e.code();
    } catch (const output_closed&) {
        return exit_code::cannot_reach;
    } catch (const std::exception& e) {
        complain(err, e.what());
        return exit_code::cannot_reach;
    }
}

int refuse_word(const std::string& word, std::FILE* err) {
    std::vector<std::string> known;
    for (const auto& v : all_verbs()) {
        known.push_back(v.name);
        known.insert(known.end(), v.aliases.begin(), v.aliases.end());
    }
    complain(err, "there is no verb '" + printable(word) + "'" + did_you_mean(word, known, "distd ") +
                      "\ndistd help names them all; flags such as --role=registry run roles");
    return exit_code::wrong_use;
}

}  // namespace

bool is_for_client(const std::vector<std::string>& arguments, bool is_at_terminal) {
    return arguments.empty() ? is_at_terminal : !arguments.front().starts_with('-');
}

int run_client(const std::vector<std::string>& arguments, const other_commands& others, std::FILE* out,
               std::FILE* err) {
    static const auto summary = describe_summary();
    if (arguments.empty()) return run_verb(summary, {}, out, err);
    const auto& word = arguments.front();
    const std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
    if (word == "run") return others.run_roles(rest);
    if (word == "logs" && !rest.empty() && rest.front() == "cat") return others.print_log_files(rest);
    const auto* const found = find_verb(word);
    return found ? run_verb(*found, rest, out, err) : refuse_word(word, err);
}

}  // namespace distd::ops::client
