// What the answers of the HTTP interface hold: the table that the OpenAPI document is made of.
#pragma once

#include <string_view>
#include <vector>

namespace aiops {

// A member of an object. A name that ends in '?' may be absent.
//
// Types: text, integer, number, boolean, time (RFC 3339), any, an enumeration of the model
// (verdict, severity, gate, kind, state, direction, knowledge, model_state), [T] for lists, {T} for
// maps, and names of other objects. A type that ends in '?' may be null.
struct SchemaMember {
  std::string_view name, type;
  std::string_view help = "";
};

struct SchemaObject {
  std::string_view name;
  std::vector<SchemaMember> members;
};

const std::vector<SchemaObject>& SchemaObjects();

}  // namespace aiops
