// A stratified sample of the nation: every sex and year of age alike, everything else by its start rule.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/data/population.hpp"
#include "engine/expr/type.hpp"
#include "engine/run/model.hpp"

namespace proeftuin {

/// Oldest year of age with a cell of its own; the last cell holds everybody older.
inline constexpr int reference_ages = 106;

/// The people of the sample, in strata of equal size: sexes, and in them years of age, follow each other.
/// Start rules draw them evenly and take rare states more often than they are (start.hpp); the weight makes up for it.
class ReferencePeople : public Population {
public:
    ReferencePeople(ColumnLayout layout, std::size_t stratum) : Population(std::move(layout)), stratum_{stratum} {}
    std::size_t stratum() const { return stratum_; }
    /// How many people of the nation somebody stands for, relative to the others of the stratum. One for each person.
    std::vector<double>& weights() { return weights_; }
    const std::vector<double>& weights() const { return weights_; }

private:
    std::size_t stratum_;
    std::vector<double> weights_;
};

/// People over whom relative risks are normalised. The same in every scenario and for every seed.
class ReferenceSample {
public:
    /// `per_cell` people for every sex (when the model has an attribute `sex`) and year of age.
    ReferenceSample(const Model& model, int per_cell);

    ReferencePeople& people() { return people_; }
    std::size_t size() const { return people_.size(); }
    RunKey key() const;
    /// Table over (sex, age) of a value, filled later; linear in age between the middles of years.
    std::shared_ptr<Table> make_table(const Model& model, const std::string& name) const;
    /// Mean of `value` by sex and age over people with `weight` > 0, each counted for those it stands for, smoothed
    /// over neighbouring ages; cells without anybody take the nearest age that has.
    std::vector<double> mean(const std::vector<double>& value, const std::vector<double>& weight) const;
    /// Values of an expression for everybody.
    std::vector<double> evaluate(const Model& model, const Expression& expression);

private:
    int sexes_ = 1;
    int per_cell_;
    ReferencePeople people_;
};

}  // namespace proeftuin
