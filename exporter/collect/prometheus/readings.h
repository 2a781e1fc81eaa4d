// From a query's series to readings of a feature.
#pragma once

#include <string>
#include <vector>

#include "collect/collector.h"
#include "collect/prometheus/answer.h"

namespace aiops::prom {

// What notes call a feature: its name, or its expression where the name is not known.
std::string NameOf(const WantedFeature& feature);

// The labels that name the entity: those of entity_labels that are there. Without entity_labels
// none: the default entity.
Labels EntityLabels(const Labels& labels, const std::vector<std::string>& entity_labels);

// Why nothing is taken of an answer, or of an entity in it: for notes to people.
std::string ManySeriesNote(const WantedFeature& feature, size_t series);
std::string AmbiguousNote(const WantedFeature& feature, size_t entities);

// Adds a reading for every entity of the answer. What is ambiguous is missing, with a note, rather
// than a guess: several series for one entity, or several series for a scope without entity_labels.
// False if anything was.
bool AddReadings(const WantedFeature& feature, const Answer& answer, Collected& out);

// For features whose absence means 0: a reading of 0 for every entity without one, which is the
// default entity, or what the other readings of its scope are about. `answered` are the features
// whose answers were whole.
void AddZeros(const std::vector<const WantedFeature*>& answered, std::vector<Reading>& readings);

}  // namespace aiops::prom
