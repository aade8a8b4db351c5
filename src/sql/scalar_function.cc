#include "sql/scalar_function.h"

#include <memory>
#include <utility>

#include "sql/native.h"

namespace st::sql {
namespace {

void Delete(void* pointer) { delete static_cast<ScalarFunction*>(pointer); }

void Evaluate(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto* function =
      static_cast<const ScalarFunction*>(duckdb_scalar_function_get_extra_info(info));
  ResultWriter writer(output);
  const auto status = function->evaluate(Arguments(input), writer);
  if (!status) duckdb_scalar_function_set_error(info, status.error().message().c_str());
}

}  // namespace

std::uint64_t Arguments::rows() const {
  return duckdb_data_chunk_get_size(static_cast<duckdb_data_chunk>(chunk_));
}

std::uint64_t Arguments::columns() const {
  return duckdb_data_chunk_get_column_count(static_cast<duckdb_data_chunk>(chunk_));
}

VectorView Arguments::Column(std::uint64_t index) const {
  return VectorView(duckdb_data_chunk_get_vector(static_cast<duckdb_data_chunk>(chunk_), index));
}

Type Arguments::TypeOf(std::uint64_t index) const {
  return TypeFrom(duckdb_vector_get_column_type(
      duckdb_data_chunk_get_vector(static_cast<duckdb_data_chunk>(chunk_), index)));
}

ResultWriter::ResultWriter(void* vector)
    : vector_(vector), data_(duckdb_vector_get_data(static_cast<duckdb_vector>(vector))) {}

void ResultWriter::SetBytes(std::uint64_t row, std::string_view bytes) {
  duckdb_unsafe_vector_assign_string_element_len(static_cast<duckdb_vector>(vector_), row,
                                                 bytes.data(), bytes.size());
}

void ResultWriter::SetNull(std::uint64_t row) {
  const auto vector = static_cast<duckdb_vector>(vector_);
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
}

Status Register(Connection& connection, ScalarFunction function) {
  duckdb_scalar_function native = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(native, function.name.c_str());
  for (const TypeId id : function.parameters) {
    duckdb_logical_type type = NativeType(id);
    duckdb_scalar_function_add_parameter(native, type);
    duckdb_destroy_logical_type(&type);
  }
  if (function.takes_more) {
    duckdb_logical_type type = NativeType(function.parameters.back());
    duckdb_scalar_function_set_varargs(native, type);
    duckdb_destroy_logical_type(&type);
  }
  duckdb_logical_type result = function.result == TypeId::kInvalid
                                   ? NativeType(function.nested_result)
                                   : NativeType(function.result);
  duckdb_scalar_function_set_return_type(native, result);
  duckdb_destroy_logical_type(&result);
  // NULL arguments reach `evaluate`, which alone decides what they mean.
  duckdb_scalar_function_set_special_handling(native);
  const std::string name = function.name;
  auto owned = std::make_unique<ScalarFunction>(std::move(function));
  duckdb_scalar_function_set_extra_info(native, owned.release(), Delete);
  duckdb_scalar_function_set_function(native, Evaluate);
  const auto state =
      duckdb_register_scalar_function(static_cast<duckdb_connection>(connection.native()), native);
  duckdb_destroy_scalar_function(&native);
  if (state != DuckDBSuccess) {
    return Fail(ErrorCode::kIo, "DuckDB does not take the scalar function {}", name);
  }
  return {};
}

}  // namespace st::sql
