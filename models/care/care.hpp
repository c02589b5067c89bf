// The kind `care`: categories of cost, services, and what people's care costs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.hpp"
#include "engine/run/model_spec.hpp"

namespace proeftuin::care {

struct ServiceEntry {
    Located<std::string> category;
    LocatedText price;
    std::optional<std::string> source;
    std::optional<std::string> why;
    std::string doc;
};

struct CategoryAmounts {
    std::vector<MapItem<LocatedText>> amounts;
};

struct CareEntry {
    Located<std::string> name;
    std::string doc;
    std::vector<Located<std::string>> laws;
    std::vector<MapItem<Located<std::string>>> categories;
    std::vector<MapItem<ServiceEntry>> services;
    std::vector<MapItem<LocatedText>> attributed;
    std::vector<MapItem<LocatedText>> residual;
    std::vector<MapItem<LocatedText>> match;
    std::vector<MapItem<LocatedText>> at_death;
    std::vector<MapItem<CategoryAmounts>> at;
    std::vector<MapItem<LocatedText>> multiply;
    std::vector<MapItem<LocatedText>> index;
    std::vector<MapItem<Node>> parameters;
    long long format = 1;
};

Schema<CareEntry> care_schema();

/// Makes the flows `cost_<category>`, `cost_<law>` and `cost_total` from the entry and what processes contributed.
void lower(const CareEntry& entry, const Contributions& contributions, ModelSpec& model, DiagnosticSink& sink);

}  // namespace proeftuin::care
