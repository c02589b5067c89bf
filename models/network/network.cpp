#include "models/network/network.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/expr/located.hpp"
#include "engine/run/model_graph.hpp"

namespace proeftuin::network {
namespace {

using Names = std::vector<std::string>;

ExprText made(std::string text, SourceSpan span = {}) { return {std::move(text), span, false}; }

/// Writes a network down for the kernel.
class Lowering {
public:
    Lowering(const NetworkEntry& entry, ModelSpec& model, Contributions& contributions, DiagnosticSink& sink)
        : entry_{entry}, model_{model}, contributions_{contributions}, sink_{sink}, name_{entry.name.value} {}

    Drawn run() {
        make_graph();
        check_graph();
        for (const auto& d : entry_.demands) make_process(d);
        for (std::size_t p = 0; p < entry_.places.size(); ++p) record_visits(p);
        record_staff();
        for (std::size_t p = 0; p < entry_.places.size(); ++p) make_queue(p);
        if (entry_.compare_with_cheapest) record_for_cheapest();
        return std::move(drawn_);
    }

private:
    /// Visits to a place: a transition of a demand, or an event of another model.
    struct Visit {
        std::string transition;
        long long priority;
        SourceSpan where;
        bool of_demand = true;
    };

    std::size_t place_node(std::size_t p) const { return entry_.demands.size() + p; }
    const PlaceEntry& place(std::size_t p) const { return entry_.places[p].value; }

    std::optional<std::size_t> find_place(const std::string& name, SourceSpan where, const std::string& from) {
        if (const auto p = index_of(name)) return p;
        Names known;
        for (const auto& p : entry_.places) known.push_back(p.key);
        sink_.error("E0470", fmt::format("a route from '{}' leads to '{}', which is no place", from, name), where,
                    suggestion(name, known), {{entry_.name.span, "of this network"}});
        return std::nullopt;
    }

    /// -1 when nothing is said; otherwise the number of the level.
    int level(const std::optional<Located<std::string>>& named) {
        if (!named) return -1;
        Names known;
        for (const auto& l : entry_.complexity) known.push_back(l.value);
        const auto found = std::find(known.begin(), known.end(), named->value);
        if (found != known.end()) return static_cast<int>(found - known.begin());
        sink_.error("E0471", fmt::format("'{}' is no level of complexity of network '{}'", named->value, name_),
                    named->span,
                    known.empty() ? "give the levels: complexity: [low, high]" : suggestion(named->value, known));
        return -1;
    }

    void make_graph() {
        drawn_.name = name_;
        for (const auto& d : entry_.demands) drawn_.nodes.push_back({d.key, false, false});
        for (const auto& p : entry_.places)
            drawn_.nodes.push_back({p.key, true, p.value.capacity || p.value.capacity_per_resident || p.value.servers});
        const auto add = [&](std::size_t from, const std::vector<MapItem<LocatedText>>& to) {
            for (const auto& route : to)
                if (const auto p = find_place(route.key, route.key_span, drawn_.nodes[from].name))
                    drawn_.routes.push_back({from, place_node(*p), route.value.text, false});
        };
        for (std::size_t d = 0; d < entry_.demands.size(); ++d) {
            add(d, entry_.demands[d].value.to);
            add(d, entry_.demands[d].value.choose);
        }
        for (std::size_t p = 0; p < entry_.places.size(); ++p) {
            add(place_node(p), place(p).to);
            if (!place(p).overflow_to) continue;
            const auto& to = *place(p).overflow_to;
            if (const auto q = find_place(to.value, to.span, entry_.places[p].key))
                drawn_.routes.push_back({place_node(p), place_node(*q), "overflow", true});
        }
        std::vector<std::pair<int, int>> edges, of_people;
        for (const auto& r : drawn_.routes) {
            edges.emplace_back(static_cast<int>(r.from), static_cast<int>(r.to));
            if (!r.overflow) of_people.push_back(edges.back());
        }
        const int nodes = static_cast<int>(drawn_.nodes.size());
        reach_ = reachable(nodes, edges);
        comes_ = reachable(nodes, of_people);
    }

    void check_graph() {
        std::set<std::string> names;
        for (const auto& d : entry_.demands) {
            names.insert(d.key);
            for (const auto& p : model_.processes)
                if (p.name == d.key)
                    sink_.error("E0703", fmt::format("'{}' is a demand and a process, or two demands", d.key),
                                d.key_span, {}, {{p.where, "first given here"}});
            if (d.value.to.empty() && d.value.choose.empty())
                sink_.error("E0472", fmt::format("demand '{}' has no way to a place", d.key), d.key_span,
                            "to: { clinic: 1 }");
        }
        std::vector<int> served;
        for (std::size_t p = 0; p < entry_.places.size(); ++p) {
            const auto& item = entry_.places[p];
            if (names.contains(item.key))
                sink_.error("E0703", fmt::format("'{}' is a demand and a place", item.key), item.key_span);
            served.push_back(level(item.value.up_to));
            bool found = !item.value.events.empty();
            for (std::size_t d = 0; d < entry_.demands.size(); ++d) found = found || reach_[d][place_node(p)];
            if (!found)
                sink_.error("E0472", fmt::format("no demand leads to place '{}'", item.key), item.key_span,
                            "give a demand or a place a share that goes there, or leave the place out");
            check_place(item);
        }
        for (std::size_t d = 0; d < entry_.demands.size(); ++d) {
            const auto& demand = entry_.demands[d];
            const int needed = level(demand.value.complexity);
            for (std::size_t p = 0; p < entry_.places.size(); ++p)
                if (served[p] >= 0 && needed > served[p] && reach_[d][place_node(p)])
                    sink_.error(
                        "E0473",
                        fmt::format("demand '{}' is of complexity '{}' and may come to '{}', which serves up to "
                                    "'{}'",
                                    demand.key, demand.value.complexity->value, entry_.places[p].key,
                                    place(p).up_to->value),
                        demand.value.complexity->span, {}, {{place(p).up_to->span, "the place says so here"}});
        }
    }

    void check_place(const MapItem<PlaceEntry>& item) {
        const PlaceEntry& p = item.value;
        if (!p.to.empty() && !p.stay)
            sink_.error("E0474", fmt::format("visits to '{}' go on, and it is not said after what time", item.key),
                        p.to.front().key_span, "stay: 6 weeks");
        if (p.stay && p.to.empty())
            sink_.error("E0474", fmt::format("'{}' has a stay, and nothing follows", item.key), p.stay->span,
                        "to: { clinic: 0.28 }, or leave out `stay`");
        const bool limited = p.capacity || p.capacity_per_resident;
        for (const auto* needs_capacity : {&p.wait_at_start, &p.longest_wait})
            if (*needs_capacity && !limited)
                sink_.error("E0474",
                            p.servers
                                ? fmt::format("who comes to '{}' waits for a server, as long as it takes", item.key)
                                : fmt::format("nobody waits for '{}', which has no capacity", item.key),
                            (*needs_capacity)->span,
                            p.servers ? "give it a `capacity` in place of `servers`" : "capacity: 16000 per year");
        if (p.servers && !p.visit_time)
            sink_.error("E0474", fmt::format("'{}' has servers, and it is not said how long a visit takes", item.key),
                        p.servers->span, "visit_time: 20 minutes");
        if (p.visit_time && !p.servers)
            sink_.error("E0474", fmt::format("visits to '{}' take time, and nobody serves", item.key),
                        p.visit_time->span, "servers: 10");
        if (p.overflow_to && !p.longest_wait)
            sink_.error("E0474", "people go elsewhere when they would wait too long, and it is not said how long",
                        p.overflow_to->span, "longest_wait: 6 months");
        if (const auto to = p.overflow_to ? index_of(p.overflow_to->value) : std::nullopt; to && place(*to).servers)
            sink_.error("E0474",
                        fmt::format("overflow is a number of people, and '{}' serves one by one", p.overflow_to->value),
                        p.overflow_to->span);
        if (p.overflow_to && p.overflow_to->value == item.key)
            sink_.error("E0474", "people who cannot wait for a place cannot go to the same place", p.overflow_to->span);
        for (const auto& s : p.staff) {
            Names known;
            for (const auto& profession : entry_.professions) known.push_back(profession.key);
            if (std::find(known.begin(), known.end(), s.key) == known.end())
                sink_.error("E0474", fmt::format("'{}' is no profession of network '{}'", s.key, name_), s.key_span,
                            known.empty() ? "professions: { " + s.key + ": 1500 }" : suggestion(s.key, known));
        }
    }

    /// Shares of a demand by place.
    static std::vector<std::pair<std::string, ExprText>> shares(const DemandEntry& d) {
        std::vector<std::pair<std::string, ExprText>> out;
        for (const auto& route : d.to) out.emplace_back(route.key, expr_text(route.value));
        std::string sum;
        for (const auto& route : d.choose) sum += (sum.empty() ? "" : " + ") + fmt::format("exp({})", route.value.text);
        for (const auto& route : d.choose)
            out.emplace_back(route.key, made(fmt::format("exp({}) / ({})", route.value.text, sum), route.value.span));
        return out;
    }

    void make_process(const MapItem<DemandEntry>& demand) {
        const std::size_t d = static_cast<std::size_t>(&demand - entry_.demands.data());
        ProcessSpec process;
        process.name = demand.key;
        process.where = demand.key_span;
        process.doc = demand.value.doc;
        auto states = std::make_shared<Categories>();
        states->name = demand.key;
        states->labels = {"none"};
        for (std::size_t p = 0; p < entry_.places.size(); ++p)
            if (place(p).stay && comes_[d][place_node(p)]) states->labels.push_back(entry_.places[p].key);
        if (states->labels.size() == 1) process.absorbing = {0};
        process.states = states;
        const auto add = [&](std::string name, int from, std::optional<std::size_t> to, ExprText rate,
                             SourceSpan where) {
            TransitionSpec t;
            t.name = demand.key + "." + name;
            t.where = where;
            t.from = {from};
            const int state = to && place(*to).stay ? states->code(entry_.places[*to].key) : 0;
            t.to = state == from ? -1 : state;
            t.value = std::move(rate);
            if (to) visits_[*to].push_back({t.name, demand.value.priority, where});
            process.transitions.push_back(std::move(t));
        };
        for (const auto& [name, share] : shares(demand.value)) {
            const auto p = index_of(name);
            if (!p) continue;
            add("to_" + name, 0, p, made(fmt::format("({}) * ({})", demand.value.rate.text, share.text), share.span),
                share.span);
        }
        for (std::size_t p = 0; p < entry_.places.size(); ++p) {
            if (!place(p).stay || !comes_[d][place_node(p)]) continue;
            const std::string& here = entry_.places[p].key;
            const std::string& stay = place(p).stay->text;
            std::string rest = "1";
            for (const auto& route : place(p).to) {
                rest += fmt::format(" - ({})", route.value.text);
                if (const auto next = index_of(route.key))
                    add(here + "_to_" + route.key, states->code(here), next,
                        made(fmt::format("({}) / ({})", route.value.text, stay), route.value.span), route.key_span);
            }
            add(here + "_ends", states->code(here), std::nullopt,
                made(fmt::format("({}) / ({})", rest, stay), place(p).stay->span), place(p).stay->span);
        }
        model_.processes.push_back(std::move(process));
    }

    std::optional<std::size_t> index_of(const std::string& name) const {
        for (std::size_t p = 0; p < entry_.places.size(); ++p)
            if (entry_.places[p].key == name) return p;
        return std::nullopt;
    }

    MeasureSpec& measure(std::string name, MeasureSpec::Kind kind, std::string doc, bool grouped = true) {
        MeasureSpec m;
        m.name = std::move(name);
        m.where = entry_.name.span;
        m.doc = std::move(doc);
        m.kind = kind;
        if (grouped)
            for (const auto& b : entry_.by) {
                m.by.push_back(b.value);
                m.by_places.push_back(b.span);
            }
        const auto same = std::find_if(model_.measures.begin(), model_.measures.end(),
                                       [&](const MeasureSpec& other) { return other.name == m.name; });
        if (same != model_.measures.end())
            sink_.error("E0433", fmt::format("measure '{}' is defined twice: network '{}' makes one", m.name, name_),
                        entry_.name.span, {}, {{same->where, "first defined here"}});
        return model_.measures.emplace_back(std::move(m));
    }

    std::set<long long> priorities(std::size_t p) {
        std::set<long long> out;
        for (const Visit& v : visits_[p]) out.insert(v.priority);
        return out;
    }

    /// The measure of those who come to a place, of one priority where there are several.
    std::string arrivals(std::size_t p, long long priority) {
        const std::string all = entry_.places[p].key + "_arrivals";
        return priorities(p).size() > 1 ? fmt::format("{}_{}", all, priority) : all;
    }

    void record_visits(std::size_t p) {
        const auto& item = entry_.places[p];
        for (const auto& e : item.value.events) visits_[p].push_back({e.value, 1, e.span, false});
        for (const Visit& v : visits_[p]) {
            for (const auto& c : item.value.costs)
                contributions_.event_costs.push_back({v.transition, {c.key, expr_text(c.value), c.key_span}});
            for (const auto& n : item.value.needs)
                contributions_.event_needs.push_back({v.transition, {n.key, expr_text(n.value), n.key_span}});
        }
        const auto count = [&](const std::string& name, const std::string& doc, std::optional<long long> priority) {
            MeasureSpec& m = measure(name, MeasureSpec::Kind::count, doc);
            m.expected = true;
            for (const Visit& v : visits_[p])
                if (!priority || v.priority == *priority) {
                    m.events.push_back(v.transition);
                    m.event_places.push_back(v.where);
                }
        };
        if (visits_[p].empty()) return;
        const std::string name = item.key + "_arrivals";
        count(name, fmt::format("People who come to {}, expected number", item.key), std::nullopt);
        drawn_.visits.emplace_back(item.key, name);
        if (const auto all = priorities(p); all.size() > 1)
            for (const long long priority : all)
                count(arrivals(p, priority),
                      fmt::format("People who come to {} with priority {}, expected number", item.key, priority),
                      priority);
    }

    void record_staff() {
        for (const auto& profession : entry_.professions) {
            FlowSpec flow;
            flow.name = "work_" + profession.key;
            flow.where = profession.key_span;
            flow.unit = *parse_unit("per year");
            for (std::size_t p = 0; p < entry_.places.size(); ++p)
                for (const auto& s : place(p).staff)
                    if (s.key == profession.key)
                        for (const Visit& v : visits_[p])
                            flow.lumps.push_back(
                                {v.transition,
                                 made(fmt::format("({}) / ({})", s.value.text, profession.value.text), s.value.span),
                                 s.key_span});
            if (flow.lumps.empty()) {
                sink_.error("E0474", fmt::format("no place has hours of profession '{}'", profession.key),
                            profession.key_span, "staff: { " + profession.key + ": 0.5 } at a place");
                continue;
            }
            MeasureSpec& m = measure(profession.key + "_fte", MeasureSpec::Kind::integral,
                                     fmt::format("Full-time {} that those who come ask for", profession.key));
            m.value = made(flow.name);
            drawn_.staff.emplace_back(profession.key, m.name);
            model_.flows.push_back(std::move(flow));
        }
    }

    std::string count_of(const std::string& name, const std::string& doc, std::vector<std::string> events,
                         bool expected) {
        MeasureSpec& m = measure(name, MeasureSpec::Kind::count, doc, false);
        m.expected = expected;
        m.events = std::move(events);
        return name;
    }

    /// What the cheapest way to see everybody follows from, and the measures that tell of it, filled after the run.
    void record_for_cheapest() {
        Cheapest out;
        for (std::size_t p = 0; p < entry_.places.size(); ++p) {
            const auto& item = entry_.places[p];
            Cheapest::Place place;
            place.name = item.key;
            place.all = item.key + "_arrivals";
            if (item.value.overflow_to)
                sink_.error(
                    "E0474",
                    "overflow is a number of the region, of which the comparison with the cheapest knows nothing",
                    item.value.overflow_to->span, "leave out `compare_with_cheapest`");
            for (const auto& c : item.value.costs)
                if (const auto number = parse_number(c.value.text.substr(0, c.value.text.find(' ')));
                    number && *number < 0.0)
                    sink_.error("E0445",
                                fmt::format("a visit to '{}' costs {:g} (a cost is at least 0)", item.key, *number),
                                c.value.span);
            std::vector<std::string> events;
            for (const Visit& v : visits_[p])
                if (v.of_demand) events.push_back(v.transition);
            place.arrivals =
                count_of(item.key + "_cases_come",
                         fmt::format("Visits of the demands to {}, expected number", item.key), events, true);
            place.drawn = count_of(item.key + "_cases_drawn", fmt::format("Visits of the demands to {}", item.key),
                                   events, false);
            if (!item.value.costs.empty() && !events.empty()) {
                FlowSpec flow;
                flow.name = "visits_to_" + item.key;
                flow.where = item.key_span;
                flow.unit = *parse_unit("EUR per year");
                std::string sum;
                for (const auto& c : item.value.costs)
                    sum += fmt::format("{}({})", sum.empty() ? "" : " + ", c.value.text);
                for (const std::string& e : events)
                    flow.lumps.push_back({e, made(sum, item.value.costs.front().value.span), item.key_span});
                place.cost = item.key + "_visit_cost";
                measure(place.cost, MeasureSpec::Kind::integral,
                        fmt::format("Cost of the visits of the demands to {}", item.key), false)
                    .value = made(flow.name);
                model_.flows.push_back(std::move(flow));
            }
            if (item.value.capacity || item.value.capacity_per_resident)
                place.capacity = item.key + "_capacity";
            else if (item.value.servers)
                place.capacity = item.key + "_servers", place.one_by_one = true;
            for (const auto& route : item.value.to) {
                const auto q = index_of(route.key);
                if (!q) continue;
                std::vector<std::string> follow;
                for (std::size_t d = 0; d < entry_.demands.size(); ++d)
                    if (comes_[d][place_node(p)])
                        follow.push_back(fmt::format("{}.{}_to_{}", entry_.demands[d].key, item.key, route.key));
                place.onward.emplace_back(
                    *q, count_of(fmt::format("{}_to_{}", item.key, route.key),
                                 fmt::format("Visits to {} that follow on {}, expected number", route.key, item.key),
                                 std::move(follow), true));
            }
            out.places.push_back(std::move(place));
        }
        for (const auto& item : entry_.demands) {
            const DemandEntry& d = item.value;
            Cheapest::Demand demand;
            const auto cases = [&](const char* name, const char* what, const std::string& share) {
                MeasureSpec& m = measure(item.key + name, MeasureSpec::Kind::integral,
                                         fmt::format("Cases of {} {}, expected number", item.key, what), false);
                m.value =
                    made(fmt::format("({} == none ? 1 : 0) * ({}) * ({})", item.key, d.rate.text, share), d.rate.span);
                return item.key + name;
            };
            if (const auto number = d.needed ? parse_number(d.needed->text) : std::nullopt;
                number && !(*number >= 0.0 && *number <= 1.0))
                sink_.error(
                    "E0445",
                    fmt::format("the share of '{}' that needs care is {:g} (it is from 0 to 1)", item.key, *number),
                    d.needed->span);
            demand.cases = cases("_cases", "seen or not", "1");
            demand.needed = cases("_needed", "for which care is needed", d.needed ? d.needed->text : "1");
            for (const auto& [name, share] : shares(d))
                if (const auto p = index_of(name)) {
                    demand.visits.emplace_back(
                        *p, count_of(fmt::format("{}_to_{}", item.key, name),
                                     fmt::format("First visits of {} to {}, expected number", item.key, name),
                                     {fmt::format("{}.to_{}", item.key, name)}, true));
                    demand.allowed.push_back(*p);
                }
            for (const auto& name : d.could_go_to) {
                const auto p = find_place(name.value, name.span, item.key);
                if (!p) continue;
                if (const int most = level(place(*p).up_to); most >= 0 && level(d.complexity) > most)
                    sink_.error(
                        "E0473",
                        fmt::format("demand '{}' is of complexity '{}' and could not go to '{}', which serves up "
                                    "to '{}'",
                                    item.key, d.complexity->value, name.value, place(*p).up_to->value),
                        name.span, {}, {{place(*p).up_to->span, "the place says so here"}});
                if (std::find(demand.allowed.begin(), demand.allowed.end(), *p) == demand.allowed.end())
                    demand.allowed.push_back(*p);
            }
            out.demands.push_back(std::move(demand));
        }
        const auto told = [&](const char* name, const char* unit, const char* doc) {
            MeasureSpec& m = measure(name_ + name, MeasureSpec::Kind::regional, doc, false);
            m.value = made(fmt::format("0 {} per year", unit));
            return name_ + name;
        };
        out.cost = told("_cost", "EUR", "Cost of the visits of all demands, at the mean cost of each place");
        out.cheapest_cost =
            told("_cheapest_cost", "EUR",
                 "The least that it costs to see all for whom care is needed, as far as capacity allows");
        out.unneeded = told("_unneeded_visits", "", "First visits for which no care is needed");
        out.dearer = told("_dearer_visits", "", "First visits at a dearer place than the cheapest that may see them");
        out.unmet = told("_unmet", "", "Cases for which care is needed that are not seen");
        out.beyond_capacity =
            told("_beyond_capacity", "", "Cases for which care is needed that could not be seen in any way");
        drawn_.cheapest = std::move(out);
    }

    void signal(const std::string& name, const char* unit, std::string doc, ExprText start, ExprText next) {
        SignalSpec s;
        s.name = name;
        s.where = next.span;
        s.doc = std::move(doc);
        s.unit = *parse_unit(unit);
        s.start = std::move(start);
        s.next = std::move(next);
        const auto same = std::find_if(model_.signals.begin(), model_.signals.end(),
                                       [&](const SignalSpec& other) { return other.name == s.name; });
        if (same != model_.signals.end())
            sink_.error("E0433", fmt::format("signal '{}' is defined twice: network '{}' makes one", s.name, name_),
                        entry_.name.span, {}, {{same->where, "first defined here"}});
        else
            model_.signals.push_back(std::move(s));
    }

    /// People of the region, as the signals of its queues see them.
    std::string residents() {
        const std::string name = name_ + "_residents";
        const auto is_there = [&](const MeasureSpec& m) { return m.name == name; };
        if (std::none_of(model_.measures.begin(), model_.measures.end(), is_there))
            measure(name, MeasureSpec::Kind::integral, "Years lived in the region", false).value = made("1");
        return name;
    }

    /// Who comes to a place because another could not serve them in time.
    std::string overflow_into(std::size_t p) const {
        std::string sum;
        for (const auto& other : entry_.places)
            if (other.value.overflow_to && other.value.overflow_to->value == entry_.places[p].key)
                sum += fmt::format(" + {}_overflow", other.key);
        return sum;
    }

    /// A place that serves one by one.
    void make_servers(std::size_t p) {
        const auto& item = entry_.places[p];
        const PlaceEntry& here = item.value;
        QueueSpec queue;
        queue.name = item.key;
        queue.where = here.servers->span;
        for (const Visit& v : visits_[p]) queue.visits.push_back({v.transition, v.where, v.priority});
        queue.servers = item.key + "_servers";
        queue.service = expr_text(*here.visit_time);
        queue.constant = here.same_time;
        const auto text = [&](const char* t) { return made(t, here.servers->span); };
        signal(queue.servers, "1", fmt::format("People served by {} at the same time", item.key),
               expr_text(*here.servers), expr_text(*here.servers));
        std::vector<std::string> classes{""};
        for (const std::int64_t priority : queue.priorities()) classes.push_back(std::to_string(priority));
        for (const std::string& number : classes) {
            const std::string c = number.empty() ? "" : "_" + number, before = number.empty() ? "" : number + "_";
            const std::string who = c.empty() ? item.key : fmt::format("{} with priority {}", item.key, number);
            const auto of = [&](const char* quantity) {
                return made(quantity + before + item.key, here.servers->span);
            };
            signal(item.key + "_visits" + c, "per year",
                   fmt::format("Visits to {} begun in the step before, a year", who), text("0 per year"),
                   of("__visits_"));
            signal(item.key + "_wait" + c, "year",
                   fmt::format(
                       "Mean time that visits to {} begun in the step before were waited for; where none began, so far",
                       who),
                   text("0 year"), of("__wait_"));
            signal(item.key + "_waiting_list" + c, "1", fmt::format("People who wait for {}", who), text("0"),
                   of("__waiting_"));
            signal(item.key + "_delayed" + c, "1",
                   fmt::format("Share of the visits to {} begun in the step before that had to be waited for", who),
                   text("0"), of("__delayed_"));
        }
        model_.queues.push_back(std::move(queue));
    }

    void make_queue(std::size_t p) {
        const auto& item = entry_.places[p];
        const PlaceEntry& here = item.value;
        if (here.servers && here.visit_time) return make_servers(p);
        if (!here.capacity && !here.capacity_per_resident) return;
        const LocatedText& given = here.capacity ? *here.capacity : *here.capacity_per_resident;
        const auto text = [&](const std::string& t) { return made(t, given.span); };
        std::string first = fmt::format("({})", given.text), now = first;
        if (here.capacity_per_resident) {
            first = fmt::format("({} * region_at_start)", first);
            now = fmt::format("({} * {})", now, residents());
        }
        // What a step had is served with the capacity of that step, not of the next.
        const std::string capacity = item.key + "_capacity";
        signal(capacity, "per year", fmt::format("Visits a year that {} can do", item.key), text(first), text(now));
        const std::string wait = here.wait_at_start ? fmt::format("({})", here.wait_at_start->text) : "(0 year)";
        const std::string longest =
            here.longest_wait ? fmt::format("(({}) * {})", here.longest_wait->text, now) : std::string();

        // Of one priority after the other: who is on the list and who comes, minus what the earlier ones leave of the
        // capacity.
        auto classes = priorities(p);
        if (classes.empty()) classes = {1};
        std::string earlier, list, after, beyond;
        for (const long long c : classes) {
            const bool last = c == *classes.rbegin();
            const std::string suffix = classes.size() > 1 ? fmt::format("_{}", c) : "";
            const std::string name = item.key + "_waiting_list" + suffix;
            const std::string come =
                (visits_[p].empty() ? "0 per year" : arrivals(p, c)) + (last ? overflow_into(p) : "");
            const std::string present = fmt::format("{} + step * ({})", name, come);
            const std::string left =
                earlier.empty() ? "step * " + capacity : fmt::format("max(0, step * {} - ({}))", capacity, earlier);
            std::string next = fmt::format("max(0, {} - {})", present, left);
            if (last && here.longest_wait) {
                const std::string most = after.empty() ? longest : fmt::format("max(0, {} - ({}))", longest, after);
                beyond = fmt::format("max(0, {} - {})", next, most);
                next = fmt::format("min({}, {})", next, most);
            }
            if (classes.size() > 1)
                signal(name, "1", fmt::format("People of priority {} who wait for {}", c, item.key),
                       text(last ? fmt::format("{} * {}", wait, first) : "0"), text(next));
            earlier += (earlier.empty() ? "" : " + ") + present;
            after += (after.empty() ? "" : " + ") + next;
            list += (list.empty() ? "" : " + ") + name;
        }
        signal(item.key + "_waiting_list", "1", fmt::format("People who wait for {}", item.key),
               text(fmt::format("{} * {}", wait, first)), text(after));
        signal(item.key + "_wait", "year", fmt::format("Time to a visit to {} for who comes now", item.key), text(wait),
               text(fmt::format("({1}) > 0 ? ({1}) / {0} : 0 year", now, after)));
        signal(item.key + "_visits", "per year", fmt::format("Visits to {} in the step before, a year", item.key),
               text(first), text(fmt::format("min({}, ({}) / step)", capacity, earlier)));
        if (here.longest_wait)
            signal(item.key + "_overflow", "per year",
                   fmt::format("People who could not be seen in time at {} in the step before, a year", item.key),
                   text("0 per year"), text(fmt::format("({}) / step", beyond)));
    }

    const NetworkEntry& entry_;
    ModelSpec& model_;
    Contributions& contributions_;
    DiagnosticSink& sink_;
    const std::string name_;
    Drawn drawn_;
    std::vector<std::vector<bool>> reach_;  ///< by node and node: a way leads there, overflow included
    std::vector<std::vector<bool>> comes_;  ///< the same for people: overflow is of the region
    std::map<std::size_t, std::vector<Visit>> visits_;  ///< by place
};

}  // namespace

Drawn lower(const NetworkEntry& entry, ModelSpec& model, Contributions& contributions, DiagnosticSink& sink) {
    return Lowering(entry, model, contributions, sink).run();
}

}  // namespace proeftuin::network
