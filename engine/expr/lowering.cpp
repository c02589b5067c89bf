#include "engine/expr/lowering.hpp"

#include <bit>
#include <cstring>

#include "engine/core/contracts.hpp"
#include "engine/core/hash.hpp"

namespace proeftuin {

namespace {

template <class T>
void append(std::string& key, const T& value) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    key.append(bytes, sizeof(T));
}

/// The kernel's operation for one of the tree that needs no rewriting.
Code plain_code(Operation operation) {
    switch (operation) {
        case Operation::add:
            return Code::add;
        case Operation::subtract:
            return Code::subtract;
        case Operation::multiply:
            return Code::multiply;
        case Operation::divide:
            return Code::divide;
        case Operation::power:
            return Code::power;
        case Operation::minimum:
            return Code::minimum;
        case Operation::either:
        case Operation::maximum:
            return Code::maximum;
        case Operation::both:
            return Code::multiply;
        case Operation::less:
            return Code::less;
        case Operation::less_equal:
            return Code::less_equal;
        case Operation::equal:
            return Code::equal;
        case Operation::not_equal:
            return Code::not_equal;
        case Operation::negate:
            return Code::negate;
        case Operation::opposite:
            return Code::opposite;
        case Operation::exp:
            return Code::exp;
        case Operation::log:
            return Code::log;
        case Operation::log1p:
            return Code::log1p;
        case Operation::expm1:
            return Code::expm1;
        case Operation::sqrt:
            return Code::sqrt;
        case Operation::absolute:
            return Code::absolute;
        case Operation::floor:
            return Code::floor;
        case Operation::ceil:
            return Code::ceil;
        case Operation::logistic:
            return Code::logistic;
        case Operation::logit:
            return Code::logit;
        case Operation::choose:
            return Code::choose;
        default:
            PT_ASSERT(false);
            return Code::constant;
    }
}

}  // namespace

Lowering::Lowering(Graph& graph, const ColumnWidths& widths) : graph_{graph}, widths_{widths} { join_grids(); }

ValueId Lowering::intern(LowValue value) {
    std::string key;
    append(key, value.code);
    for (const ValueId arg : value.args) append(key, arg);
    append(key, value.i0);
    append(key, value.i1);
    append(key, value.column);
    append(key, std::bit_cast<std::uint64_t>(value.number));
    append(key, value.data.get());
    const auto [at, fresh] = known_.emplace(std::move(key), static_cast<ValueId>(values_.size()));
    if (fresh) values_.push_back(std::move(value));
    return at->second;
}

ValueId Lowering::make(Code code, ValueId a, ValueId b, ValueId c) {
    LowValue value;
    value.code = code;
    value.args = {a, b, c};
    value.uniform = true;
    for (const ValueId arg : value.args) value.uniform = value.uniform && (arg == no_value || values_[arg].uniform);
    return intern(std::move(value));
}

ValueId Lowering::constant(double number) {
    LowValue value;
    value.uniform = true;
    value.number = number;
    return intern(std::move(value));
}

ValueId Lowering::index_constant(std::int32_t index) {
    LowValue value;
    value.code = Code::index_constant;
    value.uniform = true;
    value.i0 = index;
    return intern(std::move(value));
}

std::shared_ptr<const std::vector<double>> Lowering::pool(std::vector<double> values) {
    std::uint64_t hash = values.size();
    for (const double v : values) hash = combine64(hash, std::bit_cast<std::uint64_t>(v));
    auto& same = pool_[hash];
    for (const auto& known : same) {
        if (known->size() == values.size() &&
            std::memcmp(known->data(), values.data(), values.size() * sizeof(double)) == 0) {
            return known;
        }
    }
    same.push_back(std::make_shared<const std::vector<double>>(std::move(values)));
    return same.back();
}

ValueId Lowering::number(NodeId node) {
    if (const auto found = lowered_.find(node); found != lowered_.end()) return found->second;
    const ValueId value = lower(node);
    lowered_.emplace(node, value);
    return value;
}

ValueId Lowering::lower_leaf(NodeId id) {
    const GraphNode& node = graph_.node(id);
    LowValue value;
    switch (node.operation) {
        case Operation::constant:
            return constant(node.value);
        case Operation::scalar:
            value.code = Code::scalar;
            value.uniform = true;
            value.column = node.id;
            return intern(std::move(value));
        case Operation::number_column:
            PT_EXPECT(node.id < widths_.size() && widths_[node.id] == 8);
            value.code = Code::load_number;
            value.column = node.id;
            return intern(std::move(value));
        default:
            return make(Code::from_code, code_of(id));
    }
}

ValueId Lowering::lower(NodeId id) {
    const GraphNode node = graph_.node(id);  // a copy: the graph may grow
    if (node.args.empty()) return lower_leaf(id);
    if (node.tabulable && !node.source_of_itself) {
        return merged_table(node.sources, graph_.tabulate(id, node.sources));
    }
    // What is the same for everybody costs nothing: it stays as it is written.
    const bool merge = !node.barrier && !node.uniform;
    switch (node.operation) {
        case Operation::look_up:
            return look_up(id);
        case Operation::opaque:
            return number(node.args[0]);
        case Operation::add:
        case Operation::subtract:
            if (merge) return sum(id);
            break;
        case Operation::multiply:
        case Operation::divide:
            if (merge) return product(id);
            break;
        case Operation::both:
        case Operation::either:
            if (merge) return conjunction(id);
            break;
        case Operation::power:
            return lower_power(id);
        case Operation::one_of: {
            // Of a category with too many labels for a table: compare with each.
            ValueId any = no_value;
            for (const int code : node.codes) {
                const ValueId is = make(Code::equal, number(node.args[0]), constant(code));
                any = any == no_value ? is : make(Code::maximum, any, is);
            }
            return any == no_value ? constant(0.0) : any;
        }
        default:
            break;
    }
    std::array<ValueId, 3> args{no_value, no_value, no_value};
    for (std::size_t i = 0; i < node.args.size(); ++i) args[i] = number(node.args[i]);
    return make(plain_code(node.operation), args[0], args[1], args[2]);
}

ValueId Lowering::lower_power(NodeId id) {
    const GraphNode node = graph_.node(id);
    const GraphNode exponent = graph_.node(node.args[1]);
    const ValueId base = number(node.args[0]);
    if (exponent.operation == Operation::constant) {
        if (exponent.value == 1.0) return base;
        if (exponent.value == 2.0) return make(Code::multiply, base, base);
        if (exponent.value == 3.0) return make(Code::multiply, make(Code::multiply, base, base), base);
        if (exponent.value == -1.0) return make(Code::divide, constant(1.0), base);
    }
    return make(Code::power, base, number(node.args[1]));
}

void Lowering::flatten_product(NodeId id, bool inverse, Parts& parts, double& sign) const {
    const GraphNode& node = graph_.node(id);
    const bool open = !node.barrier && !node.tabulable && !node.uniform;
    if (open && (node.operation == Operation::multiply || node.operation == Operation::divide)) {
        flatten_product(node.args[0], inverse, parts, sign);
        flatten_product(node.args[1], node.operation == Operation::divide ? !inverse : inverse, parts, sign);
    } else if (open && node.operation == Operation::negate) {
        sign = -sign;
        flatten_product(node.args[0], inverse, parts, sign);
    } else {
        parts.items.emplace_back(id, inverse);
    }
}

void Lowering::flatten_sum(NodeId id, bool negative, Parts& parts) const {
    const GraphNode& node = graph_.node(id);
    const bool open = !node.barrier && !node.tabulable && !node.uniform;
    if (open && (node.operation == Operation::add || node.operation == Operation::subtract)) {
        flatten_sum(node.args[0], negative, parts);
        flatten_sum(node.args[1], node.operation == Operation::subtract ? !negative : negative, parts);
    } else if (open && node.operation == Operation::negate) {
        flatten_sum(node.args[0], !negative, parts);
    } else {
        parts.items.emplace_back(id, negative);
    }
}

void Lowering::flatten_same(NodeId id, Operation operation, std::vector<NodeId>& parts) const {
    const GraphNode& node = graph_.node(id);
    if (node.operation == operation && !node.tabulable && !node.uniform) {
        for (const NodeId arg : node.args) flatten_same(arg, operation, parts);
    } else {
        parts.push_back(id);
    }
}

template <class Combine>
std::vector<ValueId> Lowering::merge_tables(const Parts& tabulable, double start, double neutral, Combine combine) {
    struct Group {
        std::vector<NodeId> sources;
        std::vector<std::pair<NodeId, bool>> items;
    };
    std::vector<Group> groups;
    for (const auto& item : tabulable.items) {
        const auto& sources = graph_.node(item.first).sources;
        Group* home = nullptr;
        for (Group& group : groups) {
            if (graph_.combinations(Graph::merge(group.sources, sources)) <= largest_merged_table) {
                home = &group;
                break;
            }
        }
        if (!home) home = &groups.emplace_back();
        home->sources = Graph::merge(home->sources, sources);
        home->items.push_back(item);
    }
    std::vector<ValueId> tables;
    for (const Group& group : groups) {
        std::vector<double> all(graph_.combinations(group.sources), start);
        for (const auto& [id, inverse] : group.items) {
            const std::vector<double> values = graph_.tabulate(id, group.sources);
            for (std::size_t i = 0; i < all.size(); ++i) all[i] = combine(all[i], values[i], inverse);
        }
        tables.push_back(merged_table(group.sources, std::move(all)));
        start = neutral;  // what the first table took in is not put in again
    }
    return tables;
}

ValueId Lowering::product(NodeId id) {
    Parts parts, tabulable;
    double constant_factor = 1.0;
    flatten_product(id, false, parts, constant_factor);
    const auto combine = [](double all, double value, bool inverse) { return inverse ? all / value : all * value; };

    ValueId uniform = no_value, over = no_value, under = no_value;
    std::vector<ValueId> factors;
    for (const auto& [factor, inverse] : parts.items) {
        const GraphNode& node = graph_.node(factor);
        if (node.operation == Operation::constant) {
            constant_factor = combine(constant_factor, node.value, inverse);
        } else if (node.uniform) {
            const ValueId value = number(factor);
            if (uniform == no_value)
                uniform = inverse ? make(Code::divide, constant(1.0), value) : value;
            else
                uniform = make(inverse ? Code::divide : Code::multiply, uniform, value);
        } else if (node.tabulable) {
            tabulable.items.emplace_back(factor, inverse);
        } else if (inverse) {
            const ValueId value = number(factor);
            under = under == no_value ? value : make(Code::multiply, under, value);
        } else {
            factors.push_back(number(factor));
        }
    }
    std::vector<ValueId> leading = merge_tables(tabulable, constant_factor, 1.0, combine);
    if (leading.empty() && (constant_factor != 1.0 || (uniform == no_value && factors.empty()))) {
        const ValueId value = constant(constant_factor);
        uniform = uniform == no_value ? value : make(Code::multiply, value, uniform);
    }
    if (uniform != no_value) leading.push_back(uniform);
    leading.insert(leading.end(), factors.begin(), factors.end());
    for (const ValueId factor : leading) over = over == no_value ? factor : make(Code::multiply, over, factor);
    return under == no_value ? over : make(Code::divide, over, under);
}

ValueId Lowering::sum(NodeId id) {
    Parts parts, tabulable;
    flatten_sum(id, false, parts);
    const auto combine = [](double all, double value, bool negative) { return negative ? all - value : all + value; };

    double constant_term = 0.0;
    bool has_constant = false;
    ValueId uniform = no_value;
    struct Term {
        ValueId value;
        bool negative;
        bool may_fuse;
    };
    std::vector<Term> terms;
    for (const auto& [term, negative] : parts.items) {
        const GraphNode& node = graph_.node(term);
        if (node.operation == Operation::constant) {
            constant_term = combine(constant_term, node.value, negative);
            has_constant = true;
        } else if (node.uniform) {
            const ValueId value = number(term);
            if (uniform == no_value)
                uniform = negative ? make(Code::negate, value) : value;
            else
                uniform = make(negative ? Code::subtract : Code::add, uniform, value);
        } else if (node.tabulable) {
            tabulable.items.emplace_back(term, negative);
        } else {
            const bool finished = node.barrier || node.operation == Operation::opaque;
            terms.push_back({number(term), negative, !finished});
        }
    }
    const std::vector<ValueId> tables = merge_tables(tabulable, constant_term, 0.0, combine);
    if (tables.empty() && has_constant) {
        const ValueId value = constant(constant_term);
        uniform = uniform == no_value ? value : make(Code::add, value, uniform);
    }
    ValueId all = uniform;
    for (const ValueId table : tables) all = all == no_value ? table : make(Code::add, all, table);
    if (all == no_value) {
        // Start with a term that is added, so that nothing has to be negated.
        for (auto at = terms.begin(); at != terms.end(); ++at) {
            if (at->negative) continue;
            all = at->value;
            terms.erase(at);
            break;
        }
        if (all == no_value) all = constant(0.0);
    }
    for (const auto& [term, negative, may_fuse] : terms) {
        const LowValue low = values_[term];
        if (low.code == Code::multiply && may_fuse) {
            all = make(negative ? Code::multiply_subtract : Code::multiply_add, low.args[0], low.args[1], all);
        } else {
            all = make(negative ? Code::subtract : Code::add, all, term);
        }
    }
    return all;
}

ValueId Lowering::conjunction(NodeId id) {
    // 0 and 1 multiply and compare exactly: order does not matter.
    const Operation operation = graph_.node(id).operation;
    const bool both = operation == Operation::both;
    std::vector<NodeId> all;
    flatten_same(id, operation, all);
    Parts tabulable;
    std::vector<ValueId> values;
    for (const NodeId part : all) {
        if (graph_.node(part).tabulable)
            tabulable.items.emplace_back(part, false);
        else
            values.push_back(number(part));
    }
    const std::vector<ValueId> tables =
        merge_tables(tabulable, both ? 1.0 : 0.0, both ? 1.0 : 0.0, [both](double a, double b, bool) {
            return both ? a * b : b > a ? b : a;
        });
    values.insert(values.begin(), tables.begin(), tables.end());
    ValueId result = values[0];
    for (std::size_t i = 1; i < values.size(); ++i)
        result = make(both ? Code::multiply : Code::maximum, result, values[i]);
    return result;
}

}  // namespace proeftuin
