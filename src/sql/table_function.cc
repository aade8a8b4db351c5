#include "sql/table_function.h"

#include <utility>

#include "sql/native.h"

namespace st::sql {
namespace {

struct ScanState {
  std::unique_ptr<TableScan> scan;
  std::size_t columns = 0;
};

template <typename T>
void Delete(void* pointer) {
  delete static_cast<T*>(pointer);
}

void Bind(duckdb_bind_info info) {
  const auto* function = static_cast<const TableFunction*>(duckdb_bind_get_extra_info(info));
  for (const auto& column : function->columns) {
    duckdb_logical_type type = NativeType(column.type);
    duckdb_bind_add_result_column(info, column.name.c_str(), type);
    duckdb_destroy_logical_type(&type);
  }
}

void Init(duckdb_init_info info) {
  const auto* function = static_cast<const TableFunction*>(duckdb_init_get_extra_info(info));
  std::vector<std::size_t> wanted(duckdb_init_get_column_count(info));
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    // If DuckDB only counts rows it asks for a row id, whose index is beyond the columns.
    wanted[i] = duckdb_init_get_column_index(info, i);
  }
  auto scan = function->begin(wanted);
  if (!scan) {
    duckdb_init_set_error(info, scan.error().message().c_str());
    return;
  }
  duckdb_init_set_max_threads(info, 1);
  auto state = std::make_unique<ScanState>(ScanState{std::move(*scan), wanted.size()});
  duckdb_init_set_init_data(info, state.release(), Delete<ScanState>);
}

void Fill(duckdb_function_info info, duckdb_data_chunk chunk) {
  auto* state = static_cast<ScanState*>(duckdb_function_get_init_data(info));
  ChunkWriter writer(chunk, state->columns);
  const auto rows = state->scan->Fill(writer);
  if (!rows) {
    duckdb_function_set_error(info, rows.error().message().c_str());
    duckdb_data_chunk_set_size(chunk, 0);
    return;
  }
  duckdb_data_chunk_set_size(chunk, *rows);
}

}  // namespace

ChunkWriter::ChunkWriter(void* chunk, std::size_t columns) : capacity_(duckdb_vector_size()) {
  for (std::size_t i = 0; i < columns; ++i) {
    const auto vector = duckdb_data_chunk_get_vector(static_cast<duckdb_data_chunk>(chunk), i);
    vectors_.push_back(vector);
    data_.push_back(duckdb_vector_get_data(vector));
  }
}

void ChunkWriter::SetBytes(std::size_t column, std::uint64_t row, std::string_view bytes) {
  duckdb_unsafe_vector_assign_string_element_len(static_cast<duckdb_vector>(vectors_[column]), row,
                                                 bytes.data(), bytes.size());
}

void ChunkWriter::SetNull(std::size_t column, std::uint64_t row) {
  const auto vector = static_cast<duckdb_vector>(vectors_[column]);
  duckdb_vector_ensure_validity_writable(vector);
  duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
}

Status Register(Connection& connection, TableFunction function) {
  duckdb_table_function native = duckdb_create_table_function();
  duckdb_table_function_set_name(native, function.name.c_str());
  const std::string name = function.name;
  auto owned = std::make_unique<TableFunction>(std::move(function));
  duckdb_table_function_set_extra_info(native, owned.release(), Delete<TableFunction>);
  duckdb_table_function_set_bind(native, Bind);
  duckdb_table_function_set_init(native, Init);
  duckdb_table_function_set_function(native, Fill);
  duckdb_table_function_supports_projection_pushdown(native, true);
  const auto state =
      duckdb_register_table_function(static_cast<duckdb_connection>(connection.native()), native);
  duckdb_destroy_table_function(&native);
  if (state != DuckDBSuccess) {
    return Fail(ErrorCode::kIo, "DuckDB does not take the table function {}", name);
  }
  return {};
}

}  // namespace st::sql
