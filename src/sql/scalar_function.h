// A scalar function of SQL whose values this program computes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/chunk.h"
#include "sql/database.h"
#include "sql/vector_writer.h"

namespace st::sql {

// The arguments of some rows, a column each.
class Arguments {
 public:
  explicit Arguments(void* chunk) : chunk_(chunk) {}
  std::uint64_t rows() const;
  std::uint64_t columns() const;
  VectorView Column(std::uint64_t index) const;
  Type TypeOf(std::uint64_t index) const;

 private:
  void* chunk_;
};

// The values that a scalar function returns, a row each.
class ResultWriter {
 public:
  explicit ResultWriter(void* vector);
  // Values of fixed size. Requires: T is how the function's result is stored.
  template <typename T>
  void Set(std::uint64_t row, T value) {
    static_cast<T*>(data_)[row] = value;
  }
  // Copies the bytes, for kVarchar and kBlob. Requires: of kVarchar, they are valid UTF-8.
  void SetBytes(std::uint64_t row, std::string_view bytes);
  void SetNull(std::uint64_t row);
  // The whole column, for a result of a nested type.
  VectorWriter column() const { return VectorWriter(vector_); }

 private:
  void* vector_;
  void* data_;
};

struct ScalarFunction {
  std::string name;
  std::vector<TypeId> parameters;  // plain types, or kAny
  TypeId result = TypeId::kInvalid;
  Type nested_result = {};  // in place of `result`: kList, kMap or kStruct with its parts
  bool takes_more = false;  // any number of further arguments, of the last parameter's type
  // Sets the result of each row. An error fails the query with its message. The function must
  // depend on the arguments alone: DuckDB may call it once for equal ones.
  std::function<Status(const Arguments& arguments, ResultWriter& to)> evaluate;
};

// Registers `function` in the connection's database for good. An error of `evaluate` keeps its
// message, not its code: KindOf is kInvalidInput.
Status Register(Connection& connection, ScalarFunction function);

}  // namespace st::sql
