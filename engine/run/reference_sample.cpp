#include "engine/run/reference_sample.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>

#include <algorithm>

#include "engine/run/chunk.hpp"

namespace proeftuin {
namespace {

constexpr int smoothing_reach = 4;  // years of age on either side, triangular weights

}  // namespace

ReferenceSample::ReferenceSample(const Model& model, int per_cell)
    : per_cell_{per_cell}, people_{model.layout, static_cast<std::size_t>(per_cell)} {
    if (model.sex_attribute != no_index)
        sexes_ =
            static_cast<int>(model.attributes[static_cast<std::size_t>(model.sex_attribute)].categories->labels.size());
    const std::size_t n = static_cast<std::size_t>(sexes_) * reference_ages * static_cast<std::size_t>(per_cell);
    people_.append(n);
    people_.weights().assign(n, 1.0);
    auto uid = people_.column<std::uint64_t>(model.uid);
    auto age = people_.column<double>(model.age);
    auto birth = people_.column<double>(model.birth);
    for (std::size_t i = 0; i < n; ++i) {
        uid[i] = i;
        const std::size_t cell = i / static_cast<std::size_t>(per_cell);
        age[i] = static_cast<double>(cell % reference_ages) + 0.5;
        birth[i] = model.start_year - age[i];
    }
    if (model.sex_attribute != no_index) {
        auto sex = people_.column<std::uint8_t>(model.attributes[static_cast<std::size_t>(model.sex_attribute)].column);
        for (std::size_t i = 0; i < n; ++i)
            sex[i] = static_cast<std::uint8_t>(i / static_cast<std::size_t>(per_cell) / reference_ages);
    }
}

RunKey ReferenceSample::key() const { return {0x6e6174696f6eu, 0}; }

std::shared_ptr<Table> ReferenceSample::make_table(const Model& model, const std::string& name) const {
    auto table = std::make_shared<Table>();
    table->name = name;
    if (model.sex_attribute != no_index) {
        TableAxis sex;
        sex.name = "sex";
        sex.categories = model.attributes[static_cast<std::size_t>(model.sex_attribute)].categories;
        table->axes.push_back(sex);
    }
    TableAxis age;
    age.name = "age";
    age.unit = *parse_unit("year");
    age.between = Interpolation::linear;
    for (int a = 0; a < reference_ages; ++a) age.points.push_back(a + 0.5);
    table->axes.push_back(age);
    table->values.assign(static_cast<std::size_t>(sexes_) * reference_ages, 1.0);
    return table;
}

std::vector<double> ReferenceSample::mean(const std::vector<double>& value, const std::vector<double>& weight) const {
    const auto cells = static_cast<std::size_t>(sexes_) * reference_ages;
    std::vector<double> sum(cells, 0.0);
    std::vector<double> count(cells, 0.0);
    for (std::size_t i = 0; i < value.size(); ++i) {
        const std::size_t cell = i / static_cast<std::size_t>(per_cell_);
        if (!(weight[i] > 0.0)) continue;
        const double w = weight[i] * people_.weights()[i];
        sum[cell] += value[i] * w;
        count[cell] += w;
    }
    std::vector<double> mean(cells, 1.0);
    for (int s = 0; s < sexes_; ++s)
        for (int a = 0; a < reference_ages; ++a) {
            double total = 0.0;
            double n = 0.0;
            // Alike on both sides, so that a trend over age leaves no bias: the mean at birth is that of newborns
            // alone.
            const int fair = std::min({smoothing_reach, a, reference_ages - 1 - a});
            for (int reach = fair; n <= 0.0 && reach < 2 * reference_ages; reach = std::max(smoothing_reach, 2 * reach))
                for (int d = -reach; d <= reach; ++d) {
                    const int b = a + d;
                    if (b < 0 || b >= reference_ages) continue;
                    const double w = reach + 1.0 - (d < 0 ? -d : d);
                    const auto cell = static_cast<std::size_t>(s * reference_ages + b);
                    total += w * sum[cell];
                    n += w * count[cell];
                }
            if (n > 0.0) mean[static_cast<std::size_t>(s * reference_ages + a)] = total / n;
        }
    return mean;
}

std::vector<double> ReferenceSample::evaluate(const Model& model, const Expression& expression) {
    const Expression roots[] = {expression};
    const Program program = Program::compile(roots, model.widths);
    std::vector<double> values(people_.size());
    constexpr std::size_t block = 1024;
    const Scalars scalars(model.start_year + 0.5, 0.5, model.signal_starts);
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, (values.size() + block - 1) / block), [&](const auto& range) {
        EvaluationScratch scratch;
        ChunkColumns columns;
        for (std::size_t b = range.begin(); b < range.end(); ++b) {
            columns.point_at(people_, b * block);
            double* out[] = {values.data() + b * block};
            program.run(columns.input(scalars, nullptr, std::min(block, values.size() - b * block)), scratch, out);
        }
    });
    return values;
}

}  // namespace proeftuin
