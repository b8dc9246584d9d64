#include "http/client/client_call.hpp"

#include <boost/asio/post.hpp>

#include "base/completion.hpp"
#include "base/handler_scope.hpp"
#include "base/rarely.hpp"
#include "base/scope_exit.hpp"
#include "http/message/client_request.hpp"

namespace distd::http {
namespace {

namespace asio = boost::asio;

constexpr const char* scope_name = "an outgoing call";

}  // namespace

result<client_request> client_request::of(client_core& core, call c) {
    if (core.stopping) return errc::stopped;
    client_request r;
    r.to = core.target(c.url);
    if (!r.to) return errc::bad_address;
    auto fields = chosen_fields_of(c);
    if (!fields) return errc::invalid;
    if (c.deadline <= milliseconds::zero()) return errc::timed_out;
    r.has_user_agent = c.headers.contains("User-Agent");
    r.has_authorization = c.headers.contains("Authorization");
    r.method = std::move(c.method);
    r.fields = std::make_shared<const std::string>(std::move(*fields));
    r.body = std::make_shared<const std::string>(std::move(c.body));
    r.connect_deadline = c.connect_deadline;
    r.deadline = c.deadline;
    r.answer_limit = c.answer_limit;
    r.safe_to_repeat = c.safe_to_repeat;
    return r;
}

std::shared_ptr<client_call> client_call::start(std::shared_ptr<client_core> core, client_request r,
                                                completion on_done) {
    auto c =
        std::make_shared<client_call>(only_by_start(), std::move(core), std::move(r), std::move(on_done));
    c->begin();
    return c;
}

client_call::client_call(only_by_start, std::shared_ptr<client_core> core, client_request r,
                         completion on_done)
    : core_(std::move(core)),
      request_(std::move(r)),
      on_done_(std::move(on_done)),
      lease_(core_, [this] { finish(*lease_.outcome()); }),
      deadline_(core_->time.now() + request_.deadline) {}

void client_call::begin() {
    if (core_->drops_calls) return;
    self_ = shared_from_this();
    lease_.end_at(deadline_, errc::timed_out);
    if (core_->stopping || !request_.to) {
        const auto why = core_->stopping ? errc::stopped : errc::bad_address;
        return asio::post(core_->loop, [self = self_, why] {
            const handler_scope scope(scope_name);
            self->finish(why);
        });
    }
    lease_.take_kept(*request_.to) ? exchange() : acquire(true);
}

void client_call::acquire(bool may_be_kept) {
    const lease::options how{request_.connect_deadline, deadline_, may_be_kept};
    lease_.acquire(*request_.to, how,
                   [self = shared_from_this()](failure f) { f ? self->finish(*f) : self->exchange(); });
}

void client_call::exchange() {
    if (lease_.is_reused() && DISTD_RARELY("kept connection gone")) break_off(lease_.socket());
    reader_.emplace(request_.method == "HEAD", request_.answer_limit, request_.keep);
    // Anew for each try: what has been taken once is not taken again.
    if (!request_.has_authorization) proof_ = core_->proof_for(request_.method, *request_.to, body());
    send_some();
}

std::string_view client_call::body() const noexcept {
    return request_.body ? std::string_view(*request_.body) : std::string_view();
}

bool client_call::closes_after() const noexcept {
    return !core_->setup.keeps_after_bodies && !body().empty();
}

void client_call::write_head() {
    const auto& to = *request_.to;
    request_fields fields;
    fields.authority = to.authority;
    if (!request_.has_user_agent) fields.user_agent = core_->setup.user_agent;
    if (request_.fields) fields.chosen = *request_.fields;
    if (request_.body) fields.content_length = request_.body->size();
    fields.authorization = proof_;
    fields.closes = closes_after();
    write_request_head(core_->head, request_.method, to.where.target, fields);
}

void client_call::send_some() {
    write_head();
    std::string_view head = core_->head;
    auto rest = body();
    const auto of_head = std::min(lease_.sent(), head.size());
    head.remove_prefix(of_head);
    rest.remove_prefix(lease_.sent() - of_head);
    const auto ended = lease_.send_now(head, rest);
    if (!ended) return wait_for_room();
    *ended ? lost() : wait_for_answer();
}

void client_call::wait_for_room() {
    static_cast<void>(lease_.take_known_empty());
    http::wait_for_room(lease_.socket(), [self = shared_from_this()](const boost::system::error_code& ec) {
        const handler_scope scope(scope_name);
        if (self->is_over_) return;
        ec ? self->lost() : self->send_some();
    });
}

void client_call::wait_for_answer() {
    auto woken = [self = shared_from_this()](const boost::system::error_code& ec) {
        const handler_scope scope(scope_name);
        if (self->is_over_) return;
        ec ? self->lost() : self->read_answer();
    };
    if (lease_.take_known_empty())
        core_->wait_readable(lease_.socket(), socket_state::empty, std::move(woken));
    else
        wait_for_bytes(lease_.socket(), std::move(woken));
}

void client_call::read_answer() {
    using state = answer_reader::state;
    for (bool has_more = true; has_more;) {
        boost::system::error_code ec;
        const auto bytes = lease_.receive_now(ec);
        has_more = !lease_.is_drained(bytes);
        if (ec == asio::error::would_block) break;
        if (ec && ec != asio::error::eof) return lost();
        const auto now = ec ? reader_->end_of_stream() : reader_->feed(bytes);
        if (now == state::done) {
            lease_.settle(reader_->leaves_connection_usable() && !closes_after());
            return finish(reader_->take());
        }
        if (ec) return lost();
        if (now == state::bad) return finish(errc::bad_answer);
    }
    wait_for_answer();
}

void client_call::lost() { may_go_again() ? acquire(false) : finish(errc::connection_lost); }

// A server closes an idle connection whenever it likes, also just while we write. So a kept connection that
// broke before the first byte of an answer earns one more try, on a fresh one, if nothing of the request was
// taken or if it does no harm when done twice. A POST whose bytes went out may have been acted upon: its
// caller has to decide. (A close that arrived before we wrote is noticed when the connection is taken, and
// costs no try.)
bool client_call::may_go_again() const noexcept {
    const bool is_harmless = request_.safe_to_repeat || is_repeatable(request_.method);
    return lease_.is_reused() && !reader_->has_begun() && (lease_.sent() == 0 || is_harmless);
}

void client_call::finish(result<reply> how) {
    if (std::exchange(is_over_, true)) return;
    const auto alive = std::move(self_);
    const auto notify = std::move(on_done_);
    lease_.release();
    request_.to.reset();
    const auto why = how ? failure() : failure(static_cast<errc>(how.error().value()));
    if (core_->counters) core_->counters->ended(why);
    if (!core_->drops_calls) notify(std::move(how));
}

void client_call::cancel() {
    if (std::exchange(is_over_, true)) return;
    const auto alive = std::move(self_);
    on_done_ = nullptr;
    lease_.release();
    if (core_->counters) core_->counters->cancelled.add();
}

task<result<reply>> send_call(std::shared_ptr<client_core> core, call c) {
    auto request = client_request::of(*core, std::move(c));
    if (!request) {
        if (core->counters) core->counters->ended(static_cast<errc>(request.error().value()));
        co_return request.error();
    }
    std::shared_ptr<client_call> under_way;
    const scope_exit at_end([&] {
        if (under_way) under_way->cancel();
    });
    auto start = [&](completion<result<reply>> on_done) {
        under_way = client_call::start(core, std::move(*request), std::move(on_done));
    };
    co_return co_await initiate<result<reply>>(use_task, std::move(start));
}

}  // namespace distd::http
