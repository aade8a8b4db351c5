#include "sql/vector_writer.h"

#include "sql/native.h"

namespace st::sql {
namespace {

duckdb_vector Native(void* vector) { return static_cast<duckdb_vector>(vector); }

}  // namespace

VectorWriter::VectorWriter(void* vector)
    : vector_(vector), data_(duckdb_vector_get_data(Native(vector))) {}

void VectorWriter::SetBytes(std::uint64_t row, std::string_view bytes) const {
  duckdb_unsafe_vector_assign_string_element_len(Native(vector_), row, bytes.data(), bytes.size());
}

void VectorWriter::SetNull(std::uint64_t row) const {
  duckdb_vector_ensure_validity_writable(Native(vector_));
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(Native(vector_)), row);
}

void VectorWriter::SetValid(std::uint64_t row) const {
  std::uint64_t* validity = duckdb_vector_get_validity(Native(vector_));
  if (validity != nullptr) duckdb_validity_set_row_valid(validity, row);
}

VectorWriter VectorWriter::Member(std::uint64_t index) const {
  return VectorWriter(duckdb_struct_vector_get_child(Native(vector_), index));
}

std::uint64_t VectorWriter::elements() const {
  return duckdb_list_vector_get_size(Native(vector_));
}

void VectorWriter::Reserve(std::uint64_t count) const {
  duckdb_list_vector_reserve(Native(vector_), count);
}

VectorWriter VectorWriter::Elements() const {
  return VectorWriter(duckdb_list_vector_get_child(Native(vector_)));
}

void VectorWriter::SetList(std::uint64_t row, std::uint64_t offset, std::uint64_t length) const {
  static_cast<duckdb_list_entry*>(data_)[row] = {.offset = offset, .length = length};
  duckdb_list_vector_set_size(Native(vector_), offset + length);
}

}  // namespace st::sql
