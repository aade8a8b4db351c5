#include "worker/query/functions.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.h"

namespace st::worker::query {
namespace {

// The allowed functions, in lower case. Beside functions with effects outside the query, two kinds
// are left out: those that Trino has with another meaning (repeat, md5, url_encode), and those for
// DuckDB's own use.
constexpr std::string_view kAllowed = R"(
!~~ !~~* % & * ** + - / // << >> ^ ^@ abs acos acosh add age any_value approx_count_distinct
approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min arg_min_null argmax argmin
array_agg array_append array_cat array_concat array_contains array_distinct array_extract
array_filter array_has array_has_all array_has_any array_indexof array_intersect array_join
array_length array_max array_min array_position array_prepend array_remove array_resize
array_reverse array_select array_slice array_sort array_to_json array_to_string array_transform
array_union array_unique array_value array_where array_zip arrays_overlap ascii asin asinh
at_timezone atan atan2 atanh avg bin bit_and bit_count bit_length bit_or bit_xor bitwise_and
bitwise_not bitwise_or bitwise_xor bool_and bool_or cardinality cbrt ceil ceiling century
char_length character_length chr codepoint concat concat_ws contains corr cos cosh cot count
count_if count_star countif covar_pop covar_samp cume_dist current_catalog current_database
current_date current_localtime current_localtimestamp current_schema current_user
damerau_levenshtein date date_add date_diff date_format date_part date_trunc datepart day dayname
dayofmonth dayofweek dayofyear decade decode degrees dense_rank divide e element_at encode
ends_with entropy epoch epoch_ms epoch_ns epoch_us era even exp factorial fdiv filter first
first_value flatten floor fmod format_bytes formatreadablesize from_base64 from_binary from_hex
from_iso8601_date from_iso8601_timestamp from_json from_utf8 gamma gcd gen_random_uuid
generate_series geomean geometric_mean get_current_time get_current_timestamp greatest
greatest_common_divisor group_concat hamming hash hex histogram hour if ilike_escape infinity
instr is_json_scalar isfinite isinf isnan isodow isoyear jaccard jaro_similarity
jaro_winkler_similarity json json_array json_array_length json_contains json_extract
json_extract_path json_extract_path_text json_extract_scalar json_extract_string json_format
json_group_array json_group_object json_keys json_merge_patch json_object json_parse json_pretty
json_quote json_size json_structure json_transform json_type json_valid julian kurtosis
kurtosis_pop lag last last_day last_value lcase lcm lead least least_common_multiple left len
length levenshtein lgamma like_escape list list_any_value list_append list_avg list_bool_and
list_bool_or list_cat list_concat list_contains list_count list_distinct list_element list_extract
list_filter list_first list_has list_has_all list_has_any list_indexof list_intersect list_last
list_max list_median list_min list_mode list_pack list_position list_prepend list_product
list_reduce list_resize list_reverse list_reverse_sort list_select list_slice list_sort list_sum
list_transform list_unique list_value list_where list_zip listagg ln log log10 log2 lower lpad
ltrim mad make_date make_time make_timestamp make_timestamptz map map_concat map_contains
map_contains_entry map_contains_value map_entries map_extract map_extract_value map_from_entries
map_keys map_values max max_by mean median microsecond millennium millisecond min min_by minute
mod mode month monthname multiply nan nanosecond nextafter nfc_normalize not_ilike_escape
not_like_escape now nth_value ntile nullif octet_length ord percent_rank pi position pow power
prefix printf product quantile quantile_cont quantile_disc quarter radians random range rank
rank_dense reduce regexp_count regexp_escape regexp_extract regexp_extract_all regexp_full_match
regexp_matches regexp_replace regexp_split_to_array regr_avgx regr_avgy regr_count regr_intercept
regr_r2 regr_slope regr_sxx regr_sxy regr_syy replace reservoir_quantile reverse right round
round_even row row_number row_to_json rpad rtrim second sem sequence session_user sign signbit sin
sinh slice split split_part split_to_map sqrt starts_with stddev stddev_pop stddev_samp str_split
str_split_regex strftime string_agg string_split string_split_regex string_to_array strip_accents
strlen strpos strptime struct_concat struct_extract struct_extract_at struct_insert struct_keys
struct_pack struct_values substr substring subtract suffix sum tan tanh time_bucket timezone
to_base64 to_binary to_centuries to_days to_decades to_hours to_iso8601 to_json to_microseconds
to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp to_weeks
to_years today transaction_timestamp translate trim trunc try_strptime typeof ucase unbin unhex
unicode unnest upper user uuid uuid_extract_timestamp var_pop var_samp variance version wavg week
weekday weekofyear weighted_avg xor year yearweek | || ~ ~~ ~~* ~~~
)";

constexpr std::array<std::string_view, 3> kAllowedTableFunctions = {"generate_series", "range",
                                                                    "unnest"};

// Pairs of Trino's name and DuckDB's, sorted. Aggregates are here and not in macros.sql, since
// macros take neither DISTINCT nor FILTER.
constexpr auto kRenamed = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"approx_distinct", "approx_count_distinct"},
    {"approx_percentile", "approx_quantile"},
    {"arbitrary", "any_value"},
    {"bitwise_and_agg", "bit_and"},
    {"bitwise_or_agg", "bit_or"},
    {"bitwise_xor_agg", "bit_xor"},
    {"cardinality", "len"},
    {"day_of_month", "day"},
    {"day_of_week", "isodow"},
    {"day_of_year", "dayofyear"},
    {"dow", "isodow"},
    {"doy", "dayofyear"},
    {"every", "bool_and"},
    {"from_unixtime", "to_timestamp"},
    {"hamming_distance", "hamming"},
    {"is_finite", "isfinite"},
    {"is_infinite", "isinf"},
    {"is_nan", "isnan"},
    {"last_day_of_month", "last_day"},
    {"levenshtein_distance", "levenshtein"},
    {"max_by", "arg_max_null"},
    {"min_by", "arg_min_null"},
    {"rand", "random"},
    {"regexp_like", "regexp_matches"},
    {"regexp_split", "regexp_split_to_array"},
    {"to_hex", "hex"},
    {"to_unixtime", "epoch"},
    {"to_utf8", "encode"},
    {"transform", "list_transform"},
    {"truncate", "trunc"},
    {"week_of_year", "weekofyear"},
    {"year_of_week", "isoyear"},
    {"yow", "isoyear"},
});
static_assert(std::ranges::is_sorted(kRenamed));

const std::vector<std::string_view>& AllowedNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    for (const std::string_view line : Split(kAllowed, '\n')) {
      for (const std::string_view name : Split(line, ' ')) {
        if (!name.empty()) out.push_back(name);
      }
    }
    std::ranges::sort(out);
    return out;
  }();
  return names;
}

}  // namespace

bool IsAllowedFunction(std::string_view name) {
  return std::ranges::binary_search(AllowedNames(), name);
}

bool IsAllowedTableFunction(std::string_view name) {
  return std::ranges::binary_search(kAllowedTableFunctions, name);
}

std::string NearestFunction(std::string_view name) {
  std::vector<std::string> names(AllowedNames().begin(), AllowedNames().end());
  for (const auto& [trino, duck] : kRenamed) names.emplace_back(trino);
  return NearestName(name, names).value_or("");
}

std::string_view DuckFunctionName(std::string_view name) {
  const auto* const found = std::ranges::lower_bound(
      kRenamed, name, {}, &std::pair<std::string_view, std::string_view>::first);
  return found != kRenamed.end() && found->first == name ? found->second : std::string_view();
}

}  // namespace st::worker::query
