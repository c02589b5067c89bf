#include "engine/run/server_queue.hpp"

#include <algorithm>
#include <functional>

#include "engine/core/contracts.hpp"

namespace proeftuin {

ServerQueue::Served& ServerQueue::Served::operator+=(const Served& other) {
    visits += other.visits;
    delayed += other.delayed;
    waited += other.waited;
    waiting += other.waiting;
    waiting_for += other.waiting_for;
    return *this;
}

ServerQueue::ByPriority ServerQueue::serve(std::span<const Visitor> visitors, double begin, double end,
                                           std::size_t servers) {
    set_servers(servers, begin);
    ByPriority served;
    for (std::size_t next = 0; true;) {
        const bool comes = next < visitors.size();
        const bool free_in_step = !free_at_.empty() && free_at_.front() < end;
        if (!waiting_.empty() && free_in_step && (!comes || free_at_.front() <= visitors[next].at)) {
            const auto first = waiting_.begin();
            const Visitor visitor = first->second.front();
            first->second.pop_front();
            if (first->second.empty()) waiting_.erase(first);
            begin_visit(visitor, std::max(free_at_.front(), visitor.at), served);
        } else if (comes) {
            const Visitor& visitor = visitors[next++];
            PT_EXPECT(visitor.at >= begin && visitor.at <= end);
            if (waiting_.empty() && !free_at_.empty() && free_at_.front() <= visitor.at)
                begin_visit(visitor, visitor.at, served);
            else
                waiting_[visitor.priority].push_back(visitor);
        } else {
            break;
        }
    }
    for (const auto& [priority, people] : waiting_)
        for (const Visitor& visitor : people) {
            ++served[priority].waiting;
            served[priority].waiting_for += end - visitor.at;
        }
    return served;
}

void ServerQueue::begin_visit(const Visitor& visitor, double at, ByPriority& served) {
    std::pop_heap(free_at_.begin(), free_at_.end(), std::greater<>());
    free_at_.back() = at + visitor.service;
    std::push_heap(free_at_.begin(), free_at_.end(), std::greater<>());
    Served& mine = served[visitor.priority];
    ++mine.visits;
    if (at > visitor.at) {
        ++mine.delayed;
        mine.waited += at - visitor.at;
    }
}

void ServerQueue::set_servers(std::size_t servers, double now) {
    if (servers == free_at_.size()) return;
    std::sort(free_at_.begin(), free_at_.end());  // is a heap too
    if (servers < free_at_.size())
        free_at_.erase(free_at_.begin(), free_at_.end() - static_cast<std::ptrdiff_t>(servers));
    while (free_at_.size() < servers) {
        free_at_.push_back(now);
        std::push_heap(free_at_.begin(), free_at_.end(), std::greater<>());
    }
}

ServerQueue::State ServerQueue::state() const {
    State out{free_at_, {}};
    std::sort(out.free_at.begin(), out.free_at.end());
    for (const auto& [priority, people] : waiting_) out.waiting.insert(out.waiting.end(), people.begin(), people.end());
    return out;
}

void ServerQueue::restore(const State& state) {
    free_at_ = state.free_at;
    std::make_heap(free_at_.begin(), free_at_.end(), std::greater<>());
    waiting_.clear();
    for (const Visitor& visitor : state.waiting) waiting_[visitor.priority].push_back(visitor);
}

}  // namespace proeftuin
