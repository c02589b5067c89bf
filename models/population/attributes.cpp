#include "models/population/attributes.hpp"

#include <fmt/format.h>

#include "engine/expr/located.hpp"

namespace proeftuin::population {
namespace {

struct TwoEntry {
    LocatedText first, second;
};

Type<AttributeStartEntry> two_type(const char* what, const char* doc, const char* first, const char* second,
                                   NumberDrawSpec::Kind kind) {
    Schema<TwoEntry> s(what, doc);
    s.required(first, &TwoEntry::first, expression(), fmt::format("{} of the distribution.", first));
    s.required(second, &TwoEntry::second, expression(), fmt::format("{} of the distribution.", second));
    return converted<AttributeStartEntry>(object(s), [kind](TwoEntry t) {
        AttributeStartEntry e;
        e.draw = NumberDrawSpec{kind, expr_text(t.first), expr_text(t.second)};
        return e;
    });
}

/// `{ normal: {mean, sd} }` and its kin, or `{ label: probability, ... }`.
Type<AttributeStartEntry> start_type() {
    using Kind = NumberDrawSpec::Kind;
    const std::vector<std::string> draws{"uniform", "normal", "lognormal", "gamma"};
    auto by_draw = by_key<AttributeStartEntry>({
        {"uniform", two_type("uniform", "Uniform between two numbers.", "from", "to", Kind::uniform), "uniform"},
        {"normal", two_type("normal", "Normal.", "mean", "sd", Kind::normal), "normal"},
        {"lognormal",
         two_type("lognormal", "Lognormal by mean and coefficient of variation.", "mean", "cv", Kind::lognormal),
         "lognormal"},
        {"gamma", two_type("gamma", "Gamma by mean and coefficient of variation.", "mean", "cv", Kind::gamma), "gamma"},
    });
    Schema<AttributeShareEntry> share("share", "How many start with a category.");
    share.required("probability", &AttributeShareEntry::probability, expression(), "Probability at entry.")
        .unit_is("1");
    share.optional("risks", &AttributeShareEntry::risks, list_or_single(expression()),
                   "Relative risks that shift it between people.");
    share
        .optional("normalised", &AttributeShareEntry::normalised, boolean(),
                  "Divide by the national mean of the product of the risks.")
        .default_is("true");
    auto share_type = scalar_or(converted<AttributeShareEntry>(expression(),
                                                               [](LocatedText t) {
                                                                   return AttributeShareEntry{std::move(t), {}, true};
                                                               }),
                                object(share));
    auto shares =
        converted<AttributeStartEntry>(map_of(share_type, Keys::any), [](std::vector<MapItem<AttributeShareEntry>> m) {
            AttributeStartEntry e;
            e.shares = std::move(m);
            return e;
        });
    auto number = converted<AttributeStartEntry>(expression(), [](LocatedText t) {
        AttributeStartEntry e;
        e.draw = NumberDrawSpec{Kind::expression, expr_text(t), {}};
        return e;
    });
    auto info = by_draw.info;
    auto structured = custom<AttributeStartEntry>(
        "a draw (uniform, normal, lognormal, gamma) or probabilities by category", R"({"type": "object"})",
        [draws, by_draw, shares](const Node& node, const Reading& reading, AttributeStartEntry& out) {
            for (const auto& d : draws)
                if (node.find(d) != nullptr) return by_draw.read(node, reading, out);
            return shares.read(node, reading, out);
        });
    return scalar_or(number, structured);
}

Schema<AttributeEntry> attribute_schema() {
    Schema<AttributeEntry> s("attribute", "A number or category of each person.");
    s.optional("doc", &AttributeEntry::doc, text(), "What it is.");
    s.optional("unit", &AttributeEntry::unit, located(text()), "Unit of a number.", "kg/m2").default_is("1");
    s.optional("categories", &AttributeEntry::categories, list_of(located(text()), 2),
               "Categories; the first takes what the others leave.", "[low, middle, high]");
    s.optional("categories_from", &AttributeEntry::categories_from, one_of({"region"}),
               "Take the categories that the start population has.", "region");
    s.optional("value", &AttributeEntry::value, expression(), "Derived: computed from others whenever it is read.");
    s.optional("start", &AttributeEntry::start, start_type(),
               "Value at entry: an expression, a draw, or probabilities by category.",
               "{ normal: { mean: 25, sd: 4 } }");
    s.optional("draw", &AttributeEntry::draw, start_type(), "A draw that is repeated; with `each`.",
               "{ lognormal: { mean: 1, cv: 0.8 } }");
    s.optional("each", &AttributeEntry::each, one_of({"year"}), "When a draw is repeated.", "year");
    s.optional("inherit", &AttributeEntry::inherit, boolean(), "A newborn has the value of its mother.")
        .default_is("false");
    s.optional("toward", &AttributeEntry::toward, expression(), "Relaxes to this value.");
    s.optional("speed", &AttributeEntry::speed, expression(), "Rate of the relaxation.").unit_is("per year");
    s.optional("drift", &AttributeEntry::drift, expression(), "Moves by this per year.");
    s.optional("noise", &AttributeEntry::noise, expression(), "Standard deviation of a random walk after one year.");
    s.optional("min", &AttributeEntry::min, number(), "Never below.");
    s.optional("max", &AttributeEntry::max, number(), "Never above.");
    s.at_most_one_of({"categories", "categories_from", "unit"});
    s.at_most_one_of({"value", "start", "draw"});
    s.place(&AttributeEntry::place);
    s.check([](const AttributeEntry& a, const Node&, DiagnosticSink& sink) {
        if (a.toward.has_value() != a.speed.has_value())
            sink.error("E0423", "`toward` and `speed` belong together", a.place);
        if (a.draw.has_value() != a.each.has_value())
            sink.error("E0423", "`draw` and `each` belong together", a.place, "for a value drawn once, write `start`");
        const bool category = !a.categories.empty() || a.categories_from;
        if (category && (a.toward || a.drift || a.noise || a.draw))
            sink.error("E0424", "a category cannot drift or be redrawn", a.place, "make it a process with transitions");
    });
    return s;
}

}  // namespace

Schema<AttributesEntry> attributes_schema() {
    Schema<AttributesEntry> s("attributes", "Columns of the population: risk factors, traits, places.");
    s.entry_kind("attributes");
    s.optional("format", &AttributesEntry::format, integer(1, 1), "Version of the language.", "1");
    s.required("attributes", &AttributesEntry::name, located(name()), "Name of the set.", "risk_factors");
    s.optional("doc", &AttributesEntry::doc, text(), "What they are.");
    s.required("define", &AttributesEntry::define, map_of(object(attribute_schema())), "The attributes by name.");
    s.optional("parameters", &AttributesEntry::parameters,
               map_of(raw_node("parameter", R"({"$ref": "#/definitions/parameter"})")),
               "Numbers with unit and source that expressions use.");
    return s;
}

void lower(const AttributesEntry& entry, const RegionLabels& region, ModelSpec& model, DiagnosticSink& sink) {
    for (const auto& item : entry.define) {
        const AttributeEntry& a = item.value;
        AttributeSpec spec;
        spec.name = item.key;
        spec.where = item.key_span;
        spec.doc = a.doc;
        if (!a.categories.empty()) {
            auto categories = std::make_shared<Categories>();
            categories->name = spec.name;
            for (const auto& c : a.categories) {
                if (categories->code(c.value) >= 0)
                    sink.error("E0417", fmt::format("category '{}' is listed twice", c.value), c.span);
                categories->labels.push_back(c.value);
            }
            spec.categories = categories;
        } else if (a.categories_from) {
            auto categories = std::make_shared<Categories>();
            categories->name = spec.name;
            for (const auto& [name, labels] : region)
                if (name == spec.name) categories->labels = labels;
            if (categories->labels.empty()) categories->labels = {"everywhere"};
            spec.categories = categories;
        }
        if (a.unit) {
            const auto meant = intended_unit(a.unit->value);
            if (const auto unit = meant ? std::nullopt : parse_unit(a.unit->value))
                spec.unit = *unit;
            else
                sink.error("E0425", fmt::format("'{}' is no unit", a.unit->value), a.unit->span,
                           meant ? fmt::format("did you mean '{}'?", *meant)
                                 : "write units such as `kg/m2`, `per year`, `EUR per year`");
        }
        if (a.value) spec.value = expr_text(*a.value);
        const auto& start = a.draw ? a.draw : a.start;
        if (start) {
            spec.draw = start->draw;
            if (spec.categories && spec.draw)
                sink.error("E0426",
                           fmt::format("'{}' is a category, so its start is a map of probabilities", spec.name),
                           a.place);
            if (!spec.categories && !start->shares.empty())
                sink.error("E0426", fmt::format("'{}' is a number, so its start is an expression or a draw", spec.name),
                           a.place, "add `categories: [...]` if it is a category");
            if (spec.categories)
                for (const auto& share : start->shares) {
                    const int code = spec.categories->code(share.key);
                    if (code < 0) {
                        sink.error("E0419", fmt::format("'{}' has no category '{}'", spec.name, share.key),
                                   share.key_span, suggestion(share.key, spec.categories->labels));
                        continue;
                    }
                    if (code == 0) {
                        sink.error("E0420",
                                   fmt::format("the first category '{}' takes the rest and has no share of its own",
                                               share.key),
                                   share.key_span);
                        continue;
                    }
                    spec.shares.push_back({code, expr_text(share.value.probability), expr_texts(share.value.risks),
                                           share.value.normalised});
                }
        }
        spec.each_year = a.each.has_value();
        spec.inherit = a.inherit;
        const auto copy = [](const std::optional<LocatedText>& from, std::optional<ExprText>& to) {
            if (from) to = expr_text(*from);
        };
        copy(a.toward, spec.toward);
        copy(a.speed, spec.speed);
        copy(a.drift, spec.drift);
        copy(a.noise, spec.noise);
        spec.min = a.min;
        spec.max = a.max;
        model.attributes.push_back(std::move(spec));
    }
}

}  // namespace proeftuin::population
