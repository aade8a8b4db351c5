#include "dialect/spark/refused_functions.h"

#include <algorithm>
#include <array>
#include <span>

namespace st::dialect::spark {
namespace {

using Names = std::span<const std::string_view>;

struct Group {
  std::string_view why;
  Names names;
};

constexpr auto kAggregates = std::to_array<std::string_view>({"any",
                                                              "any_value",
                                                              "approx_count_distinct",
                                                              "approx_percentile",
                                                              "approx_top_k",
                                                              "approx_top_k_accumulate",
                                                              "approx_top_k_combine",
                                                              "array_agg",
                                                              "avg",
                                                              "bit_and",
                                                              "bit_or",
                                                              "bit_xor",
                                                              "bitmap_and_agg",
                                                              "bitmap_construct_agg",
                                                              "bitmap_or_agg",
                                                              "bool_and",
                                                              "bool_or",
                                                              "collect_list",
                                                              "collect_set",
                                                              "corr",
                                                              "count",
                                                              "count_if",
                                                              "count_min_sketch",
                                                              "covar_pop",
                                                              "covar_samp",
                                                              "cume_dist",
                                                              "dense_rank",
                                                              "every",
                                                              "first",
                                                              "first_value",
                                                              "grouping",
                                                              "grouping_id",
                                                              "histogram_numeric",
                                                              "hll_sketch_agg",
                                                              "hll_union_agg",
                                                              "kll_sketch_agg_bigint",
                                                              "kll_sketch_agg_double",
                                                              "kll_sketch_agg_float",
                                                              "kurtosis",
                                                              "lag",
                                                              "last",
                                                              "last_value",
                                                              "lead",
                                                              "listagg",
                                                              "max",
                                                              "max_by",
                                                              "mean",
                                                              "median",
                                                              "min",
                                                              "min_by",
                                                              "mode",
                                                              "nth_value",
                                                              "ntile",
                                                              "percent_rank",
                                                              "percentile",
                                                              "percentile_approx",
                                                              "percentile_cont",
                                                              "percentile_disc",
                                                              "rank",
                                                              "regr_avgx",
                                                              "regr_avgy",
                                                              "regr_count",
                                                              "regr_intercept",
                                                              "regr_r2",
                                                              "regr_slope",
                                                              "regr_sxx",
                                                              "regr_sxy",
                                                              "regr_syy",
                                                              "row_number",
                                                              "schema_of_variant_agg",
                                                              "session_window",
                                                              "skewness",
                                                              "some",
                                                              "std",
                                                              "stddev",
                                                              "stddev_pop",
                                                              "stddev_samp",
                                                              "string_agg",
                                                              "sum",
                                                              "theta_intersection_agg",
                                                              "theta_sketch_agg",
                                                              "theta_union_agg",
                                                              "try_avg",
                                                              "try_sum",
                                                              "var_pop",
                                                              "var_samp",
                                                              "variance",
                                                              "window",
                                                              "window_time"});

constexpr auto kRowMakers = std::to_array<std::string_view>(
    {"json_tuple", "stack", "range", "variant_explode", "variant_explode_outer", "collations",
     "sql_keywords", "python_worker_logs"});

constexpr auto kSketches = std::to_array<std::string_view>({"approx_top_k_estimate",
                                                            "hll_sketch_estimate",
                                                            "hll_union",
                                                            "kll_sketch_get_n_bigint",
                                                            "kll_sketch_get_n_double",
                                                            "kll_sketch_get_n_float",
                                                            "kll_sketch_get_quantile_bigint",
                                                            "kll_sketch_get_quantile_double",
                                                            "kll_sketch_get_quantile_float",
                                                            "kll_sketch_get_rank_bigint",
                                                            "kll_sketch_get_rank_double",
                                                            "kll_sketch_get_rank_float",
                                                            "kll_sketch_merge_bigint",
                                                            "kll_sketch_merge_double",
                                                            "kll_sketch_merge_float",
                                                            "kll_sketch_to_string_bigint",
                                                            "kll_sketch_to_string_double",
                                                            "kll_sketch_to_string_float",
                                                            "theta_difference",
                                                            "theta_intersection",
                                                            "theta_sketch_estimate",
                                                            "theta_union"});

constexpr auto kOtherTypes = std::to_array<std::string_view>({"is_variant_null",
                                                              "parse_json",
                                                              "try_parse_json",
                                                              "schema_of_variant",
                                                              "to_variant_object",
                                                              "try_variant_get",
                                                              "variant_get",
                                                              "make_time",
                                                              "time",
                                                              "time_diff",
                                                              "time_trunc",
                                                              "to_time",
                                                              "try_to_time",
                                                              "smallint",
                                                              "tinyint",
                                                              "st_asbinary",
                                                              "st_geogfromwkb",
                                                              "st_geomfromwkb",
                                                              "st_setsrid",
                                                              "st_srid"});

constexpr auto kFormats = std::to_array<std::string_view>(
    {"from_csv",  "schema_of_csv",  "to_csv",        "from_xml",      "schema_of_xml",
     "to_xml",    "xpath",          "xpath_boolean", "xpath_double",  "xpath_float",
     "xpath_int", "xpath_long",     "xpath_number",  "xpath_short",   "xpath_string",
     "from_avro", "schema_of_avro", "to_avro",       "from_protobuf", "to_protobuf"});

constexpr auto kPatterns =
    std::to_array<std::string_view>({"format_string", "printf", "to_char", "to_varchar",
                                     "to_number", "try_to_number", "sentences"});

constexpr auto kOutside =
    std::to_array<std::string_view>({"java_method", "reflect", "try_reflect", "aes_decrypt",
                                     "aes_encrypt", "try_aes_decrypt", "collate", "collation"});

constexpr std::array<Group, 7> kGroups = {{
    {"it looks at more than one record, so it needs a window, which is not supported yet; "
     "aggregate "
     "the table when you query it",
     kAggregates},
    {"it makes rows in a way that is not supported; explode, posexplode and inline do", kRowMakers},
    {"sketches are not supported", kSketches},
    {"tables here have no VARIANT, TIME, TINYINT, SMALLINT or GEOMETRY", kOtherTypes},
    {"CSV, XML, Avro and Protobuf are not supported", kFormats},
    {"patterns of numbers, Java's formats and sentences are not supported", kPatterns},
    {"calls of Java, keys and collations are not supported", kOutside},
}};

}  // namespace

std::optional<std::string_view> WhyRefused(std::string_view name) {
  for (const auto& group : kGroups) {
    if (std::ranges::find(group.names, name) != group.names.end()) return group.why;
  }
  return std::nullopt;
}

}  // namespace st::dialect::spark
