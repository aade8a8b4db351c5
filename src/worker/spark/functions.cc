#include "worker/spark/functions.h"

#include "worker/spark/cast_functions.h"
#include "worker/spark/encoding_functions.h"
#include "worker/spark/interval_functions.h"
#include "worker/spark/json_fields.h"
#include "worker/spark/nested_functions.h"
#include "worker/spark/number_functions.h"
#include "worker/spark/text_functions.h"
#include "worker/spark/time_functions.h"

namespace st::worker::spark {

Status RegisterFunctions(sql::Connection& connection) {
  for (auto& unit : {CastFunctions(), EncodingFunctions(), IntervalFunctions(), NestedFunctions(),
                     NumberFunctions(), TextFunctions(), TimeFunctions()}) {
    for (const auto& function : unit) ST_TRY_STATUS(sql::Register(connection, function));
  }
  return sql::Register(connection, JsonFieldsFunction());
}

}  // namespace st::worker::spark
