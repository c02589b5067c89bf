// A stratified sample of the nation: every sex and year of age alike, everything else by its start rule.
#pragma once

#include <memory>
#include <vector>

#include "engine/data/population.hpp"
#include "engine/expr/type.hpp"
#include "engine/run/model.hpp"

namespace proeftuin {

/// Oldest year of age with a cell of its own; the last cell holds everybody older.
inline constexpr int reference_ages = 106;

/// People over whom relative risks are normalised. The same in every scenario and for every seed.
class ReferenceSample {
public:
    /// `per_cell` people for every sex (when the model has an attribute `sex`) and year of age.
    ReferenceSample(const Model& model, int per_cell);

    Population& people() { return people_; }
    RunKey key() const;
    /// Table over (sex, age) of a value, filled later; linear in age between the middles of years.
    std::shared_ptr<Table> make_table(const Model& model, const std::string& name) const;
    /// Mean of `value` by sex and age over people with weight > 0, smoothed over neighbouring ages;
    /// cells without anybody take the nearest age that has.
    std::vector<double> mean(const std::vector<double>& value, const std::vector<double>& weight) const;
    /// Values of an expression for everybody.
    std::vector<double> evaluate(const Model& model, const Expression& expression);

private:
    int sexes_ = 1;
    int per_cell_;
    Population people_;
};

}  // namespace proeftuin
