// How people start: shares and draws by attribute and process, and the order in which they are made.
#include <fmt/format.h>

#include <map>

#include "engine/run/model_compiler.hpp"
#include "engine/run/model_graph.hpp"
#include "engine/run/start.hpp"

namespace proeftuin {

void ModelCompiler::bind_starts() {
    Model& m = *model_;
    const auto bind_shares = [&](const std::vector<StartShareSpec>& specs, const std::string& name,
                                 const Categories& categories) {
        std::vector<Share> shares;
        for (const auto& s : specs) {
            const std::string of =
                fmt::format("'{}' of '{}'", categories.labels[static_cast<std::size_t>(s.code)], name);
            Share share{bind_within(s.probability, Unit{}, probability_domain, "the start probability of " + of),
                        {},
                        s.normalised};
            for (const auto& r : s.risks)
                share.risks.push_back(
                    bind_within(r, Unit{}, factor_domain, "a risk on the start probability of " + of));
            shares.push_back(std::move(share));
        }
        return shares;
    };
    std::size_t k = 0;
    for (const AttributeSpec& a : spec_.attributes) {
        if (a.value) continue;
        AttributeColumn& column = m.attributes[k++];
        StartRule& rule = column.start;
        std::vector<Expression> draw;
        std::vector<Share> shares;
        if (a.draw) {
            rule.kind = StartRule::Kind::number;
            rule.draw = a.draw->kind;
            using Kind = NumberDrawSpec::Kind;
            draw.push_back(bind_number(a.draw->first, a.unit));
            if (a.draw->kind == Kind::uniform || a.draw->kind == Kind::normal)
                draw.push_back(bind_number(a.draw->second, a.unit));
            else if (a.draw->kind != Kind::expression)
                draw.push_back(bind_number(a.draw->second, Unit{}));
        } else if (!a.shares.empty()) {
            rule.kind = StartRule::Kind::shares;
            shares = bind_shares(a.shares, a.name, *a.categories);
            for (const auto& s : a.shares) {
                rule.codes.push_back(s.code);
                rule.capped = rule.capped || !s.risks.empty();
            }
        } else {
            rule.kind = StartRule::Kind::given;
            if (const CategoryColumn* c = start_ ? start_->category(a.name) : nullptr) {
                // Entrants are spread as the start population was.
                std::vector<double> count(c->labels.size(), 0.0);
                for (const auto code : c->codes) count[code] += 1.0;
                rule.kind = StartRule::Kind::shares;
                for (std::size_t j = 0; j < count.size(); ++j) {
                    const int code = a.categories->code(c->labels[j]);
                    if (code <= 0 || count[j] <= 0.0) continue;
                    rule.codes.push_back(code);
                    shares.push_back(
                        {Expression::constant(count[j] / static_cast<double>(c->codes.size())), {}, false});
                }
                rule.capped = true;
            }
        }
        attribute_draw_.push_back(std::move(draw));
        attribute_shares_.push_back(std::move(shares));
        std::vector<Expression> motion;
        if (column.moving) {
            const Unit per_year = a.unit / unit_of("year");
            motion.push_back(a.toward ? bind_number(*a.toward, a.unit) : Expression::constant(0.0));
            motion.push_back(a.speed ? bind_number(*a.speed, unit_of("per year")) : Expression::constant(0.0));
            motion.push_back(a.drift ? bind_number(*a.drift, per_year) : Expression::constant(0.0));
            motion.push_back(a.noise ? bind_number(*a.noise, a.unit) : Expression::constant(0.0));
        }
        motion_.push_back(std::move(motion));
    }
    for (std::size_t p = 0; p < spec_.processes.size(); ++p) {
        const ProcessSpec& ps = spec_.processes[p];
        StartRule& rule = m.processes[p].start;
        if (ps.shares.empty()) {
            rule.kind = StartRule::Kind::fixed;
            rule.fixed = ps.start_state;
        } else {
            rule.kind = StartRule::Kind::shares;
            rule.rest_code = 0;
            for (const auto& s : ps.shares) {
                rule.codes.push_back(s.code);
                rule.capped = rule.capped || !s.risks.empty();
            }
        }
        process_shares_.push_back(bind_shares(ps.shares, ps.name, *ps.states));
    }
}

void ModelCompiler::order_starts() {
    // Nodes: stored attributes, then processes. An edge for every start rule that reads another node.
    Model& m = *model_;
    const int n_attributes = static_cast<int>(m.attributes.size());
    const int n = n_attributes + static_cast<int>(m.processes.size());
    std::map<ColumnId, int> node_of_column;
    for (int k = 0; k < n_attributes; ++k) {
        node_of_column[m.attributes[static_cast<std::size_t>(k)].column] = k;
        node_of_column[m.attributes[static_cast<std::size_t>(k)].middle] = k;
    }
    for (std::size_t p = 0; p < m.processes.size(); ++p) {
        node_of_column[m.processes[p].state] = n_attributes + static_cast<int>(p);
        for (const int t : m.processes[p].timers)
            node_of_column[m.timers[static_cast<std::size_t>(t)].value] = n_attributes + static_cast<int>(p);
    }
    std::vector<std::pair<int, int>> edges;
    const auto needs = [&](int node, const Expression& e) {
        for (const auto c : e.columns())
            if (const auto it = node_of_column.find(c); it != node_of_column.end())
                edges.emplace_back(it->second, node);
    };
    const auto needs_shares = [&](int node, const std::vector<Share>& shares) {
        for (const auto& s : shares) {
            needs(node, s.probability);
            for (const auto& r : s.risks) needs(node, r);
        }
    };
    for (int k = 0; k < n_attributes; ++k) {
        for (const auto& e : attribute_draw_[static_cast<std::size_t>(k)]) needs(k, e);
        needs_shares(k, attribute_shares_[static_cast<std::size_t>(k)]);
    }
    for (std::size_t p = 0; p < m.processes.size(); ++p)
        needs_shares(n_attributes + static_cast<int>(p), process_shares_[p]);
    const auto name_of = [&](int node) -> const std::string& {
        return node < n_attributes ? m.attributes[static_cast<std::size_t>(node)].name
                                   : m.processes[static_cast<std::size_t>(node - n_attributes)].name;
    };
    if (const auto cycle = find_cycle(n, edges); !cycle.empty()) {
        std::string path;
        for (auto it = cycle.rbegin(); it != cycle.rend(); ++it) path += (path.empty() ? "" : " -> ") + name_of(*it);
        const int first = cycle.front();
        error("E0405", fmt::format("the start of '{}' needs itself ({})", name_of(first), path),
              first < n_attributes ? m.attributes[static_cast<std::size_t>(first)].where
                                   : m.processes[static_cast<std::size_t>(first - n_attributes)].where,
              "break the circle: one of these must not use the others");
        return;
    }
    for (const int node : ordered(n, edges))
        m.start_order.push_back(node < n_attributes ? node : -1 - (node - n_attributes));
}

}  // namespace proeftuin
