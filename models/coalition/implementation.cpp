#include "models/coalition/implementation.hpp"

#include <algorithm>
#include <boost/numeric/odeint/stepper/runge_kutta4.hpp>
#include <cmath>

#include "engine/core/contracts.hpp"
#include "engine/core/math.hpp"

namespace proeftuin::coalition {
namespace {

using State = std::vector<double>;  // visions, then levels

/// The right-hand side between two moments at which something begins or ends.
class Flow {
public:
    Flow(const Coalition& c, double middle)
        : c_{c},
          convened_{c.has(Mechanism::convenor) && c.convenor.from <= middle && middle < c.convenor.to},
          middle_{middle} {}

    void operator()(const State& x, State& rate, double /*time*/) const {
        std::fill(rate.begin(), rate.end(), 0.0);
        const std::size_t n = c_.organisations.size();
        for (const Tie& tie : c_.ties) {
            const double flow = tie.strength * (x[tie.b] - x[tie.a]);
            rate[tie.a] += flow;
            rate[tie.b] -= flow;
        }
        if (convened_)
            for (std::size_t i = 0; i < n; ++i)
                if (c_.organisations[i].reached) rate[i] += c_.convenor.persuades * (1.0 - x[i]);
        for (std::size_t p = 0; p < c_.parts.size(); ++p) {
            const Part& part = c_.parts[p];
            if (middle_ < part.from) continue;
            const double speed = (convened_ ? c_.convenor.speeds_up : 1.0) / part.takes;
            rate[n + p] = speed * (strength(x, part) - x[n + p]);
        }
    }

    /// The fastest of all rates [per year].
    double fastest() const {
        double most = 0.0;
        for (const Tie& tie : c_.ties) most += 2.0 * tie.strength;
        most += convened_ ? c_.convenor.persuades : 0.0;
        for (const Part& part : c_.parts) most = std::max(most, (convened_ ? c_.convenor.speeds_up : 1.0) / part.takes);
        return most;
    }

private:
    double willing(const State& x, const Part& part, std::size_t i) const {
        const Organisation& o = c_.organisations[i];
        double w = c_.has(Mechanism::shared_vision) ? x[i] : 1.0;
        if (c_.has(Mechanism::reluctance))
            w *= 1.0 - o.reluctance * (1.0 - (convened_ && o.reached ? c_.convenor.overcomes : 0.0));
        if (c_.has(Mechanism::conflicting_targets)) w *= 1.0 - part.conflict[i];
        return w;
    }

    double strength(const State& x, const Part& part) const {
        double together = part.combines == Combines::weakest ? 1.0 : 0.0;
        for (std::size_t i = 0; i < c_.organisations.size(); ++i) {
            if (part.shares[i] <= 0.0) continue;
            const double w = willing(x, part, i);
            switch (part.combines) {
                case Combines::geometric:
                    together += part.shares[i] * (w > 0.0 ? math::log(w) : -std::numeric_limits<double>::infinity());
                    break;
                case Combines::mean:
                    together += part.shares[i] * w;
                    break;
                case Combines::weakest:
                    together = std::min(together, w);
                    break;
            }
        }
        if (part.combines == Combines::geometric) together = math::exp(together);
        if (c_.has(Mechanism::rules))
            for (const std::size_t r : part.rules)
                if (middle_ < c_.rules[r].opens) together *= c_.rules[r].before;
        if (c_.has(Mechanism::prerequisites))
            for (const std::size_t q : part.after) together *= x[c_.organisations.size() + q];
        return together;
    }

    const Coalition& c_;
    bool convened_;
    double middle_;
};

}  // namespace

double Coalition::misalignment(std::size_t part) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < organisations.size(); ++i) sum += parts[part].shares[i] * parts[part].conflict[i];
    return sum;
}

double conflict(const std::vector<double>& targets, const std::vector<double>& moves) {
    double balance = 0.0, size = 0.0;
    for (std::size_t k = 0; k < targets.size(); ++k) {
        balance += targets[k] * moves[k];
        size += std::fabs(targets[k] * moves[k]);
    }
    return balance < 0.0 ? -balance / size : 0.0;
}

double Course::at(const std::vector<double>& row, double time) const {
    const auto next = std::upper_bound(times.begin(), times.end(), time);
    if (next == times.begin()) return row.front();
    if (next == times.end()) return row.back();
    const auto k = static_cast<std::size_t>(next - times.begin());
    const double part = (time - times[k - 1]) / (times[k] - times[k - 1]);
    return row[k - 1] + part * (row[k] - row[k - 1]);
}

Course course_of(const Coalition& c, double from, double to) {
    PT_EXPECT(from < to);
    Course course;
    // A table of months, cut where something begins or ends.
    const auto months = static_cast<int>(std::ceil((to - from) * 12.0));
    for (int k = 0; k <= months; ++k) course.times.push_back(from + static_cast<double>(k) / 12.0);
    const auto cut = [&](double t) {
        if (from < t && t < to) course.times.push_back(t);
    };
    cut(c.convenor.from);
    cut(c.convenor.to);
    for (const Rule& rule : c.rules) cut(rule.opens);
    for (const Part& part : c.parts) cut(part.from);
    std::sort(course.times.begin(), course.times.end());
    course.times.erase(std::unique(course.times.begin(), course.times.end()), course.times.end());

    State x;
    for (const Organisation& o : c.organisations) x.push_back(o.shared_vision);
    for (const Part& part : c.parts) x.push_back(part.at_start);
    course.vision.resize(c.organisations.size());
    course.level.resize(c.parts.size());
    const auto note = [&] {
        for (std::size_t i = 0; i < course.vision.size(); ++i) course.vision[i].push_back(x[i]);
        for (std::size_t p = 0; p < course.level.size(); ++p) course.level[p].push_back(x[c.organisations.size() + p]);
    };
    note();
    boost::numeric::odeint::runge_kutta4<State> stepper;
    for (std::size_t k = 1; k < course.times.size(); ++k) {
        const double begin = course.times[k - 1], length = course.times[k] - begin;
        const Flow flow(c, begin + 0.5 * length);
        // Steps in which nothing changes by more than a twentieth: the error is below 1e-7.
        const int steps = 1 + static_cast<int>(20.0 * length * flow.fastest());
        for (int s = 0; s < steps; ++s) stepper.do_step(flow, x, begin, length / steps);
        for (double& value : x) value = std::clamp(value, 0.0, 1.0);
        note();
    }
    return course;
}

std::vector<double> contribution(const Coalition& coalition, Mechanism mechanism, double from, double at) {
    Coalition other = coalition;
    other.on[static_cast<std::size_t>(mechanism)] = !coalition.has(mechanism);
    const double sign = coalition.has(mechanism) ? 1.0 : -1.0;
    const Course with = course_of(coalition, from, at), without = course_of(other, from, at);
    std::vector<double> out;
    for (std::size_t p = 0; p < coalition.parts.size(); ++p)
        out.push_back(sign * (with.level[p].back() - without.level[p].back()));
    return out;
}

}  // namespace proeftuin::coalition
