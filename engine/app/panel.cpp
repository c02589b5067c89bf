#include "engine/app/panel.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/contracts.hpp"
#include "engine/random/draw.hpp"

namespace proeftuin::app {
namespace {

DrawSite sample_site(const Prepared& p) { return {p.scenario.seed, 0, "record.persons"}; }

std::size_t people_at_start(const Prepared& p) { return p.people ? p.people->people : p.scenario.people; }

bool is_alive(const Model& m, const Population& people, std::size_t slot) {
    return people.column<std::uint8_t>(m.life)[slot] == static_cast<std::uint8_t>(Life::alive);
}

/// Share of people that makes `number` of those at the start; they are the ones with the lowest draws.
double share_of_number(const Prepared& p, std::size_t number) {
    const std::size_t n = people_at_start(p);
    if (number >= n) return 1.0;
    std::vector<double> draws(n);
    const DrawSite site = sample_site(p);
    for (std::size_t uid = 0; uid < n; ++uid) draws[uid] = uniform(site, uid, 0);
    const auto last = draws.begin() + static_cast<std::ptrdiff_t>(number) - 1;
    std::nth_element(draws.begin(), last, draws.end());
    return std::nextafter(*last, 2.0);
}

}  // namespace

PeopleRecorder::PeopleRecorder(const Prepared& p) : prepared_{p}, model_{*p.model}, every_{p.scenario.record.every} {
    share_ = p.scenario.record.number ? share_of_number(p, *p.scenario.record.number) : p.scenario.record.share;
    const Model& m = model_;
    const auto birth = [&m](const Population& people, std::size_t i) { return people.column<double>(m.birth)[i]; };
    number("birth", "year", birth);
    if (every_ > 0)
        number("age", "year", [this, &m](const Population& people, std::size_t i) {
            return is_alive(m, people, i) ? date_ - people.column<double>(m.birth)[i]
                                          : std::numeric_limits<double>::quiet_NaN();
        });
    category("life", {"alive", "dead", "gone"},
             [&m](const Population& people, std::size_t i) { return people.column<std::uint8_t>(m.life)[i]; });
    add_attributes();
    for (std::size_t k = 0; k < m.measures.size(); ++k) {
        const Measure& measure = m.measures[k];
        if (measure.per_person != MeasureSpec::PerPerson::run) continue;
        if (every_ == 0) {
            number("total_" + measure.name, measure.unit, [&measure](const Population& people, std::size_t i) {
                return static_cast<double>(people.column<std::int64_t>(measure.total)[i]) * measure.quantum;
            });
        } else if (wanted(measure.name)) {
            const std::size_t index = measures_.size();
            measures_.push_back(static_cast<int>(k));
            number(measure.name, measure.unit, [this, &measure, index](const Population& people, std::size_t i) {
                const auto& before = before_[index];
                return static_cast<double>(people.column<std::int64_t>(measure.total)[i] -
                                           (i < before.size() ? before[i] : 0)) *
                       measure.quantum;
            });
        }
    }
    before_.resize(measures_.size());
    for (const auto& c : columns_)
        if (c.labels.empty())
            panel_.numbers.push_back({c.name, c.unit, {}});
        else
            panel_.categories.push_back({c.name, c.labels, {}});
}

void PeopleRecorder::add_attributes() {
    const Model& m = model_;
    for (const auto& a : m.attributes) {
        if (a.column == m.age) continue;
        const ColumnId id = a.column;
        if (!a.is_category)
            number(a.name, "1", [id](const Population& people, std::size_t i) { return people.column<double>(id)[i]; });
        else if (m.layout.items[id].type == ColumnType::u16)
            category(a.name, a.categories->labels,
                     [id](const Population& people, std::size_t i) { return people.column<std::uint16_t>(id)[i]; });
        else
            category(a.name, a.categories->labels,
                     [id](const Population& people, std::size_t i) { return people.column<std::uint8_t>(id)[i]; });
    }
    for (const auto& process : m.processes) {
        const ColumnId id = process.state;
        category(process.name, process.states->labels,
                 [id](const Population& people, std::size_t i) { return people.column<std::uint8_t>(id)[i]; });
    }
}

bool PeopleRecorder::wanted(const std::string& name) const {
    const auto& columns = prepared_.scenario.record.columns;
    // Without `life` the last rows of people could not be told from the others.
    if (columns.empty() || (every_ > 0 && name == "life")) return true;
    return std::any_of(columns.begin(), columns.end(), [&](const auto& c) { return c.value == name; });
}

void PeopleRecorder::number(std::string name, std::string unit,
                            std::function<double(const Population&, std::size_t)> value) {
    if (wanted(name)) columns_.push_back({std::move(name), std::move(unit), {}, std::move(value)});
}

void PeopleRecorder::category(std::string name, std::vector<std::string> labels,
                              std::function<double(const Population&, std::size_t)> value) {
    if (wanted(name)) columns_.push_back({std::move(name), {}, std::move(labels), std::move(value)});
}

bool PeopleRecorder::chosen(std::uint64_t uid) const {
    return share_ >= 1.0 || uniform(sample_site(prepared_), uid, 0) < share_;
}

void PeopleRecorder::begin(const Simulation& simulation, const Checkpoint* state) {
    if (every_ == 0 || (state != nullptr && restore(*state))) return;
    const Population& people = simulation.people();
    closed_.assign(people.size(), 0);
    for (std::size_t i = 0; i < people.size(); ++i) closed_[i] = is_alive(model_, people, i) ? 0 : 1;
    take_totals(people);
    after_step(simulation);
}

void PeopleRecorder::after_step(const Simulation& simulation) {
    const int ticks = every_ * model_.ticks_per_year;
    if (every_ == 0 || (simulation.tick() % ticks != 0 && !simulation.finished())) return;
    record(simulation.people(), model_.start_year + static_cast<double>(simulation.tick()) / model_.ticks_per_year,
           false);
    take_totals(simulation.people());
}

void PeopleRecorder::take_totals(const Population& people) {
    for (std::size_t k = 0; k < measures_.size(); ++k) {
        const auto totals = people.column<std::int64_t>(model_.measures[static_cast<std::size_t>(measures_[k])].total);
        before_[k].assign(totals.begin(), totals.end());
    }
}

void PeopleRecorder::record(const Population& people, double date, bool everybody) {
    const auto uid = people.column<std::uint64_t>(model_.uid);
    closed_.resize(people.size(), 0);
    Rows rows;
    for (std::size_t i = 0; i < people.size(); ++i) {
        if ((!everybody && closed_[i] != 0) || !chosen(uid[i])) continue;
        rows.push_back(static_cast<std::uint32_t>(i));
        if (!is_alive(model_, people, i)) closed_[i] = 1;
    }
    // As the file holds them: whole numbers with a sign.
    std::sort(rows.begin(), rows.end(),
              [&](auto a, auto b) { return static_cast<std::int64_t>(uid[a]) < static_cast<std::int64_t>(uid[b]); });
    append(people, std::move(rows), date);
}

void PeopleRecorder::append(const Population& people, Rows rows, double date) {
    const auto uid = people.column<std::uint64_t>(model_.uid);
    date_ = date;
    for (const auto i : rows) panel_.uid.push_back(static_cast<std::int64_t>(uid[i]));
    if (every_ > 0) panel_.year.insert(panel_.year.end(), rows.size(), date);
    std::size_t n = 0, c = 0;
    for (const auto& column : columns_) {
        if (column.labels.empty()) {
            auto& values = panel_.numbers[n++].values;
            for (const auto i : rows) values.push_back(column.value(people, i));
        } else {
            auto& codes = panel_.categories[c++].codes;
            for (const auto i : rows) codes.push_back(static_cast<std::uint16_t>(column.value(people, i)));
        }
    }
}

void PeopleRecorder::save(Checkpoint& state) const {
    if (every_ == 0 && closed_.empty()) return;  // nothing before the end
    state.arrays["panel/uid"] = panel_.uid;
    state.arrays["panel/year"] = panel_.year;
    state.arrays["panel/closed"] = closed_;
    for (const auto& c : panel_.numbers) state.arrays["panel/numbers/" + c.name] = c.values;
    for (const auto& c : panel_.categories) state.arrays["panel/categories/" + c.name] = c.codes;
    for (std::size_t k = 0; k < measures_.size(); ++k)
        state.arrays["panel/before/" + model_.measures[static_cast<std::size_t>(measures_[k])].name] = before_[k];
}

bool PeopleRecorder::restore(const Checkpoint& state) {
    const auto has = [&](const std::string& name) { return state.arrays.contains(name); };
    bool all = has("panel/uid") && has("panel/year") && has("panel/closed");
    for (const auto& c : panel_.numbers) all = all && has("panel/numbers/" + c.name);
    for (const auto& c : panel_.categories) all = all && has("panel/categories/" + c.name);
    for (const int k : measures_) all = all && has("panel/before/" + model_.measures[static_cast<std::size_t>(k)].name);
    if (!all) return false;
    panel_.uid = state.array<std::int64_t>("panel/uid");
    panel_.year = state.array<double>("panel/year");
    closed_ = state.array<std::uint8_t>("panel/closed");
    for (auto& c : panel_.numbers) c.values = state.array<double>("panel/numbers/" + c.name);
    for (auto& c : panel_.categories) c.codes = state.array<std::uint16_t>("panel/categories/" + c.name);
    for (std::size_t k = 0; k < measures_.size(); ++k)
        before_[k] =
            state.array<std::int64_t>("panel/before/" + model_.measures[static_cast<std::size_t>(measures_[k])].name);
    return true;
}

void PeopleRecorder::finish(const Simulation& simulation) {
    PT_EXPECT(simulation.finished());
    if (every_ == 0) record(simulation.people(), 0.0, true);
}

void PeopleRecorder::move_into(output::ResultSet& results) {
    (every_ > 0 ? results.panel : results.persons) = std::move(panel_);
}

std::vector<std::string> record_columns(const Prepared& p) {
    const bool yearly = p.scenario.record.every > 0;
    std::vector<std::string> names = {"birth"};
    if (yearly) names.emplace_back("age");
    names.emplace_back("life");
    for (const auto& a : p.model->attributes)
        if (a.column != p.model->age) names.push_back(a.name);
    for (const auto& process : p.model->processes) names.push_back(process.name);
    for (const auto& measure : p.model->measures)
        if (measure.per_person == MeasureSpec::PerPerson::run) names.push_back((yearly ? "" : "total_") + measure.name);
    return names;
}

void check_record(const Prepared& p, DiagnosticSink& sink) {
    const auto& record = p.scenario.record;
    if (!record.persons) return;
    const auto known = record_columns(p);
    for (const auto& c : record.columns) {
        if (std::find(known.begin(), known.end(), c.value) != known.end()) continue;
        const auto measure = std::find_if(p.model->measures.begin(), p.model->measures.end(),
                                          [&](const auto& m) { return m.name == c.value; });
        sink.error("E0439", fmt::format("people have no column '{}'", c.value), c.span,
                   measure != p.model->measures.end() ? std::string("give the measure `per_person: run`")
                                                      : suggestion(c.value, known));
    }
    const double share = record.number
                             ? std::min(1.0, static_cast<double>(*record.number) /
                                                 std::max<double>(1.0, static_cast<double>(people_at_start(p))))
                             : record.share;
    const double dates = record.every > 0 ? static_cast<double>(p.model->years / record.every) + 1.0 : 1.0;
    const double bytes = 8.0 * static_cast<double>(2 + (record.columns.empty() ? known.size() : record.columns.size()));
    const double gigabytes = share * static_cast<double>(people_at_start(p)) * dates * bytes / 1e9;
    if (gigabytes > 4.0)
        sink.warning("W0402", fmt::format("writing people takes about {:.0f} GB of memory", gigabytes), record.where,
                     "take a share (`persons: 0.1`), fewer `columns`, or more years between (`every: 5 years`)");
}

}  // namespace proeftuin::app
