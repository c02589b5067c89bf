// What a specification declares: names, columns, states and what is derived from them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/run/chunk.hpp"
#include "engine/run/model_compiler.hpp"
#include "engine/run/model_graph.hpp"

namespace proeftuin {

void ModelCompiler::declare() {
    Model& m = *model_;
    m.name = spec_.name;
    m.start_year = spec_.start_year;
    m.years = spec_.years;
    m.uid = add_column("uid", ColumnType::u64);
    m.life = add_column("life", ColumnType::u8);
    m.birth = add_column("birth", ColumnType::f64);
    m.age = add_column("age", ColumnType::f64);
    symbols_.set("age", NumberSymbol{m.age, unit_of("year")});
    symbols_.set("year", ScalarSymbol{scalar::year, Unit{}});
    symbols_.set("time", ScalarSymbol{scalar::time, unit_of("year")});
    symbols_.set("people_at_start",
                 ConstantSymbol{static_cast<double>(start_ != nullptr ? start_->people : spec_.people), Unit{}});
    symbols_.set(
        "region_at_start",
        ConstantSymbol{spec_.stands_for * static_cast<double>(start_ != nullptr ? start_->people : spec_.people),
                       Unit{}});
    declare_attributes();
    declare_processes();
    for (const auto& table : spec_.tables) symbols_.set(table->name, TableSymbol{table});
    for (const auto& c : spec_.constants) symbols_.set(c.name, ConstantSymbol{c.value, c.unit});
    declare_signals();
    for (const MeasureSpec& s : spec_.measures)
        if (!s.so_far.empty())
            symbols_.set(s.so_far, NumberSymbol{add_column("so_far." + s.name, ColumnType::f64), s.so_far_unit});

    symbols_.time_in_column = [this](std::string_view process, const std::vector<int>& states) -> std::uint32_t {
        Model& model = *model_;
        for (std::size_t p = 0; p < model.processes.size(); ++p) {
            if (model.processes[p].name != process) continue;
            std::vector<std::uint8_t> in_set;
            if (!states.empty()) {
                in_set.assign(model.processes[p].states->labels.size(), 0);
                for (const int s : states) in_set[static_cast<std::size_t>(s)] = 1;
            }
            for (const int t : model.processes[p].timers)
                if (model.timers[static_cast<std::size_t>(t)].in_set == in_set)
                    return model.timers[static_cast<std::size_t>(t)].value;
            Timer timer;
            timer.process = static_cast<int>(p);
            timer.in_set = in_set;
            const std::string tag = fmt::format("{}.{}", process, model.processes[p].timers.size());
            timer.entered = add_column("entered." + tag, ColumnType::f64);
            timer.value = add_column("time_in." + tag, ColumnType::f64);
            model.processes[p].timers.push_back(static_cast<int>(model.timers.size()));
            model.timers.push_back(timer);
            return timer.value;
        }
        return no_column;
    };
}

void ModelCompiler::declare_attributes() {
    Model& m = *model_;
    for (const AttributeSpec& a : spec_.attributes) {
        if (a.value) continue;
        AttributeColumn column;
        column.name = a.name;
        column.where = a.where;
        column.is_category = a.categories != nullptr;
        column.categories = a.categories;
        column.inherit = a.inherit;
        column.each_year = a.each_year;
        column.moving = a.dynamic();
        column.has_noise = a.noise.has_value();
        column.relaxes = a.toward.has_value();
        column.min = a.min;
        column.max = a.max;
        if (a.name == "age") {
            column.column = column.middle = m.age;
        } else if (column.is_category) {
            const bool wide = a.categories->labels.size() > 256;
            column.column = column.middle = add_column(a.name, wide ? ColumnType::u16 : ColumnType::u8);
            symbols_.set(a.name, CategorySymbol{column.column, a.categories});
        } else {
            column.column = add_column(a.name, ColumnType::f64);
            column.middle = column.moving ? add_column(a.name + ".middle", ColumnType::f64) : column.column;
            symbols_.set(a.name, NumberSymbol{column.middle, a.unit});
        }
        if (a.name == "sex" && column.is_category) m.sex_attribute = static_cast<int>(m.attributes.size());
        column.start.site = "start." + a.name;
        m.attributes.push_back(std::move(column));
    }
    for (const AttributeSpec& a : spec_.attributes)
        if (a.value) symbols_.set(a.name, DerivedSymbol{*a.value, a.categories, a.unit});
}

void ModelCompiler::declare_processes() {
    Model& m = *model_;
    int ticks = spec_.steps_per_year;
    for (const ProcessSpec& p : spec_.processes) {
        Process process;
        process.name = p.name;
        process.where = p.where;
        process.states = p.states;
        process.state = add_column(p.name, ColumnType::u8);
        process.is_rate = p.cycle <= 0.0;
        process.cycle = p.cycle;
        process.is_death.assign(p.states->labels.size(), 0);
        for (const int s : p.death) process.is_death[static_cast<std::size_t>(s)] = 1;
        process.start.site = "start." + p.name;
        if (!process.is_rate) {
            m.has_cycles = true;
            const double per_year = 1.0 / p.cycle;
            const int whole = static_cast<int>(std::lround(per_year));
            if (per_year >= 1.0 && std::fabs(per_year - whole) < 1e-9) {
                // The kernel steps at every border of a step or a cycle.
                int a = ticks, b = whole;
                while (b != 0) {
                    const int r = a % b;
                    a = b;
                    b = r;
                }
                ticks = ticks / a * whole;
            } else if (std::fabs(p.cycle - std::round(p.cycle)) > 1e-9) {
                error("E0407",
                      fmt::format("cycle of process '{}' does not fit a year (it must be 1/n year or n years)", p.name),
                      p.where);
            }
        }
        symbols_.set(p.name, CategorySymbol{process.state, p.states});
        m.processes.push_back(std::move(process));
        check_process(p);
    }
    m.ticks_per_year = ticks;
    for (Process& p : m.processes)
        if (!p.is_rate) p.ticks_per_cycle = static_cast<int>(std::lround(p.cycle * ticks));
}

void ModelCompiler::check_process(const ProcessSpec& p) {
    const int n = static_cast<int>(p.states->labels.size());
    std::vector<std::pair<int, int>> edges;
    std::vector<bool> start(static_cast<std::size_t>(n), false);
    start[static_cast<std::size_t>(p.start_state)] = true;
    for (const auto& s : p.shares) start[static_cast<std::size_t>(s.code)] = true;
    if (given(p.name, true)) std::fill(start.begin(), start.end(), true);
    bool rate = false, probability = false;
    for (const auto& t : p.transitions) {
        (t.is_rate ? rate : probability) = true;
        if (t.to >= 0)
            for (const int f : t.from) edges.emplace_back(f, t.to);
    }
    if (rate && probability)
        error("E0401", fmt::format("process '{}' mixes rates and probabilities (a process is of one kind)", p.name),
              p.where, "split it into two processes, or give every transition a rate");
    const auto reach = reachable(n, edges);
    for (int s = 0; s < n; ++s) {
        const auto us = static_cast<std::size_t>(s);
        bool reached = start[us];
        for (int f = 0; f < n && !reached; ++f)
            reached = start[static_cast<std::size_t>(f)] && reach[static_cast<std::size_t>(f)][us];
        if (!reached)
            error(
                "E0402",
                fmt::format("nobody can ever be in state '{}' of process '{}' (no start and no transition leads there)",
                            p.states->labels[us], p.name),
                p.where, "give it a share under 'start', add a transition to it, or remove it");
        const bool leaves =
            std::any_of(edges.begin(), edges.end(), [&](const auto& e) { return e.first == s && e.second != s; });
        const bool declared = std::find(p.absorbing.begin(), p.absorbing.end(), s) != p.absorbing.end() ||
                              std::find(p.death.begin(), p.death.end(), s) != p.death.end();
        if (!leaves && !declared && !p.transitions.empty())
            error("E0403",
                  fmt::format("state '{}' of process '{}' is a trap (people enter it and nothing leads out)",
                              p.states->labels[us], p.name),
                  p.where,
                  fmt::format("add a transition out of it, or declare it: absorbing: [{}]", p.states->labels[us]));
        if (leaves && declared)
            error("E0404",
                  fmt::format("state '{}' of process '{}' is declared absorbing but a transition leaves it",
                              p.states->labels[us], p.name),
                  p.where);
    }
}

void ModelCompiler::bind_derived() {
    // Cyclic definitions among derived attributes and flows, said with the path.
    std::vector<std::string> names;
    std::vector<SourceSpan> places;
    std::map<std::string, int> index;
    const auto add = [&](const std::string& name, SourceSpan where) {
        index.emplace(name, static_cast<int>(names.size()));
        names.push_back(name);
        places.push_back(where);
    };
    for (const auto& a : spec_.attributes)
        if (a.value) add(a.name, a.where);
    for (const auto& f : spec_.flows) add(f.name, f.where);
    std::vector<std::pair<int, int>> edges;
    const auto depends = [&](const std::string& name, const ExprText& text) {
        for (const auto& other : names_in(text))
            if (const auto it = index.find(other); it != index.end()) edges.emplace_back(it->second, index.at(name));
    };
    for (const auto& a : spec_.attributes)
        if (a.value) depends(a.name, *a.value);
    for (const auto& f : spec_.flows) {
        if (f.base) depends(f.name, *f.base);
        for (const auto* list : {&f.add, &f.subtract, &f.multiply, &f.factor, &f.index})
            for (const auto& e : *list) depends(f.name, e);
        for (const auto& other : f.sum_of)
            if (index.contains(other)) edges.emplace_back(index.at(other), index.at(f.name));
    }
    if (const auto cycle = find_cycle(static_cast<int>(names.size()), edges); !cycle.empty()) {
        std::string path;
        for (auto it = cycle.rbegin(); it != cycle.rend(); ++it)
            path += (path.empty() ? "" : " -> ") + names[static_cast<std::size_t>(*it)];
        error("E0405",
              fmt::format("'{}' is defined in terms of itself ({})", names[static_cast<std::size_t>(cycle.front())],
                          path),
              places[static_cast<std::size_t>(cycle.front())],
              "break the circle: one of these must not use the others");
        return;
    }
    for (const auto& a : spec_.attributes) {
        if (!a.value) continue;
        Expected expected;
        if (a.categories) {
            expected.kind = ValueKind::category;
            expected.categories = a.categories;
        } else {
            expected.unit = a.unit;
        }
        (void)bind(*a.value, symbols_, expected, sink_);
    }
}

}  // namespace proeftuin
