// People written to the results: at the end of the run, or year after year as a panel.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/app/session.hpp"
#include "engine/store/checkpoint.hpp"

namespace proeftuin::app {

/// Checks `record` of the scenario against the compiled model: columns that are there, and what memory it will take.
void check_record(const Prepared& prepared, DiagnosticSink& sink);

/// Follows the people of one run (first replicate) between its steps, and keeps what it recorded through the others.
/// The run must keep its dead
/// (RunOptions::keep_dead), so that a slot holds one person for good.
///
/// A panel has a row for every chosen person alive at each date, and one more at the first date after death or
/// departure. Rows stand by date and uid: the same for any number of threads and chunks.
class PeopleRecorder {
public:
    explicit PeopleRecorder(const Prepared& prepared);

    /// Before the first step: of the run, or after going on from a checkpoint. `state` has what was recorded before it.
    void begin(const Simulation& simulation, const Checkpoint* state);
    void after_step(const Simulation& simulation);
    /// After the last step. \pre the run has finished
    void finish(const Simulation& simulation);
    /// What was recorded so far, in a checkpoint. `restore` gives false and changes nothing when the checkpoint lacks
    /// it.
    void save(Checkpoint& state) const;
    bool restore(const Checkpoint& state);
    /// Moves what was recorded into the results.
    void move_into(output::ResultSet& results);

private:
    /// One column: numbers when `labels` is empty, else codes.
    struct Column {
        std::string name;
        std::string unit;
        std::vector<std::string> labels;
        std::function<double(const Population&, std::size_t slot)> value;
    };
    using Rows = std::vector<std::uint32_t>;  ///< slots

    bool chosen(std::uint64_t uid) const;
    bool wanted(const std::string& name) const;
    void number(std::string name, std::string unit, std::function<double(const Population&, std::size_t)> value);
    void category(std::string name, std::vector<std::string> labels,
                  std::function<double(const Population&, std::size_t)> value);
    void add_attributes();
    void take_totals(const Population& people);
    void record(const Population& people, double date, bool everybody);
    void append(const Population& people, Rows rows, double date);

    const Prepared& prepared_;
    const Model& model_;
    int every_;  ///< years; 0: at the end only
    double share_ = 1.0;  ///< people whose draw is below it are chosen
    double date_ = 0.0;  ///< of the rows being written
    std::vector<Column> columns_;
    std::vector<int> measures_;  ///< with totals over the run
    std::vector<std::vector<std::int64_t>> before_;  ///< their totals at the last date, by slot
    std::vector<std::uint8_t> closed_;  ///< by slot: the last row of the person is written
    output::PersonPanel panel_;
};

/// Names of the columns that `record` may ask for.
std::vector<std::string> record_columns(const Prepared& prepared);

}  // namespace proeftuin::app
