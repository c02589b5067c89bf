// Numbers that constants and tables take out of their domain.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/expr/tree.hpp"
#include "engine/run/domain.hpp"
#include "engine/run/model_compiler.hpp"
#include "engine/run/table_cells.hpp"

namespace proeftuin {

/// Tells of a number that its constants and tables take out of its domain, at the value that does it where one does
/// alone. What depends on people is seen when they are there.
void ModelCompiler::check_domain(const ExprText& text, const Expression& bound, const Domain& domain,
                                 const std::string& what) {
    const ValueRange range = range_of(bound);
    const double outside = range.outside(domain);
    if (std::isnan(outside)) return;
    struct Given {
        SourceSpan where;
        std::string message;
    };
    std::vector<Given> given;
    const auto names = names_in(text);
    for (const auto& c : spec_.constants)
        if (names.contains(c.name) && c.where.line > 0)
            given.push_back({c.where, fmt::format("'{}' is {:g}", c.name, c.value)});
    for (const auto& t : spec_.tables) {
        if (!names.contains(t->name) || t->places.empty()) continue;
        const auto worst = outside > domain.high ? std::max_element(t->values.begin(), t->values.end())
                                                 : std::min_element(t->values.begin(), t->values.end());
        const auto cell = static_cast<std::size_t>(worst - t->values.begin());
        given.push_back({t->places[cell], fmt::format("'{}' is {:g} for {}", t->name, *worst, cell_text(*t, cell))});
    }
    Diagnostic d{Severity::error, "E0445", {}, text.span, {}, {}, {}};
    d.message = fmt::format("{} {} {:g} ({})", what,
                            range.attained          ? (range.low == range.high ? "is" : "can be")
                            : outside > domain.high ? "is at least"
                                                    : "is at most",
                            outside, domain.words);
    const bool alone = names.size() == 1 && text.text.find_first_not_of(" \n") == text.text.find(*names.begin()) &&
                       text.text.find_last_not_of(" \n") + 1 == text.text.find(*names.begin()) + names.begin()->size();
    if (given.size() == 1 && (alone || bound.root().operation == Operation::look_up)) {
        // One parameter and nothing else: the value itself is the mistake.
        d.where = given.front().where;
        if (text.span.line > 0) d.notes.push_back({text.span, "used here"});
    } else {
        for (auto& g : given) d.notes.push_back({g.where, g.message});
    }
    sink_.report(std::move(d));
}

}  // namespace proeftuin
